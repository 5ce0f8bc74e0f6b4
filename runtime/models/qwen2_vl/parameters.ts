/** Every parameter of a Qwen2-VL model: its name in transformers >= 4.52 and its shape. */
import type { Shape } from "../../graph/types.js";
import { decoderShapes } from "../decoder.js";
import { layerNormShapes, linearShapes } from "../vision-encoder.js";
import type { Qwen2VLConfig } from "./config.js";

export const VISION = "model.visual";
/** The merger lies within the tower, but is what other families call a projector. */
export const PROJECTOR = `${VISION}.merger`;
export const LANGUAGE = "model.language_model";
export const HEAD = "lm_head";

/** Name and shape of every parameter, in the order of the forward pass. */
export function qwen2VLParameterShapes(config: Qwen2VLConfig): ReadonlyMap<string, Shape> {
  return new Map<string, Shape>([...visionShapes(config), ...decoderShapes(LANGUAGE, HEAD, config.text)]);
}

function* visionShapes({ vision, text }: Qwen2VLConfig): Iterable<readonly [string, Shape]> {
  const { width, intermediateSize: inner, channels, frames, patchSize } = vision;
  yield [`${VISION}.patch_embed.proj.weight`, [width, channels, frames, patchSize, patchSize]];
  for (let index = 0; index < vision.layers; index++) {
    const block = `${VISION}.blocks.${index}`;
    yield* layerNormShapes(`${block}.norm1`, width);
    yield* linearShapes(`${block}.attn.qkv`, 3 * width, width);
    yield* linearShapes(`${block}.attn.proj`, width, width);
    yield* layerNormShapes(`${block}.norm2`, width);
    yield* linearShapes(`${block}.mlp.fc1`, inner, width);
    yield* linearShapes(`${block}.mlp.fc2`, width, inner);
  }
  const merged = width * vision.mergeSize ** 2;
  yield* layerNormShapes(`${PROJECTOR}.ln_q`, width);
  yield* linearShapes(`${PROJECTOR}.mlp.0`, merged, merged);
  yield* linearShapes(`${PROJECTOR}.mlp.2`, text.hiddenSize, merged);
}
