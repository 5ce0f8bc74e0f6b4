/**
 * Where a value that is not finite comes from: a graph is run once more with a finiteness flag for every one of its values, on the engine
 * that found the trouble, and the flags are followed from the root at fault back to the first op whose inputs are all finite.
 */
import type { CompileOptions, Executor, Feeds, Fetches } from "../executors/executor.js";
import { GraphBuilder } from "../graph/builder.js";
import { isOp } from "../graph/ops/index.js";
import { rootsOf, tensorsOf, topologicalOrder } from "../graph/rewrite.js";
import type { Graph, Tensor, TypedArray } from "../graph/types.js";

/** A run that is looked at: its graph, the state before it and what it is fed; a batch in parts has several runs. */
export interface ExaminedRun {
  readonly graph: Graph;
  readonly state: Readonly<Record<string, TypedArray>>;
  readonly feeds: AsyncIterable<Feeds> | Iterable<Feeds>;
}

/** The first value of a run that is not finite. */
export interface NotFiniteOrigin {
  readonly tensor: Tensor;
  /** Which run of the batch, from 0, and what it was fed. */
  readonly run: number;
  readonly feeds: Feeds;
}

/**
 * Fed with every run and always zero: a value times zero is zero, unless it is infinite or not a number. A constant would be folded away
 * by the passes and the engines.
 */
const ZERO = "finiteness.zero";

/**
 * Finds the first value that is not finite among those that an output (or else an update) is computed from; undefined when all are finite this
 * time, which says that the engine's fused kernels, or a lack of determinism, are at fault. An infinite value that later ops turn finite again, as a
 * softmax does with a mask, is not one. Costs one compilation and one run, in which no two ops are fused. Throws what the engine throws.
 */
export async function firstNotFinite(
  executor: Executor,
  { graph, state, feeds }: ExaminedRun,
  options: CompileOptions,
): Promise<NotFiniteOrigin | undefined> {
  const flagged = withFlags(graph);
  const executable = await executor.compile(flagged.graph, options);
  try {
    for (const [name, data] of Object.entries(state)) await executable.writeState(name, data);
    const zero = { shape: [], dtype: "f32" as const, data: Float64Array.of(0) };
    let run = 0;
    for await (const fed of feeds) {
      const fetched = await executable.run({ ...fed, [ZERO]: zero });
      const tensor = originOf(graph, badOf(flagged.names, fetched));
      if (tensor !== undefined) return { tensor, run, feeds: fed };
      run++;
    }
    return undefined;
  } finally {
    await executable.dispose();
  }
}

/** The graph with a scalar output for each value that may be other than finite: zero or not a number. */
function withFlags(graph: Graph): { readonly graph: Graph; readonly names: ReadonlyMap<Tensor, string> } {
  const order = tensorsOf(graph);
  const b = new GraphBuilder(Math.ceil(Math.max(0, ...order.map(({ id }) => id))) + 1);
  const zero = b.input(ZERO, []);
  const names = new Map<Tensor, string>();
  const outputs: Record<string, Tensor> = {};
  for (const tensor of order) {
    if (tensor.dtype !== "f32" || tensor.op === "constant") continue;
    const name = `finite.${names.size}`;
    names.set(tensor, name);
    const nulled = b.mul(tensor, zero);
    outputs[name] = tensor.shape.length === 0 ? nulled : b.sum(nulled, [...tensor.shape.keys()]);
  }
  return { graph: { outputs, updates: graph.updates }, names };
}

const badOf = (names: ReadonlyMap<Tensor, string>, fetched: Fetches): ReadonlySet<Tensor> =>
  new Set([...names].flatMap(([tensor, name]) => (fetched[name]!.data[0] === 0 ? [] : [tensor])));

/** The first of the values at fault whose inputs are not, among those that lead to an output at fault or, where all are finite, to an update. */
function originOf(graph: Graph, bad: ReadonlySet<Tensor>): Tensor | undefined {
  const badOnes = (roots: Readonly<Record<string, Tensor>>) => Object.values(roots).filter((root) => bad.has(root));
  const outputs = badOnes(graph.outputs);
  const pending = outputs.length > 0 ? outputs : badOnes(graph.updates);
  const reached = new Set<Tensor>();
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    if (reached.has(tensor)) continue;
    reached.add(tensor);
    pending.push(...tensor.inputs.filter((input) => bad.has(input)));
  }
  return topologicalOrder(rootsOf(graph)).find(
    (tensor) => reached.has(tensor) && !tensor.inputs.some((input) => bad.has(input)),
  );
}

/** How many leaves near an op are named. */
const LEAVES = 2;

/**
 * The origin in words: the leaf, or the op with its shape, the pass that it belongs to and the weights or other leaves nearest to it.
 * `loss`: what the forward pass ends in; without one, all of the graph is the forward pass.
 */
export function describeOrigin(tensor: Tensor, loss?: Tensor): string {
  const shape = `${tensor.dtype}[${tensor.shape.join(", ")}]`;
  if (!isOp(tensor)) return `the ${tensor.op} ${tensor.name} ${shape}`;
  const forward = loss === undefined || new Set(topologicalOrder([loss])).has(tensor);
  const near = nearestLeaves(tensor);
  return `the op ${tensor.op} ${shape} of the ${forward ? "forward" : "backward"} pass${near.length === 0 ? "" : `, computed from ${near.join(" and ")}`}`;
}

/** Names of the nearest weights, or, where there is none, of the nearest other leaves. */
function nearestLeaves(tensor: Tensor): readonly string[] {
  const reached = new Set([tensor]);
  for (const node of reached) for (const input of node.inputs) reached.add(input);
  const named = [...reached].filter(({ name }) => name !== undefined);
  const weights = named.filter(({ op }) => op === "weight");
  return (weights.length > 0 ? weights : named).slice(0, LEAVES).map(({ name }) => name!);
}
