/**
 * Whether CUDA may round the factors of f32 products to 10 bits of mantissa (TF32). onnxruntime lets it by default, and onnxruntime-node has no
 * option for it; NVIDIA's libraries obey an environment variable, which they read when they are loaded. So it holds for the process, and must
 * be set in the main thread: what a worker sets does not reach native code.
 */
import { ExecutionError } from "../errors.js";

/** Values of the setting; the first is the default. */
export const TF32 = ["off", "on"] as const;
export type Tf32 = (typeof TF32)[number];

const VARIABLE = "NVIDIA_TF32_OVERRIDE";
let inForce: Tf32 | undefined;

/**
 * Sets the variable before the first CUDA device of the process is opened. A value of the user's own stays unless the setting was `asked` for.
 * Throws an `ExecutionError` when the process has a device with the other value.
 */
export function settleTf32(asked: Tf32 | undefined, environment: NodeJS.ProcessEnv = process.env): void {
  const wanted = asked ?? inForce ?? TF32[0];
  if (inForce !== undefined && inForce !== wanted)
    throw new ExecutionError(`CUDA is loaded in this process with tf32 ${inForce}`, {
      place: "tf32",
      remedy: "Use one value in a process: CUDA's libraries read it when they are loaded.",
    });
  inForce = wanted;
  // Any other value than 0 leaves the choice to the program, and onnxruntime chooses TF32.
  if (asked !== undefined || environment[VARIABLE] === undefined) environment[VARIABLE] = wanted === "on" ? "1" : "0";
}
