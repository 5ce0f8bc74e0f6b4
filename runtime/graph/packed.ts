/**
 * Many small trainable tensors kept in one vector. The optimizer then is a dozen nodes over one state tensor instead of a dozen
 * for each of hundreds of tensors, and a checkpoint or a copy of the whole state is one array.
 */
import type { Shape, Tensor } from "./types.js";

/** One tensor's place in the packed vector. */
export interface Segment {
  readonly name: string;
  readonly shape: Shape;
  /** Index of its first element. */
  readonly offset: number;
  /** Number of elements. */
  readonly size: number;
  /** Whether decoupled weight decay applies; customary for matrices, not for biases, norms and gates. */
  readonly weightDecay: boolean;
}

/** Segments in order, without gaps; `size` is the length of the packed vector. */
export interface PackedLayout {
  readonly segments: readonly Segment[];
  readonly size: number;
}

/** What a layout is made of. `weightDecay` is true unless said otherwise. */
export interface SegmentSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly weightDecay?: boolean;
}

/** The builder methods packing needs; `GraphBuilder` has them. */
export interface PackingBuilder {
  slice(x: Tensor, axis: number, start: number, end: number): Tensor;
  reshape(x: Tensor, shape: Shape): Tensor;
  concat(xs: readonly Tensor[], axis: number): Tensor;
}

/** Lays tensors one after the other in the order given. Throws a `RangeError` when a name occurs twice. */
export function packedLayout(specs: Iterable<SegmentSpec>): PackedLayout {
  const segments: Segment[] = [];
  const names = new Set<string>();
  let offset = 0;
  for (const { name, shape, weightDecay = true } of specs) {
    if (names.has(name)) throw new RangeError(`packed layout: the name ${name} occurs twice`);
    names.add(name);
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    segments.push({ name, shape, offset, size, weightDecay });
    offset += size;
  }
  return { segments, size: offset };
}

/** The segment of that name. Throws a `RangeError` when there is none. */
export function segmentOf(layout: PackedLayout, name: string): Segment {
  const found = layout.segments.find((segment) => segment.name === name);
  if (found === undefined) throw new RangeError(`packed layout: no segment is named ${name}`);
  return found;
}

/**
 * Slices a packed vector `[layout.size]` into its tensors, by name. Contiguous slices of one tensor are lowered to a single Split
 * by engines that have one. Differentiate with respect to these slices, not to the vector: the vector's gradient is then one
 * concatenation (`packTensors`) instead of one padded vector for each segment.
 */
export function unpackTensor(
  builder: PackingBuilder,
  packed: Tensor,
  layout: PackedLayout,
): ReadonlyMap<string, Tensor> {
  return new Map(
    layout.segments.map(({ name, shape, offset, size }) => [
      name,
      builder.reshape(builder.slice(packed, 0, offset, offset + size), shape),
    ]),
  );
}

/** Joins tensors given in the layout's order (such as gradients) to one vector `[layout.size]`. */
export function packTensors(builder: PackingBuilder, tensors: readonly Tensor[], layout: PackedLayout): Tensor {
  if (tensors.length !== layout.segments.length)
    throw new RangeError(`packed layout: ${layout.segments.length} segments, ${tensors.length} tensors`);
  return builder.concat(
    layout.segments.map((segment, index) => builder.reshape(tensors[index]!, [segment.size])),
    0,
  );
}

/** Packs host values: `elements` gives each segment's elements, row-major. Throws a `RangeError` on a wrong length. */
export function packValues(layout: PackedLayout, elements: (segment: Segment) => ArrayLike<number>): Float32Array {
  const packed = new Float32Array(layout.size);
  for (const segment of layout.segments) {
    const values = elements(segment);
    if (values.length !== segment.size)
      throw new RangeError(`packed layout: ${segment.name} has ${segment.size} elements, got ${values.length}`);
    packed.set(values, segment.offset);
  }
  return packed;
}

/** A copy of one segment's elements, in f32. Throws a `RangeError` when there is no such segment. */
export function segmentValues(layout: PackedLayout, packed: ArrayLike<number>, name: string): Float32Array {
  const { offset, size } = segmentOf(layout, name);
  return Float32Array.from({ length: size }, (_, index) => packed[offset + index]!);
}
