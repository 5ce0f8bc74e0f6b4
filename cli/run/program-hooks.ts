/**
 * Node's module hooks for generated programs (see `load-program.ts`): `lnas/runtime` is this package's own, wherever the program lies, and the
 * program's TypeScript was made JavaScript before. Nothing here waits, so that the same functions serve Node's hooks on this thread
 * and those on its loader thread.
 */
import type { LoadHook, ResolveHook } from "node:module";

export interface ProgramHookData {
  /** URL of the program. */
  readonly programUrl: string;
  /** Its JavaScript. */
  readonly source: string;
  /** URL of this package's `lnas/runtime`. */
  readonly runtimeUrl: string;
}

const programs = new Map<string, string>();
let runtimeUrl = "";

/** Adds a program. */
export function initialize(data: ProgramHookData): void {
  programs.set(data.programUrl, data.source);
  runtimeUrl = data.runtimeUrl;
}

export const resolve: ResolveHook = (specifier, context, nextResolve) => {
  if (programs.has(specifier)) return { url: specifier, format: "module", shortCircuit: true };
  if (specifier === "lnas/runtime" && programs.has(context.parentURL ?? ""))
    return { url: runtimeUrl, format: "module", shortCircuit: true };
  return nextResolve(specifier, context);
};

export const load: LoadHook = (url, context, nextLoad) => {
  const source = programs.get(url);
  return source === undefined ? nextLoad(url, context) : { format: "module", source, shortCircuit: true };
};
