/**
 * A rough estimate of the memory that super-network training takes, the hungriest stage. It is an estimate:
 *
 *   weights      4 bytes for each parameter of the backbone (the step computes in f32; a bf16 file is half of that on disk)
 *   state        16 bytes for each adapter parameter at the largest ranks (value, gradient, two AdamW moments, all f32)
 *   activations  4 bytes x 2 x batch x positions x sum of (in + out) over the linear modules from the first target on. Inputs and outputs
 *                of linear modules are what a step keeps for its backward pass; the factor 2 stands for what lies between them
 *                (norms, attention, activation functions). Modules before the first target need no backward pass.
 */
import type { BackboneDescription } from "../../runtime/models/backbone.js";
import type { ExperimentIR } from "../ir/types.js";

/** Part of the backbone -> positions (tokens, patches) of one example in it. */
export type PositionsPerExample = Readonly<Record<string, number>>;

export interface MemoryEstimate {
  readonly weightsBytes: number;
  readonly stateBytes: number;
  /** Null where the positions of an example are not known. */
  readonly activationsBytes: number | null;
  readonly totalBytes: number;
  /** The limit that the spec sets, if any. */
  readonly limitBytes: number | null;
}

const F32_BYTES = 4;
/** Value, gradient, first and second moment. */
const TRAINED_COPIES = 4;
const BETWEEN_LINEARS = 2;

/** See the head of this file for the formula. Bytes. */
export function planMemory(
  ir: ExperimentIR,
  backbone: BackboneDescription,
  positions: PositionsPerExample | undefined,
): MemoryEstimate {
  const { targets } = ir.adapter;
  const adapterParameters = targets.reduce(
    (total, { modules, ranks }) =>
      total + modules.reduce((size, module) => size + module.inFeatures + module.outFeatures, 0) * (ranks.at(-1) ?? 0),
    0,
  );
  const weightsBytes = F32_BYTES * backbone.parameters;
  const stateBytes = TRAINED_COPIES * F32_BYTES * adapterParameters;
  const activationsBytes = positions === undefined ? null : activations(ir, backbone, positions);
  return {
    weightsBytes,
    stateBytes,
    activationsBytes,
    totalBytes: weightsBytes + stateBytes + (activationsBytes ?? 0),
    limitBytes: ir.budget.deviceMemoryBytes ?? null,
  };
}

function activations(ir: ExperimentIR, { modules }: BackboneDescription, positions: PositionsPerExample): number {
  const targeted = new Set(ir.adapter.targets.flatMap((target) => target.modules.map(({ path }) => path)));
  const first = modules.findIndex(({ path }) => targeted.has(path));
  const features = modules
    .slice(Math.max(first, 0))
    .reduce(
      (total, { part, inFeatures, outFeatures }) => total + (positions[part] ?? 0) * (inFeatures + outFeatures),
      0,
    );
  return F32_BYTES * BETWEEN_LINEARS * ir.search.superNetwork.batch * features;
}
