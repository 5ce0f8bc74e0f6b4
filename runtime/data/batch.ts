/** Examples of different lengths and numbers of images as the equally sized tensors of one batch. */
import type { HostTensor, Shape, TypedArray } from "../graph/types.js";
import type { BackboneArchitecture, BackboneInput, BatchShape } from "../models/backbone.js";
import type { Example } from "./example.js";

/** The backbone's inputs by name, each with the batch as its first dimension. */
export type BatchFeeds = Readonly<Record<string, HostTensor>>;

/** Names of the inputs that every example has from its tokens. */
const TOKENS = "input_ids";
const TOKEN_MASK = "attention_mask";

/** Sizes that hold each of the examples: the longest sequence, the most images and tiles. */
export function fittingSizes(examples: readonly Example[]): Omit<BatchShape, "batch"> {
  let [sequence, images, tiles] = [1, 0, 0];
  for (const { inputIds, images: inputs } of examples) {
    sequence = Math.max(sequence, inputIds.length);
    // pixel_values: [images, tiles, patches, values].
    const [imageCount = 0, tileCount = 0] = inputs.pixel_values?.shape ?? [];
    images = Math.max(images, imageCount);
    tiles = Math.max(tiles, tileCount);
  }
  return { sequence, images, tiles };
}

/**
 * Stacks exactly `shape.batch` examples, each padded to the shape: tokens on the right with id 0 and mask 0, image inputs with what the
 * backbone declares as padding. `wanted`: names of the inputs that are needed, where not all are. Throws a `RangeError` on another number of examples, or one that does not fit the shape.
 */
export function collateExamples(
  backbone: BackboneArchitecture,
  examples: readonly Example[],
  shape: BatchShape,
  wanted?: ReadonlySet<string>,
): BatchFeeds {
  if (examples.length !== shape.batch)
    throw new RangeError(`${examples.length} examples for a batch of ${shape.batch}`);
  const feeds: Record<string, HostTensor> = {};
  for (const input of backbone.inputs(shape)) {
    if (wanted?.has(input.name) === false) continue;
    const data = paddedInput(input);
    const rowShape = input.shape.slice(1);
    const width = data.length / shape.batch;
    examples.forEach((example, row) => {
      const own = inputOf(example, input.name);
      if (own !== undefined)
        copyBlock(own, data.subarray(row * width, (row + 1) * width), rowShape, example, input.name);
    });
    feeds[input.name] = { shape: input.shape, dtype: input.dtype, data };
  }
  return feeds;
}

/** What an example gives to an input; undefined for an image input of an example without images. */
function inputOf({ inputIds, images }: Example, name: string): Pick<HostTensor, "shape" | "data"> | undefined {
  if (name === TOKENS) return { shape: [inputIds.length], data: inputIds };
  if (name === TOKEN_MASK) return { shape: [inputIds.length], data: new Float32Array(inputIds.length).fill(1) };
  return images[name];
}

function paddedInput({ shape, dtype, padding }: BackboneInput): Float32Array | Int32Array {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const data = dtype === "i32" ? new Int32Array(size) : new Float32Array(size);
  if (padding?.some((value) => value !== 0) === true)
    for (let at = 0; at < size; at += padding.length) data.set(padding, at);
  return data;
}

/** Copies a row-major block to the front corner of a larger one of as many dimensions. */
function copyBlock(
  from: Pick<HostTensor, "shape" | "data">,
  to: TypedArray,
  toShape: Shape,
  { id }: Example,
  name: string,
): void {
  const { shape, data } = from;
  if (shape.length !== toShape.length || shape.some((dimension, axis) => dimension > toShape[axis]!))
    throw new RangeError(`${id}: ${name} [${shape.join(", ")}] does not fit [${toShape.join(", ")}]`);
  const run = shape.at(-1)!;
  const copyAxis = (axis: number, source: number, target: number): void => {
    if (axis === shape.length - 1) {
      to.set(data.subarray(source, source + run), target);
      return;
    }
    const sourceStride = stride(shape, axis);
    const targetStride = stride(toShape, axis);
    for (let index = 0; index < shape[axis]!; index++)
      copyAxis(axis + 1, source + index * sourceStride, target + index * targetStride);
  };
  copyAxis(0, 0, 0);
}

const stride = (shape: Shape, axis: number) =>
  shape.slice(axis + 1).reduce((product, dimension) => product * dimension, 1);
