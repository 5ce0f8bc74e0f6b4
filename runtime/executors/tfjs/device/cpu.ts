/** The cpu backend: plain JavaScript. */
import { createRequire } from "node:module";
import { lowerings } from "../lowering/index.js";
import { scatterAddOnHost } from "../lowering/index-ops.js";
import type { Tf } from "../lowering/lowering.js";
import type { OpenDevice } from "./index.js";

/** Makes it the current backend. */
export async function openCpu(tf: Tf): Promise<OpenDevice> {
  createRequire(import.meta.url)("@tensorflow/tfjs-backend-cpu");
  await tf.setBackend("cpu");
  return {
    description: "cpu",
    lowerings: { ...lowerings, scatterAdd: scatterAddOnHost },
    guarded: (work) => work(),
  };
}
