/** What a Qwen2-VL model is made of, from its config alone. */
import type { BackboneDescription } from "../backbone.js";
import { describeParameters } from "../description.js";
import type { Qwen2VLConfig } from "./config.js";
import { HEAD, LANGUAGE, PROJECTOR, qwen2VLParameterShapes, VISION } from "./parameters.js";

/** Pixels of an image of the largest size: `max_pixels` in the `preprocessor_config.json` of the published models. */
const MAX_PIXELS = 12_845_056;

/** Modules, parts, parameter counts and work. */
export function describeQwen2VL(config: Qwen2VLConfig): BackboneDescription {
  const { vision, text } = config;
  // Sides are rounded to whole features, so that this many always fit.
  const features = Math.floor(MAX_PIXELS / (vision.patchSize * vision.mergeSize) ** 2);
  return describeParameters(qwen2VLParameterShapes(config), {
    family: "qwen2_vl",
    parts: [
      { name: "vision", prefix: VISION },
      { name: "projector", prefix: PROJECTOR },
      { name: "language", prefix: LANGUAGE },
    ],
    head: { path: HEAD, inFeatures: text.hiddenSize, outFeatures: text.vocabSize },
    textPart: "language",
    attention: [
      {
        part: "vision",
        keysOf: "vision",
        within: "image",
        layers: vision.layers,
        width: vision.width,
        heads: vision.heads,
      },
      {
        part: "language",
        keysOf: "language",
        within: "example",
        layers: text.layers,
        width: text.heads * text.headDim,
        heads: text.heads,
      },
    ],
    positionsPerImage: { vision: features * vision.mergeSize ** 2, projector: features, language: features },
  });
}
