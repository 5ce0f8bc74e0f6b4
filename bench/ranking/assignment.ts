/** What one process of the bench is to measure, and what the same figures go by when they are kept. */
import { canonicalJson } from "../../runtime/experiment/keys.js";
import { RECIPES } from "./recipes.js";
import type { SubjectName, TrainingLengths } from "./subject.js";

/** All that the figures of one subject depend on. */
export interface RankingSetting {
  readonly subject: SubjectName;
  readonly lengths: TrainingLengths;
  /** How many architectures are ranked. */
  readonly architectures: number;
  readonly rewardExamples: number;
}

/** Trainings of all architectures from scratch under one seed, or one super-network. */
export type RankingPart =
  | { readonly kind: "trainings"; readonly seed: number }
  | { readonly kind: "super-network"; readonly recipe: string; readonly seed: number };

/** What a process is told, as JSON in its first argument. */
export interface RankingAssignment {
  readonly setting: RankingSetting;
  readonly part: RankingPart;
  readonly folder: string;
  readonly threads: number;
}

/** Draws the architectures. */
export const ARCHITECTURE_SEED = 1;

/** What a part depends on, as text: losses of other settings are not mixed, and trainings are shared by all recipes. */
export function dependenciesOf(
  { subject, lengths: { steps, superNetworkSteps }, architectures, rewardExamples }: RankingSetting,
  part: RankingPart,
): string {
  const own =
    part.kind === "trainings" ? { steps } : { superNetworkSteps, rewardExamples, recipe: RECIPES[part.recipe]! };
  return canonicalJson({ subject, architectures, drawn: ARCHITECTURE_SEED, ...own });
}

/** A short name, unique within a folder. */
export function nameOf({ subject }: RankingSetting, part: RankingPart): string {
  const what = part.kind === "trainings" ? part.kind : part.recipe;
  return `${subject}-${what}-${part.seed}`;
}
