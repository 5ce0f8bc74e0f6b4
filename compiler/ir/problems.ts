/** Values that should be an IR, checked against the schema. */
import { validateIR } from "./validator.js";

/** A place in the IR that breaks the schema. */
export interface SchemaProblem {
  /** JSON pointer, "" for the whole. */
  readonly pointer: string;
  readonly problem: string;
}

/** Checks a value against the schema; empty when it is an IR. */
export function irProblems(value: unknown): SchemaProblem[] {
  if (validateIR(value)) return [];
  return (validateIR.errors ?? []).map(({ keyword, instancePath, params, message }) => ({
    pointer: keyword === "additionalProperties" ? `${instancePath}/${String(params.additionalProperty)}` : instancePath,
    problem: `${instancePath || "the IR"} ${message ?? keyword}`,
  }));
}
