/** Every op's kernel. The type demands one for each row of the op table. */
import type { OpName } from "../../graph/ops/index.js";
import { elementwiseKernels } from "./elementwise.js";
import { indexKernels } from "./index-ops.js";
import type { Kernel } from "./kernel.js";
import { linearKernels } from "./linear.js";
import { lossKernels, normaliseKernels } from "./normalise.js";
import { reduceKernels } from "./reduce.js";
import { shapeKernels } from "./shape.js";

export const kernels: Record<OpName, Kernel> = {
  ...elementwiseKernels,
  ...reduceKernels,
  ...linearKernels,
  ...shapeKernels,
  ...indexKernels,
  ...normaliseKernels,
  ...lossKernels,
};
