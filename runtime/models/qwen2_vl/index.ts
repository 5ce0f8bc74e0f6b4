/**
 * Qwen2-VL: a vision tower over images of any size, a merger of 2 x 2 patches, and a decoder with biases on queries, keys and values.
 * Described only; there is no graph yet. Reference: transformers 4.57.6, `models/qwen2_vl/modeling_qwen2_vl.py`.
 */
import type { BackboneOutline } from "../backbone.js";
import { parseQwen2VLConfig } from "./config.js";
import { describeQwen2VL } from "./description.js";
import { qwen2VLParameterShapes } from "./parameters.js";

/** What a parsed `config.json` stands for. Throws a `UserError` that names `place` and the field at fault. */
export function qwen2vl(json: unknown, place: string): BackboneOutline {
  const config = parseQwen2VLConfig(json, place);
  return { description: describeQwen2VL(config), parameterShapes: qwen2VLParameterShapes(config) };
}
