/**
 * Llama 3.2 Vision (Mllama): a tiled vision tower, a projector, and a Llama with gated cross-attention layers.
 * Reference: transformers 4.57.6, `models/mllama/modeling_mllama.py`.
 */
import type { BackboneArchitecture } from "../backbone.js";
import { EXTRA_EMBEDDING_ROWS, parseMllamaConfig } from "./config.js";
import { describeMllama } from "./description.js";
import { buildMllamaLogits, mllamaInputs } from "./graph.js";
import { canonicalName, mllamaParameterShapes } from "./parameters.js";

/** The architecture a parsed `config.json` stands for. Throws a `UserError` that names `place` and the field at fault. */
export function mllama(json: unknown, place: string): BackboneArchitecture {
  const config = parseMllamaConfig(json, place);
  const description = describeMllama(config);
  const parameterShapes = mllamaParameterShapes(config);
  return {
    description,
    vocabularySize: config.text.vocabSize,
    embeddingRows: config.text.vocabSize + EXTRA_EMBEDDING_ROWS,
    maxPositions: config.text.maxPositions,
    images: {
      imageToken: config.imageToken,
      channels: config.vision.channels,
      tileSize: config.vision.imageSize,
      patchSize: config.vision.patchSize,
      maxTiles: config.vision.maxTiles,
      aspectRatios: config.vision.aspectRatios,
    },
    parameterShapes,
    canonicalName,
    inputs: (shape) => mllamaInputs(config, shape),
    buildLogits: (builder, shape, parameters, linear) =>
      buildMllamaLogits(builder, config, description, parameterShapes, shape, parameters, linear),
  };
}
