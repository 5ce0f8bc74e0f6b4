/**
 * How the inputs of modules are spread over directions, as EVA measures it (Paischer et al. 2024, arXiv 2410.07170): the shares of their leading
 * principal components, without centring, in their total size. From the frozen backbone, over some training batches.
 *
 * Of a module with up to `EXACT` inputs the second moments X'X are added up; of a wider one only their product with some random directions
 * (a Nystroem sketch: Tropp, Yurtsever, Udell and Cevher 2017, arXiv 1706.05736), which takes inputs x directions instead of inputs x inputs: at
 * 14,336 inputs and rank 64 that is 8 MB instead of 822. Modules that share an input share the measurement.
 */
import type { AdaptedModule } from "../adapters/index.js";
import type { Example } from "../data/example.js";
import type { Executable, Fetches } from "../executors/executor.js";
import { GraphBuilder } from "../graph/builder.js";
import type { Graph, Tensor } from "../graph/types.js";
import type { BackboneArchitecture, BatchShape, ParameterSource } from "../models/backbone.js";
import { randomStream } from "../random/random.js";
import { collateWithAnswers } from "./adapter-trainer.js";
import { BatchRunner } from "./batch-runner.js";
import { shuffledBatches } from "./batches.js";
import type { EvaluationOptions } from "./evaluate.js";
import { Interrupted } from "./interrupted.js";
import type { SuperNetwork } from "./super-network.js";
import { cholesky, congruent, symmetricEigenvalues } from "./symmetric.js";

/** Inputs up to which second moments are added up whole. */
const EXACT = 128;
/** Directions of a sketch: twice the rank that is asked for and some more. */
const directionsFor = (rank: number): number => 2 * rank + 16;
const TOKEN_MASK = "attention_mask";

/** An input that one or more modules have. */
interface MeasuredInput {
  readonly features: number;
  /** Columns of the sketch; `features` where it is whole. */
  readonly directions: number;
  /** Places among the adapted modules. */
  readonly modules: readonly number[];
}

const momentsState = (at: number): string => `input_moments.${at}`;
/** Output f32 [inputs]: the sum of squares of each in this batch. */
const SIZES = "input_sizes";

/** The random directions of an input [features, directions]; undefined where the second moments are whole. */
function sketchOf({ features, directions }: MeasuredInput, at: number): Float32Array | undefined {
  if (directions === features) return undefined;
  const { normal } = randomStream(0, "input sketch", at);
  return Float32Array.from({ length: features * directions }, () => normal() / Math.sqrt(features));
}

/** The graph that adds a batch's second moments, or their sketches, to state; and what it measures. */
export function inputMomentsGraph(
  backbone: BackboneArchitecture,
  adapted: readonly AdaptedModule[],
  shape: BatchShape,
  source: (builder: GraphBuilder) => ParameterSource = (b) => (name, dims) => b.weight(name, dims),
): { readonly graph: Graph; readonly inputs: readonly MeasuredInput[] } {
  const b = new GraphBuilder();
  const places = new Map(adapted.map(({ path }, at) => [path, at]));
  /** With the mask of what counts. */
  const found = new Map<Tensor, MeasuredInput & { readonly counted: Tensor | undefined }>();
  backbone.buildLogits(b, shape, source(b), (module, x, y) => {
    const at = places.get(module.path);
    if (at === undefined) return y;
    const { rank, inFeatures: features } = adapted[at]!;
    // Text is padded to the longest example; what stands in padding is no input.
    const isText = x.shape.length === 3 && x.shape[0] === shape.batch && x.shape[1] === shape.sequence;
    const counted =
      isText && module.part === "language"
        ? b.reshape(b.input(TOKEN_MASK, [shape.batch, shape.sequence]), [shape.batch, shape.sequence, 1])
        : undefined;
    const directions = features <= EXACT ? features : Math.min(features, directionsFor(rank));
    const known = found.get(x);
    found.set(x, {
      features,
      directions: Math.max(known?.directions ?? 0, directions),
      modules: [...(known?.modules ?? []), at],
      counted,
    });
    return y;
  });
  const inputs: readonly MeasuredInput[] = [...found.values()];
  const updates: Record<string, Tensor> = {};
  const sizes = [...found].map(([x, input], at) => {
    const counting = input.counted ? b.mul(x, input.counted) : x;
    const rows = b.reshape(counting, [
      x.shape.slice(0, -1).reduce((product, size) => product * size, 1),
      input.features,
    ]);
    const sketch = sketchOf(input, at);
    const seen = sketch ? b.matmul(rows, b.constant(sketch, [input.features, input.directions])) : rows;
    const moments = b.matmul(rows, seen, { transposeA: true });
    updates[momentsState(at)] = b.add(b.state(momentsState(at), [input.features, input.directions]), moments);
    return b.reshape(b.sum(b.mul(rows, rows), [0, 1]), [1]);
  });
  return { graph: b.finish({ [SIZES]: b.concat(sizes, 0) }, updates), inputs };
}

/**
 * For each module of a super-network in order, as many shares as its largest rank: of the leading components of its input in the total, falling, at
 * most 1 in all. Zeros for a module that the examples do not reach, such as one of images where there are none. Throws `Interrupted` when the
 * signal is raised.
 */
export async function inputSpectra(
  network: SuperNetwork,
  examples: readonly Example[],
  batches: number,
  seed: number,
  { label, signal, onBatch }: Omit<EvaluationOptions, "extra">,
): Promise<Float64Array[]> {
  const { options, adapted } = network.parts;
  const { executor, backbone, sizes, training } = options;
  // Moments add up, so a batch in several runs gives what it gives in one.
  const batch = training.microBatch ?? training.batch;
  const runs = (batches * training.batch) / batch;
  const shape = { ...sizes, batch };
  const { graph, inputs } = inputMomentsGraph(backbone, adapted, shape);
  const runner = await BatchRunner.compile(executor, graph, {
    weights: backbone.weights,
    label: "input spectra",
    batch,
    collate: collateWithAnswers(backbone, shape),
    // All of it belongs to examples: nothing is worth keeping for a second look.
    exampleInputs: [],
  });
  const totals = new Float64Array(inputs.length);
  try {
    const order = shuffledBatches(examples.length, batch, seed);
    for (let at = 0; at < runs; at++) {
      if (signal?.aborted) throw new Interrupted(label);
      addSizes(totals, await runner.run(Array.from(order(at), (index) => examples[index]!)));
      onBatch?.((at + 1) * batch);
      await new Promise((resume) => setImmediate(resume));
    }
    return await spectraFrom(runner.executable, inputs, totals, adapted);
  } finally {
    await runner.dispose();
  }
}

/** Adds what a batch fetched to the total size of every input. */
export function addSizes(totals: Float64Array, fetched: Fetches): void {
  fetched[SIZES]!.data.forEach((size, input) => {
    totals[input]! += size;
  });
}

/** The shares of each module from the moments that an executable has gathered. */
export async function spectraFrom(
  executable: Executable,
  inputs: readonly MeasuredInput[],
  totals: Float64Array,
  adapted: readonly AdaptedModule[],
): Promise<Float64Array[]> {
  const spectra = adapted.map(({ rank }) => new Float64Array(rank));
  for (const [at, input] of inputs.entries()) {
    const moments = await executable.readState(momentsState(at));
    const values = leadingEigenvalues(moments, input, sketchOf(input, at), totals[at]!);
    for (const module of input.modules)
      spectra[module]!.forEach((_, place) => {
        spectra[module]![place] = totals[at]! > 0 ? Math.max(0, values[place] ?? 0) / totals[at]! : 0;
      });
  }
  return spectra;
}

/** Eigenvalues of second moments, the largest first: all, or as many as the sketch has directions, by Nystroem's approximation. */
export function leadingEigenvalues(
  moments: ArrayLike<number>,
  { features, directions }: Pick<MeasuredInput, "features" | "directions">,
  sketch: ArrayLike<number> | undefined,
  total: number,
): Float64Array {
  if (sketch === undefined) return symmetricEigenvalues(moments, features);
  // A shift keeps the small factorisation positive definite in spite of rounding; it is taken off at the end.
  const shift = 1e-6 * total;
  const y = Float64Array.from(sketch, (value, at) => moments[at]! + shift * value);
  const core = product(sketch, y, features, directions);
  const l = shift > 0 ? cholesky(core, directions) : undefined;
  if (l === undefined) return new Float64Array(directions);
  const squares = congruent(l, product(y, y, features, directions), directions);
  return symmetricEigenvalues(squares, directions).map((value) => value - shift);
}

/** A' B for A and B [rows, columns]. */
function product(a: ArrayLike<number>, b: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const result = new Float64Array(columns * columns);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < columns; i++) {
      const factor = a[row * columns + i]!;
      for (let j = 0; j < columns; j++) result[i * columns + j]! += factor * b[row * columns + j]!;
    }
  return result;
}
