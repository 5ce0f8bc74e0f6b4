/** Every parameter of an Idefics3 or SmolVLM model: its name in transformers >= 4.52 and its shape. */
import type { Shape } from "../../graph/types.js";
import { decoderShapes } from "../decoder.js";
import { encoderLayerShapes, layerNormShapes, patchesPerSide } from "../vision-encoder.js";
import type { Idefics3Config } from "./config.js";

export const VISION = "model.vision_model";
export const PROJECTOR = "model.connector";
export const LANGUAGE = "model.text_model";
export const HEAD = "lm_head";

/** Name and shape of every parameter, in the order of the forward pass. */
export function idefics3ParameterShapes({ vision, text, scaleFactor }: Idefics3Config): ReadonlyMap<string, Shape> {
  const { hiddenSize: hidden, channels, patchSize } = vision;
  return new Map<string, Shape>([
    [`${VISION}.embeddings.patch_embedding.weight`, [hidden, channels, patchSize, patchSize]],
    [`${VISION}.embeddings.patch_embedding.bias`, [hidden]],
    [`${VISION}.embeddings.position_embedding.weight`, [patchesPerSide(vision) ** 2, hidden]],
    ...encoderLayerShapes(`${VISION}.encoder`, vision),
    ...layerNormShapes(`${VISION}.post_layernorm`, hidden),
    [`${PROJECTOR}.modality_projection.proj.weight`, [text.hiddenSize, hidden * scaleFactor ** 2]],
    ...decoderShapes(LANGUAGE, HEAD, text),
  ]);
}
