/**
 * Rematerialisation: where the planned peak is above a budget, values that lie unused across it are computed again for their later users
 * instead of being kept (Chen et al. 2016, arXiv 1604.06174; the greedy choice is that of XLA's pass of this name). A training step keeps
 * its activations from the forward to the backward part: those that save most bytes for the least work go first, attention
 * probabilities and activation functions long before whole layers.
 */
import { flopsOf, isOp } from "../ops/index.js";
import { type Buffer, ownerOf, Schedule, type Step } from "../schedule.js";
import { elementCount } from "../shapes.js";
import type { Graph, Tensor } from "../types.js";
import { FLOPS_PER_WRITTEN_ELEMENT } from "./split-frozen.js";

/** Most nodes that are computed again for one value. */
const MOST_RECOMPUTED = 128;
/** An operand this much smaller than the value is rather kept than computed again. */
const KEPT_SHARE = 1 / 16;

/** A budget out of reach is given up after so many rounds that did not lower the peak: there may be as many equal ones, a layer each. */
const FRUITLESS_ROUNDS = 128;

/** A value to compute again. */
interface Candidate {
  readonly buffer: Buffer;
  /** All that has to be computed for it: the steps that write it and what it is made of. */
  readonly recomputed: ReadonlySet<Step>;
  /** What those are computed from. */
  readonly operands: ReadonlySet<Step>;
  /** Position of the first later user. */
  readonly wanted: number;
  readonly savedBytes: number;
  /** Floating-point operations, and writing the results in the same unit. */
  readonly cost: number;
}

/**
 * The graph with values computed again until the planned peak of computed values (`peakMemory`) is at most `budgetBytes`, or as low as this
 * pass gets it. The same ops on the same values, so that results differ by no more than what an engine fuses; ids tell the order that was planned.
 */
export function rematerialize(graph: Graph, budgetBytes: number): Graph {
  const schedule = new Schedule(graph);
  let best = { peak: Number.POSITIVE_INFINITY, graph };
  for (let fruitless = 0; fruitless < FRUITLESS_ROUNDS; fruitless++) {
    const peak = schedule.live.reduce((most, bytes) => Math.max(most, bytes), 0);
    if (peak < best.peak) {
      best = { peak, graph: best.peak === Number.POSITIVE_INFINITY ? graph : schedule.toGraph() };
      fruitless = 0;
    }
    if (peak <= budgetBytes || !lowerPeak(schedule, peak, budgetBytes)) break;
  }
  return best.graph;
}

/** Computes again as many values as bring the peak under the budget, where there are; whether any. */
function lowerPeak(schedule: Schedule, peak: number, budgetBytes: number): boolean {
  const at = schedule.live.indexOf(peak);
  const candidates = [...schedule.buffers.values()]
    .flatMap((buffer) => candidateAt(schedule, buffer, at) ?? [])
    .sort((a, b) => b.savedBytes / b.cost - a.savedBytes / a.cost);
  let excess = peak - budgetBytes;
  const gone = new Set<Step>();
  const needed = new Set<Step>();
  for (const candidate of candidates) {
    if (excess <= 0) break;
    // What another one is made of stays until the next round, and what is gone is no operand.
    if (needed.has(candidate.buffer.owner) || [...candidate.operands].some((operand) => gone.has(operand))) continue;
    recompute(schedule, candidate, at);
    gone.add(candidate.buffer.owner);
    for (const operand of candidate.operands) needed.add(operand);
    excess -= candidate.savedBytes;
  }
  if (gone.size > 0) schedule.refresh();
  return gone.size > 0;
}

/** What computing a buffer again after position `at` would take; `undefined` when it is in use there, is a result, or saves nothing. */
function candidateAt(schedule: Schedule, buffer: Buffer, at: number): Candidate | undefined {
  const { owner, bytes, uses, last } = buffer;
  if (owner.position >= at || last <= at || last >= schedule.steps.length) return undefined;
  if (uses.some(({ user }) => user.position === at)) return undefined;
  const wanted = uses.find(({ user }) => user.position > at)?.user.position;
  if (wanted === undefined) return undefined;
  const recomputed = new Set<Step>([owner]);
  const operands = new Set<Step>();
  let kept = 0;
  for (const step of recomputed) {
    for (const input of step.inputs) {
      const operand = schedule.buffers.get(ownerOf(input));
      if (operand === undefined || recomputed.has(operand.owner) || operands.has(operand.owner)) continue;
      const dies = operand.last < wanted;
      if (dies && operand.bytes > KEPT_SHARE * bytes) recomputed.add(operand.owner);
      else {
        operands.add(operand.owner);
        if (dies) kept += operand.bytes;
      }
    }
    if (recomputed.size > MOST_RECOMPUTED) return undefined;
  }
  // Computed so close to the peak, it would be part of the next.
  if (kept >= bytes || wanted - at <= recomputed.size) return undefined;
  let cost = 0;
  for (const { tensor } of recomputed) cost += flopsOf(tensor) + FLOPS_PER_WRITTEN_ELEMENT * elementCount(tensor.shape);
  return { buffer, recomputed, operands, wanted, savedBytes: bytes - kept, cost };
}

/** Adds copies of the steps before the first later user and gives them to all later users. Positions are those before the change. */
function recompute(schedule: Schedule, { buffer, recomputed, wanted }: Candidate, at: number): void {
  const first = buffer.uses.find(({ user }) => user.position === wanted)!.user;
  const trigger = triggerOf(schedule, first, buffer.owner, at);
  const copies = new Map<Step, Step>();
  const added: Step[] = [];
  const add = (tensor: Tensor, inputs: Step[]): Step => {
    const step = { tensor, inputs, position: wanted - 0.5 };
    added.push(step);
    return step;
  };
  /** A value for the copies and the later users: a copy where its buffer is computed again. */
  const copied = (step: Step): Step => {
    if (step.tensor.op === "after") return copied(step.inputs[0]!);
    if (!recomputed.has(ownerOf(step))) return step;
    const known = copies.get(step);
    if (known !== undefined) return known;
    const inputs = step.inputs.map(copied);
    // Once one operand of a chain waits, all of it does.
    if (!inputs.some((input) => added.includes(input))) waitFor(inputs, trigger, add);
    const copy = add(step.tensor, inputs);
    copies.set(step, copy);
    return copy;
  };
  for (const step of [...recomputed].sort((a, b) => a.position - b.position)) copied(step);
  for (const { user } of buffer.uses)
    if (user.position > at)
      user.inputs = user.inputs.map((input) => (ownerOf(input) === buffer.owner ? copied(input) : input));
  schedule.steps.splice(schedule.steps.indexOf(first), 0, ...added);
}

/** Makes one of the operands wait: of those that are computed or fed the smallest, else the first. */
function waitFor(inputs: Step[], trigger: Step, add: (tensor: Tensor, inputs: Step[]) => Step): void {
  const size = ({ tensor }: Step) =>
    isOp(tensor) || tensor.op === "input" ? elementCount(tensor.shape) : Number.POSITIVE_INFINITY;
  let index = 0;
  for (const [other, input] of inputs.entries()) if (size(input) < size(inputs[index]!)) index = other;
  const { id, shape, dtype } = inputs[index]!.tensor;
  inputs[index] = add({ id, op: "after", inputs: [], attributes: {}, shape, dtype }, [inputs[index]!, trigger]);
}

/**
 * What the copies wait for: the last operand of their first user that is computed after the peak (in a backward pass, the gradient that
 * arrives), or else what runs just before that user.
 */
function triggerOf(schedule: Schedule, user: Step, owner: Step, at: number): Step {
  const arrived = user.inputs
    .filter((input) => ownerOf(input) !== owner && isOp(input.tensor) && input.position >= at)
    .sort((a, b) => b.position - a.position)[0];
  if (arrived !== undefined) return arrived;
  let before = schedule.steps.indexOf(user) - 1;
  while (!isOp(schedule.steps[before]!.tensor) || ownerOf(schedule.steps[before]!) === owner) before--;
  return schedule.steps[before]!;
}
