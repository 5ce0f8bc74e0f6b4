/** One meaning, one text, one hash. */
import { createRequire } from "node:module";
import type { ExperimentIR } from "./types.js";

/** JSON with sorted keys and no spaces; numbers as JavaScript prints them (the shortest text that reads back the same). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const record = value as Readonly<Record<string, unknown>>;
    const keys = Object.keys(record).sort();
    const present = keys.filter((key) => record[key] !== undefined);
    return `{${present.map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`).join(",")}}`;
  }
  // JSON has one zero.
  return JSON.stringify(Object.is(value, -0) ? 0 : value);
}

/** SHA-256 of the canonical text, hexadecimal; `text` is that text where it is at hand. */
export function hashIR(ir: ExperimentIR, text = canonicalJson(ir)): string {
  // Loaded here because it takes long, and a check needs no hash.
  const { createHash } = createRequire(import.meta.url)("node:crypto") as typeof import("node:crypto");
  return createHash("sha256").update(text).digest("hex");
}
