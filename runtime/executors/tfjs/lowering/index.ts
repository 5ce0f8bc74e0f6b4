/** Every op's lowering to TensorFlow.js. The type demands one for each row of the op table. */
import type { OpName } from "../../../graph/ops/index.js";
import { elementwiseLowerings } from "./elementwise.js";
import { indexLowerings } from "./index-ops.js";
import { linearLowerings } from "./linear.js";
import type { Lowering } from "./lowering.js";
import { lossLowerings, normaliseLowerings } from "./normalise.js";
import { reduceLowerings } from "./reduce.js";
import { shapeLowerings } from "./shape.js";

export const lowerings: Readonly<Record<OpName, Lowering>> = {
  ...elementwiseLowerings,
  ...reduceLowerings,
  ...linearLowerings,
  ...shapeLowerings,
  ...indexLowerings,
  ...normaliseLowerings,
  ...lossLowerings,
};
