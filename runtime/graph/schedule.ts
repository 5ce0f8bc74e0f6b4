/**
 * A graph as a list of steps that can be changed in place: what a pass works on that decides when values are computed. Steps run in the
 * order of the list; `toGraph` gives the ids of its tensors in that order, so that engines keep it.
 */
import { isAlias as isAliasOf, isOp } from "./ops/index.js";
import { tensorsOf } from "./rewrite.js";
import { bytesOf } from "./shapes.js";
import type { Graph, Tensor } from "./types.js";

/** One tensor of the graph under change. */
export interface Step {
  readonly tensor: Tensor;
  inputs: Step[];
  /** Index in the list; set by `refresh`. */
  position: number;
}

/** A step that reads a buffer. */
export interface Use {
  readonly user: Step;
  readonly index: number;
}

/** A buffer: the step that writes it, and who reads it, directly or through steps that only rename it. */
export interface Buffer {
  readonly owner: Step;
  readonly bytes: number;
  uses: Use[];
  /** Position of the last reader; the end for results of the graph. */
  last: number;
}

const isAlias = (step: Step): boolean => isAliasOf(step.tensor);

/** The step that writes the buffer in which a value lies. */
export function ownerOf(step: Step): Step {
  let owner = step;
  while (isAlias(owner)) owner = owner.inputs[0]!;
  return owner;
}

/** The steps of a graph, what each buffer is used for, and what is live when. */
export class Schedule {
  steps: Step[] = [];
  readonly buffers = new Map<Step, Buffer>();
  /** Bytes of computed values in use at each position. */
  live = new Float64Array(0);
  readonly #outputs: ReadonlyMap<string, Step>;
  readonly #updates: ReadonlyMap<string, Step>;

  constructor(graph: Graph) {
    const known = new Map<Tensor, Step>();
    for (const tensor of tensorsOf(graph)) {
      const step: Step = { tensor, inputs: tensor.inputs.map((input) => known.get(input)!), position: 0 };
      known.set(tensor, step);
      this.steps.push(step);
    }
    const named = (values: Readonly<Record<string, Tensor>>) =>
      new Map(Object.entries(values).map(([name, tensor]) => [name, known.get(tensor)!]));
    this.#outputs = named(graph.outputs);
    this.#updates = named(graph.updates);
    this.refresh();
  }

  /** Drops steps that nothing needs, and works out positions, buffers and what is live. */
  refresh(): void {
    const roots = [...this.#outputs.values(), ...this.#updates.values()];
    const needed = new Set<Step>(roots);
    for (let at = this.steps.length - 1; at >= 0; at--) {
      const step = this.steps[at]!;
      if (needed.has(step)) for (const input of step.inputs) needed.add(input);
    }
    this.steps = this.steps.filter((step) => needed.has(step));
    this.buffers.clear();
    for (const [position, step] of this.steps.entries()) {
      step.position = position;
      if (isOp(step.tensor) && !isAlias(step))
        this.buffers.set(step, { owner: step, bytes: bytesOf(step.tensor), uses: [], last: position });
      for (const [index, input] of step.inputs.entries()) {
        const buffer = this.buffers.get(ownerOf(input));
        if (buffer === undefined) continue;
        buffer.last = position;
        // A step that renames its first input does not read it.
        if (index > 0 || !isAlias(step)) buffer.uses.push({ user: step, index });
      }
    }
    for (const root of roots) {
      const buffer = this.buffers.get(ownerOf(root));
      if (buffer !== undefined) buffer.last = this.steps.length;
    }
    this.live = new Float64Array(this.steps.length + 1);
    for (const { owner, bytes, last } of this.buffers.values()) {
      this.live[owner.position]! += bytes;
      if (last + 1 < this.live.length) this.live[last + 1]! -= bytes;
    }
    for (let at = 1; at < this.live.length; at++) this.live[at]! += this.live[at - 1]!;
  }

  /** The graph, its tensors' ids in the order of the steps. */
  toGraph(): Graph {
    const made = new Map<Step, Tensor>();
    for (const [id, step] of this.steps.entries())
      made.set(step, { ...step.tensor, id, inputs: step.inputs.map((input) => made.get(input)!) });
    const named = (values: ReadonlyMap<string, Step>) =>
      Object.fromEntries([...values].map(([name, step]) => [name, made.get(step)!]));
    return { outputs: named(this.#outputs), updates: named(this.#updates) };
  }
}
