/** One meaning, one text, one hash. */
import { createHash } from "node:crypto";
import type { ExperimentIR } from "./types.js";

/** JSON with sorted keys and no spaces; numbers as JavaScript prints them (the shortest text that reads back the same). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(",")}}`;
  }
  // JSON has one zero.
  return JSON.stringify(Object.is(value, -0) ? 0 : value);
}

/** SHA-256 of the canonical text, hexadecimal. */
export function hashIR(ir: ExperimentIR): string {
  return createHash("sha256").update(canonicalJson(ir)).digest("hex");
}
