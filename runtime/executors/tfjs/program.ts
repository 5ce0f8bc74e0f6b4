/**
 * A graph as a flat list of instructions over numbered slots: what an interpreter runs, and what can be sent to another thread (a graph of
 * thousands of nodes is too deep to be cloned). Each instruction says which slots are read for the last time.
 */
import { isOp } from "../../graph/ops/index.js";
import { tensorsOf } from "../../graph/rewrite.js";
import type { Attributes, DType, Graph, Shape, Tensor } from "../../graph/types.js";

/** One node of the graph. Its slot is its place in the order, also that of its result. */
export interface Instruction {
  readonly slot: number;
  readonly op: Tensor["op"];
  /** Slots of its inputs. */
  readonly inputs: readonly number[];
  readonly inputShapes: readonly Shape[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Of leaves other than constants. */
  readonly name: string | undefined;
  /** Slots that nothing reads after this instruction. */
  readonly release: readonly number[];
}

/** Everything that running a graph takes, as plain data. */
export interface Program {
  readonly slots: number;
  /** Weights, constants, and what follows from these alone: done once, when the program is loaded. Releases what only they read. */
  readonly prelude: readonly Instruction[];
  /** Done with every run. Releases what the run made itself, never what the prelude or a state holds. */
  readonly steps: readonly Instruction[];
  readonly outputs: readonly (readonly [name: string, slot: number])[];
  readonly updates: readonly (readonly [name: string, slot: number])[];
  readonly states: readonly (readonly [name: string, shape: Shape])[];
}

/** `states`: every state of the executable, also those that the (optimized) graph does not read. */
export function programOf(graph: Graph, states: ReadonlyMap<string, { readonly shape: Shape }>): Program {
  const order = tensorsOf(graph);
  const slots = new Map(order.map((tensor, slot) => [tensor, slot] as const));
  const slotOf = (tensor: Tensor): number => slots.get(tensor)!;
  const results = new Set([...Object.values(graph.outputs), ...Object.values(graph.updates)]);

  const fixed = new Set<Tensor>();
  for (const tensor of order)
    if (
      ["constant", "weight"].includes(tensor.op) ||
      (isOp(tensor) && tensor.inputs.every((input) => fixed.has(input)))
    )
      fixed.add(tensor);

  /** After which node a value is needed no more; what the steps read of the prelude stays. */
  const lastUser = new Map<Tensor, Tensor>();
  for (const node of order) for (const input of node.inputs) lastUser.set(input, node);
  const neededBySteps = new Set(order.filter((node) => !fixed.has(node)).flatMap((node) => node.inputs));
  const releasable = (tensor: Tensor): boolean =>
    tensor.op !== "state" && !results.has(tensor) && !(fixed.has(tensor) && neededBySteps.has(tensor));

  const instruction = (node: Tensor): Instruction => ({
    slot: slotOf(node),
    op: node.op,
    inputs: node.inputs.map(slotOf),
    inputShapes: node.inputs.map(({ shape }) => shape),
    attributes: node.attributes,
    shape: node.shape,
    dtype: node.dtype,
    name: node.name,
    release: [...new Set(node.inputs)].filter((input) => lastUser.get(input) === node && releasable(input)).map(slotOf),
  });
  const named = (values: Readonly<Record<string, Tensor>>) =>
    Object.entries(values).map(([name, tensor]) => [name, slotOf(tensor)] as const);
  return {
    slots: order.length,
    prelude: order.filter((node) => fixed.has(node)).map(instruction),
    steps: order.filter((node) => !fixed.has(node)).map(instruction),
    outputs: named(graph.outputs),
    updates: named(graph.updates),
    states: [...states].map(([name, { shape }]) => [name, shape] as const),
  };
}
