/** A retrained arm, from what each of its trainings measured. */
import type { Architecture } from "../../search/index.js";
import type { Measures } from "../../training/evaluate.js";
import type { TrainedArm } from "../api.js";

/** What one training came to. */
export interface MeasuredTraining {
  readonly validation: Measures;
  readonly test: Measures;
}

/** One value for each training, in the order of the seeds. */
export function trainedArm<A extends Architecture>(
  arm: Pick<TrainedArm<A>, "name" | "architecture" | "parameters" | "learningRate">,
  trainings: readonly MeasuredTraining[],
): TrainedArm<A> {
  const of = (split: "validation" | "test", figure: "loss" | "exactMatch" | "tokenAccuracy") =>
    trainings.map((training) => training[split][figure]);
  return {
    ...arm,
    validationLoss: of("validation", "loss"),
    validationExactMatch: of("validation", "exactMatch"),
    validationTokenAccuracy: of("validation", "tokenAccuracy"),
    testLoss: of("test", "loss"),
    testExactMatch: of("test", "exactMatch"),
    testTokenAccuracy: of("test", "tokenAccuracy"),
  };
}
