/** What an Idefics3 or SmolVLM model is made of, from its config alone. */
import type { BackboneDescription } from "../backbone.js";
import { describeParameters } from "../description.js";
import { patchesPerSide } from "../vision-encoder.js";
import type { Idefics3Config } from "./config.js";
import { HEAD, idefics3ParameterShapes, LANGUAGE, PROJECTOR, VISION } from "./parameters.js";

/**
 * Tiles a side of an image of the largest size. The processors published with SmolVLM and Idefics3 bring every image's longer side to four tiles
 * (`size.longest_edge` is 4 x `max_image_size.longest_edge`; `Idefics3ImageProcessor` has that default too); a square image fills them all.
 */
const TILES_PER_SIDE = 4;
/** The tiles, and the whole image once more in the size of one tile. */
const TILES = TILES_PER_SIDE ** 2 + 1;

/** Modules, parts, parameter counts and work. Marks that the processor puts around tiles in the text are not counted as positions of the image. */
export function describeIdefics3(config: Idefics3Config): BackboneDescription {
  const { vision, text, scaleFactor } = config;
  const patches = patchesPerSide(vision) ** 2;
  const features = patches / scaleFactor ** 2;
  return describeParameters(idefics3ParameterShapes(config), {
    family: "idefics3",
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
        keysOf: "tile",
        within: "image",
        layers: vision.layers,
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
    positionsPerImage: {
      vision: TILES * patches,
      tile: patches,
      projector: TILES * features,
      language: TILES * features,
    },
  });
}
