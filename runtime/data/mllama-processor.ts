/** Mllama's image processor: canvas, resize, pad, rescale, normalise, split into tiles, cut into patches. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../formats/errors.js";
import { asRecord, readJsonFile } from "../formats/json-file.js";
import type { HostTensor } from "../graph/types.js";
import type { ImageGeometry } from "../models/backbone.js";
import { patchify } from "../models/patches.js";
import { chooseCanvas, fitToCanvas } from "./canvas.js";
import { crossAttentionMask } from "./cross-attention-mask.js";
import type { RgbImage } from "./images.js";
import { FILTERS, resizeImage } from "./resample.js";

/** Turns the images of one example into the backbone's image inputs, without the batch dimension. */
export interface ImageProcessor {
  /** `inputIds` holds one image token for every image. No images give no inputs. */
  process(images: readonly RgbImage[], inputIds: Int32Array): Readonly<Record<string, HostTensor>>;
}

/** What `preprocessor_config.json` settles. */
interface Settings {
  readonly filter: number;
  /** value · scale + offset, for each channel. */
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

const CHANNELS = 3;
/** transformers' IMAGENET_STANDARD_MEAN and IMAGENET_STANDARD_STD. */
const DEFAULT_MEAN_AND_STD = 0.5;
const FILE = "preprocessor_config.json";

/**
 * Opens the processor of a backbone folder: `preprocessor_config.json`, or the `image_processor` of transformers 5's
 * `processor_config.json`. Throws a `UserError` when it is missing, not supported, or does not fit the model.
 */
export function openMllamaProcessor(folder: string, geometry: ImageGeometry): ImageProcessor {
  const settings = readSettings(folder, geometry);
  const { maxTiles, tileSize, patchSize, aspectRatios } = geometry;
  const patchesPerTile = Math.floor(tileSize / patchSize) ** 2;
  const patchValues = CHANNELS * patchSize ** 2;
  return {
    process: (images, inputIds) => {
      if (images.length === 0) return {};
      const pixels = new Float32Array(images.length * maxTiles * patchesPerTile * patchValues);
      const ids = new Int32Array(images.length);
      const mask = new Float32Array(images.length * maxTiles);
      const tileCounts = images.map((image, index) => {
        const canvas = chooseCanvas(image.height, image.width, tileSize, aspectRatios);
        const [height, width] = fitToCanvas(image.height, image.width, tileSize, canvas);
        const resized = resizeImage(image, width, height, settings.filter);
        const tiles = normalizedTiles(resized, canvas, tileSize, settings);
        pixels.set(patchify(tiles, CHANNELS, tileSize, patchSize), index * maxTiles * patchesPerTile * patchValues);
        ids[index] = aspectRatios.indexOf(canvas as (typeof aspectRatios)[number]) + 1;
        const count = canvas[0] * canvas[1];
        mask.fill(1, index * maxTiles, index * maxTiles + count);
        return count;
      });
      const count = images.length;
      return {
        pixel_values: { shape: [count, maxTiles, patchesPerTile, patchValues], dtype: "f32", data: pixels },
        aspect_ratio_ids: { shape: [count], dtype: "i32", data: ids },
        aspect_ratio_mask: { shape: [count, maxTiles], dtype: "f32", data: mask },
        cross_attention_mask: crossAttentionMask(inputIds, geometry.imageToken, tileCounts, maxTiles),
      };
    },
  };
}

/**
 * The canvas as tiles [tiles, channels, tileSize, tileSize], normalised. The image lies at the top left; the rest is black before
 * normalisation, and so not 0 after it.
 */
function normalizedTiles(
  { width, height, data }: RgbImage,
  [high, wide]: readonly [number, number],
  tileSize: number,
  { scale, offset }: Settings,
): Float32Array {
  const plane = tileSize * tileSize;
  const tiles = new Float32Array(high * wide * CHANNELS * plane);
  for (let tile = 0; tile < high * wide; tile++)
    for (let channel = 0; channel < CHANNELS; channel++)
      tiles.fill(offset[channel]!, (tile * CHANNELS + channel) * plane, (tile * CHANNELS + channel + 1) * plane);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const tile = Math.floor(y / tileSize) * wide + Math.floor(x / tileSize);
      const within = (y % tileSize) * tileSize + (x % tileSize);
      for (let channel = 0; channel < CHANNELS; channel++)
        tiles[(tile * CHANNELS + channel) * plane + within] =
          data[(y * width + x) * CHANNELS + channel]! * scale[channel]! + offset[channel]!;
    }
  return tiles;
}

function readSettings(folder: string, geometry: ImageGeometry): Settings {
  const modern = join(folder, "processor_config.json");
  const legacy = join(folder, FILE);
  const nested = existsSync(legacy) ? undefined : existsSync(modern) ? asRecord(readJsonFile(modern)) : undefined;
  const place = nested === undefined ? legacy : modern;
  const config = nested === undefined ? asRecord(readJsonFile(legacy)) : asRecord(nested.image_processor);
  const fail = (problem: string): never => {
    throw new UserError(problem, { place, remedy: "Use the file that belongs to the backbone, unchanged." });
  };
  if (config === undefined) return fail("there are no image processor settings");
  for (const step of ["do_resize", "do_pad"])
    if (config[step] === false) fail(`${step} is false, which Mllama cannot do`);
  const { height, width } = asRecord(config.size) ?? { height: 224, width: 224 };
  if (height !== geometry.tileSize || width !== geometry.tileSize)
    fail(
      `size is ${String(height)} x ${String(width)}; the backbone's tiles are ${geometry.tileSize} x ${geometry.tileSize}`,
    );
  const maxTiles = config.max_image_tiles ?? 4;
  if (maxTiles !== geometry.maxTiles)
    fail(`max_image_tiles is ${String(maxTiles)}; the backbone has ${geometry.maxTiles}`);
  if (geometry.channels !== CHANNELS) fail(`the backbone takes ${geometry.channels} channels; images have ${CHANNELS}`);
  const filter = config.resample ?? 2;
  if (typeof filter !== "number" || FILTERS[filter] === undefined)
    fail(`resample ${String(filter)} is not supported; ${Object.keys(FILTERS).join(", ")} are`);
  const factor = config.do_rescale === false ? 1 : (config.rescale_factor ?? 1 / 255);
  if (typeof factor !== "number") return fail("rescale_factor is not a number");
  const normalize = config.do_normalize !== false;
  const channels = (name: string, unnormalized: number): readonly number[] => {
    const value = normalize ? (config[name] ?? DEFAULT_MEAN_AND_STD) : unnormalized;
    const list = typeof value === "number" ? [value, value, value] : value;
    if (!Array.isArray(list) || list.length !== CHANNELS || !list.every((item) => typeof item === "number"))
      return fail(`${name} is not a list of ${CHANNELS} numbers`);
    return list as number[];
  };
  const mean = channels("image_mean", 0);
  const deviation = channels("image_std", 1);
  if (deviation.some((value) => value <= 0)) fail("image_std must be above 0");
  return {
    filter: filter as number,
    scale: deviation.map((value) => factor / value),
    offset: mean.map((value, channel) => -value / deviation[channel]!),
  };
}
