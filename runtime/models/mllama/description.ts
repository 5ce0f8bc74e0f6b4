/** What an Mllama model is made of, from its config alone. */
import type { BackboneDescription } from "../backbone.js";
import { describeParameters } from "../description.js";
import { type MllamaConfig, paddedTokensPerTile, tokensPerTile } from "./config.js";
import { HEAD, LANGUAGE, mllamaParameterShapes, PROJECTOR, VISION } from "./parameters.js";

/** Modules, parts, parameter counts and work. */
export function describeMllama(config: MllamaConfig): BackboneDescription {
  const { vision, text } = config;
  const crossLayers = text.crossAttentionLayers.length;
  const language = {
    part: "language",
    within: "example",
    width: text.heads * text.headDim,
    heads: text.heads,
  } as const;
  return describeParameters(mllamaParameterShapes(config), {
    family: "mllama",
    parts: [
      { name: "vision", prefix: VISION },
      { name: "projector", prefix: PROJECTOR },
      { name: "language", prefix: LANGUAGE },
    ],
    head: { path: HEAD, inFeatures: text.hiddenSize, outFeatures: text.vocabSize },
    textPart: "language",
    // Keys and values of cross-attention are made of the projected image.
    positionsOf: (path) => (/\.cross_attn\.[kv]_proj$/.test(path) ? "projector" : undefined),
    attention: [
      {
        part: "vision",
        keysOf: "vision",
        within: "image",
        layers: vision.layers + vision.globalLayers,
        width: vision.hiddenSize,
        heads: vision.heads,
      },
      { ...language, keysOf: "language", layers: text.layers - crossLayers },
      { ...language, keysOf: "projector", layers: crossLayers },
    ],
    positionsPerImage: {
      // The encoders see tiles padded to a multiple of 8; what is projected is not.
      vision: vision.maxTiles * paddedTokensPerTile(vision),
      projector: vision.maxTiles * tokensPerTile(vision),
      language: 1,
    },
  });
}
