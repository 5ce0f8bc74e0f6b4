/**
 * The one door to ts-morph. Loading it costs about a quarter of a second and 70 MB, so only commands that emit or run a program
 * pay for it, and only once.
 */
import type * as TsMorph from "ts-morph";

export type { CodeBlockWriter, SourceFileStructure, StatementStructures, WriterFunction } from "ts-morph";

/** The ts-morph module, loaded when first asked for. */
export async function loadTsMorph(): Promise<typeof TsMorph> {
  return await import("ts-morph");
}
