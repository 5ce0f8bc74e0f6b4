/** The paper's space on a planted task: ranks 4, 8, 16, 32, 64 for every module, none of them 0; the teacher changes a few modules at rank 64. */
import type { PlantedTaskOptions } from "../planted/task.js";

export const PAPER_CHOICES = [4, 8, 16, 32, 64] as const;

/** Ten modules at 64 and the rest at 4 cost less than rank 16 everywhere, so the oracle is within the budget. */
export const PAPER_TASK = {
  seed: 51,
  shape: "XS",
  modules: 10,
  where: "mixed",
  rank: 64,
} as const satisfies PlantedTaskOptions;

/** The budget: what this rank costs on all modules. */
export const BUDGET_RANK = 16;
