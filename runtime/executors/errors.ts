/** What engines throw. */
import { UserError } from "../formats/errors.js";

/** A run or a compilation that failed: a missing feed, a wrong shape or dtype, or an error inside the engine. */
export class ExecutionError extends UserError {
  override readonly name = "ExecutionError";
}

/** An engine that was asked for is not installed or does not load on this machine. */
export class EngineUnavailableError extends UserError {
  override readonly name = "EngineUnavailableError";
}
