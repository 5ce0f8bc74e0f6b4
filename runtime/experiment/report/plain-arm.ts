/** An arm as reports keep it: without what was only needed to compare it. */
import type { Arm } from "./types.js";

export const plainArm = ({
  name,
  parameters,
  learningRate = null,
  validationLoss,
  testLoss,
  testExactMatch,
  testTokenAccuracy,
}: Arm): Arm => ({ name, parameters, learningRate, validationLoss, testLoss, testExactMatch, testTokenAccuracy });
