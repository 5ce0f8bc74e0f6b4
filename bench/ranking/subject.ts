/** What the bench ranks architectures on: a task with its space, its trainings from scratch and its super-networks. */
import type { Ranks } from "../../runtime/adapters/index.js";
import type { Executor } from "../../runtime/executors/executor.js";
import type { ChoiceVector, SearchSpace } from "../../runtime/search/index.js";
import { handwriting } from "./handwriting.js";
import { plantedCalibration } from "./planted-calibration.js";
import type { Recipe } from "./recipes.js";

/** Lengths of the trainings. */
export interface TrainingLengths {
  /** Steps of a training from scratch. */
  readonly steps: number;
  readonly superNetworkSteps: number;
}

/** A super-network to train, and what to score in it. */
export interface SuperNetworkQuestion {
  readonly recipe: Recipe;
  readonly seed: number;
  readonly architectures: readonly ChoiceVector[];
  /** Examples of the reward split, from its beginning. */
  readonly rewardExamples: number;
}

/** Losses are means over examples, or answer tokens, as the task's own search and retraining take them. */
export interface RankingSubject {
  readonly space: SearchSpace;
  readonly maxParameters: number;
  /** The validation loss of a plain LoRA of these ranks, trained from scratch. */
  standAloneLoss(ranks: Ranks, seed: number): Promise<number>;
  /** The reward loss of each architecture in one super-network. */
  superNetworkLosses(question: SuperNetworkQuestion): Promise<readonly number[]>;
  dispose(): Promise<void>;
}

interface SubjectRow {
  readonly title: string;
  /** Those of the task's own study. */
  readonly lengths: TrainingLengths;
  readonly open: (executor: Executor, lengths: TrainingLengths) => Promise<RankingSubject>;
}

/** Subjects by name. */
export const SUBJECTS = {
  calibration: {
    title: "planted calibration task",
    lengths: { steps: 160, superNetworkSteps: 300 },
    open: plantedCalibration,
  },
  handwriting: {
    title: "handwriting example",
    lengths: { steps: 300, superNetworkSteps: 200 },
    open: (executor, lengths) => handwriting(executor, lengths),
  },
} as const satisfies Readonly<Record<string, SubjectRow>>;

export type SubjectName = keyof typeof SUBJECTS;
