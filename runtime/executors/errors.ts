/** What engines throw. */
import { UserError } from "../formats/errors.js";

/** A run or a compilation that failed: a missing feed, a wrong shape or dtype, or an error inside the engine. */
export class ExecutionError extends UserError {
  override readonly name: string = "ExecutionError";
}

/** An engine that was asked for is not installed or does not load on this machine. */
export class EngineUnavailableError extends UserError {
  override readonly name = "EngineUnavailableError";
}

/** What takes less memory, in the order in which it is worth trying. */
export const LESS_MEMORY =
  "Lower the batch, or run it in parts (micro_batch 2); lower the image tiles or tokens of an example, or the largest rank; or limit what a step takes (step_memory 8 GiB). lnasc plan shows what each takes.";

/** The device has too little memory to compile or to run a graph. */
export class OutOfMemoryError extends ExecutionError {
  override readonly name = "OutOfMemoryError";
  constructor(
    message: string,
    options: { readonly place?: string; readonly cause?: unknown; readonly remedy?: string } = {},
  ) {
    super(message, { remedy: LESS_MEMORY, ...options });
  }
}

/** Whether JavaScript itself had no memory for an array, or could not even count its bytes. */
export function isAllocationFailure(cause: unknown): boolean {
  return (
    cause instanceof RangeError &&
    /allocation failed|Invalid typed array length|Invalid array buffer length/i.test(cause.message)
  );
}
