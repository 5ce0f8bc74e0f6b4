/** Every parameter of a LLaVA model: its name in transformers >= 4.52, the last before the level `vision_model` was taken out, and its shape. */
import type { Shape } from "../../graph/types.js";
import { decoderShapes } from "../decoder.js";
import { encoderLayerShapes, layerNormShapes, patchesPerSide } from "../vision-encoder.js";
import type { LlavaConfig } from "./config.js";

/** All of the tower lies under this path, so its second level need not be written in patterns. */
export const VISION = "model.vision_tower.vision_model";
export const PROJECTOR = "model.multi_modal_projector";
export const LANGUAGE = "model.language_model";
export const HEAD = "lm_head";

/** Patches of an image and its class token. */
export const positionsOfTower = ({ vision }: LlavaConfig): number => patchesPerSide(vision) ** 2 + 1;

/** Name and shape of every parameter, in the order of the forward pass. */
export function llavaParameterShapes(config: LlavaConfig): ReadonlyMap<string, Shape> {
  const { vision, text } = config;
  const { hiddenSize: hidden, channels, patchSize } = vision;
  const projector = function* (path: string, into: number): Iterable<readonly [string, Shape]> {
    yield [`${path}.weight`, [text.hiddenSize, into]];
    if (config.projectorBias) yield [`${path}.bias`, [text.hiddenSize]];
  };
  return new Map<string, Shape>([
    [`${VISION}.embeddings.class_embedding`, [hidden]],
    [`${VISION}.embeddings.patch_embedding.weight`, [hidden, channels, patchSize, patchSize]],
    [`${VISION}.embeddings.position_embedding.weight`, [positionsOfTower(config), hidden]],
    // So spelled in transformers.
    ...layerNormShapes(`${VISION}.pre_layrnorm`, hidden),
    ...encoderLayerShapes(`${VISION}.encoder`, vision),
    ...layerNormShapes(`${VISION}.post_layernorm`, hidden),
    ...projector(`${PROJECTOR}.linear_1`, hidden * config.featureDepths.length),
    ...projector(`${PROJECTOR}.linear_2`, text.hiddenSize),
    ...decoderShapes(LANGUAGE, HEAD, text),
  ]);
}
