/**
 * SmolVLM and Idefics3: a SigLIP tower over tiles, a pixel shuffle with one linear layer, and a Llama. Described only; there is no graph yet.
 * Reference: transformers 4.57.6, `models/idefics3/modeling_idefics3.py`; `models/smolvlm` has the same modules.
 */
import type { BackboneOutline } from "../backbone.js";
import { parseIdefics3Config } from "./config.js";
import { describeIdefics3 } from "./description.js";
import { idefics3ParameterShapes } from "./parameters.js";

/** What a parsed `config.json` stands for. Throws a `UserError` that names `place` and the field at fault. */
export function idefics3(json: unknown, place: string): BackboneOutline {
  const config = parseIdefics3Config(json, place);
  return { description: describeIdefics3(config), parameterShapes: idefics3ParameterShapes(config) };
}
