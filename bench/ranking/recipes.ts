/** How a super-network can be trained: each sampling rule, without and with in-place distillation. */
import type { SamplingRule } from "../../runtime/training/sampling.js";

export interface Recipe {
  readonly sampling: SamplingRule;
  /** Weight of what the largest ranks say at the same step. */
  readonly distillation: number;
}

const RULES: readonly SamplingRule[] = ["uniform", "balanced", "sandwich", "extremes"];
const DISTILLATION = 0.5;

/** Recipes by name. */
export const RECIPES: Readonly<Record<string, Recipe>> = Object.fromEntries(
  RULES.flatMap((sampling) => [
    [sampling, { sampling, distillation: 0 }],
    [`${sampling}-distilled`, { sampling, distillation: DISTILLATION }],
  ]),
);
