/** What a LLaVA model is made of, from its config alone. */
import type { BackboneDescription } from "../backbone.js";
import { describeParameters } from "../description.js";
import type { LlavaConfig } from "./config.js";
import { HEAD, LANGUAGE, llavaParameterShapes, PROJECTOR, positionsOfTower, VISION } from "./parameters.js";

/** A layer of the tower, by its path. */
const TOWER_LAYER = /\.vision_model\.encoder\.layers\.(\d+)\./;

/** Modules, parts, parameter counts and work. Images come in one size, so each is of the largest. */
export function describeLlava(config: LlavaConfig): BackboneDescription {
  const { vision, text } = config;
  const usedLayers = Math.max(...config.featureDepths);
  const positions = positionsOfTower(config);
  const features = config.keepsClassToken ? positions : positions - 1;
  return describeParameters(llavaParameterShapes(config), {
    family: "llava",
    parts: [
      { name: "vision", prefix: VISION },
      { name: "projector", prefix: PROJECTOR },
      { name: "language", prefix: LANGUAGE },
    ],
    head: { path: HEAD, inFeatures: text.hiddenSize, outFeatures: text.vocabSize },
    textPart: "language",
    // The published models take the last but one output of the tower: its last layer is loaded, but nothing comes of it and no gradient reaches it.
    isUnused: (path) => Number(TOWER_LAYER.exec(path)?.[1] ?? -1) >= usedLayers,
    attention: [
      {
        part: "vision",
        keysOf: "vision",
        within: "image",
        layers: usedLayers,
        width: vision.hiddenSize,
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
    positionsPerImage: { vision: positions, projector: features, language: features },
  });
}
