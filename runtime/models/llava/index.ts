/**
 * LLaVA 1.5: a CLIP tower of which one layer's output is used, a projector of two linear layers, and a Llama. Described only; there is no graph yet.
 * Reference: transformers 4.57.6, `models/llava/modeling_llava.py` and `models/clip/modeling_clip.py`.
 */
import type { BackboneOutline } from "../backbone.js";
import { parseLlavaConfig } from "./config.js";
import { describeLlava } from "./description.js";
import { llavaParameterShapes } from "./parameters.js";

/** What a parsed `config.json` stands for. Throws a `UserError` that names `place` and the field at fault. */
export function llava(json: unknown, place: string): BackboneOutline {
  const config = parseLlavaConfig(json, place);
  return { description: describeLlava(config), parameterShapes: llavaParameterShapes(config) };
}
