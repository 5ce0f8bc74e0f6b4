/** The engines by name. To add one: a folder beside these, and a row here. */
import { availableParallelism } from "node:os";
import { ExecutionError } from "./errors.js";
import type { Executor } from "./executor.js";
import { onnxExecutor } from "./onnx/engine.js";
import { loadOrt, ortVersion } from "./onnx/load.js";
import { referenceExecutor } from "./reference/engine.js";

export { EngineUnavailableError, ExecutionError } from "./errors.js";
export type { CompileOptions, Executable, Executor, Feeds, Fetches } from "./executor.js";

/** What a caller may ask of an engine; each engine takes what it knows. */
export interface EngineOptions {
  /** Threads of one run; default all cores the process may use. */
  readonly threads?: number;
  /** Double precision; the reference engine only. */
  readonly float64?: boolean;
  /** Hears what a user should know, such as that `auto` fell back to a slow engine. */
  readonly notice?: (message: string) => void;
}

interface Engine {
  /** Opens it, or rejects with an `EngineUnavailableError`. */
  readonly open: (options: EngineOptions) => Promise<Executor>;
  /** Its version; rejects with the reason when it does not load. */
  readonly probe: () => Promise<string>;
  readonly threads: () => number;
}

const engines = {
  onnx: {
    open: ({ threads }) => onnxExecutor(threads === undefined ? {} : { threads }),
    probe: async () => {
      await loadOrt();
      return ortVersion() ?? "unknown";
    },
    threads: availableParallelism,
  },
  reference: {
    open: async ({ float64 = false }) => referenceExecutor({ float64 }),
    probe: async () => "built in",
    threads: () => 1,
  },
} as const satisfies Record<string, Engine>;

export type EngineName = keyof typeof engines;
export const engineNames = Object.keys(engines) as readonly EngineName[];

/** In the order in which `auto` tries them. */
const PREFERENCE: readonly EngineName[] = ["onnx", "reference"];

/**
 * Opens an engine by name. `auto` is the first that loads, and says so through `notice` when that is not the first choice.
 * Rejects with an `EngineUnavailableError` when a named engine does not load, an `ExecutionError` when there is none of that name.
 */
export async function openExecutor(name: string = "auto", options: EngineOptions = {}): Promise<Executor> {
  if (name !== "auto") {
    if (!Object.hasOwn(engines, name))
      throw new ExecutionError(`there is no engine named ${name}`, {
        place: name,
        remedy: `Use one of: auto, ${engineNames.join(", ")}.`,
      });
    return engines[name as EngineName].open(options);
  }
  const reasons: string[] = [];
  for (const candidate of PREFERENCE) {
    try {
      const opened = await engines[candidate].open(options);
      if (reasons.length > 0) options.notice?.(`${reasons.join("; ")}; using the ${candidate} engine, which is slow`);
      return opened;
    } catch (cause) {
      reasons.push((cause as Error).message);
    }
  }
  throw new ExecutionError(`no engine loads: ${reasons.join("; ")}`, { remedy: "Run lnasc doctor." });
}

/** What `lnasc doctor` prints of an engine. */
export type EngineReport =
  | { readonly name: EngineName; readonly available: true; readonly version: string; readonly threads: number }
  | { readonly name: EngineName; readonly available: false; readonly reason: string };

/** Tries to load every engine. */
export function availableEngines(): Promise<readonly EngineReport[]> {
  return Promise.all(
    engineNames.map(async (name): Promise<EngineReport> => {
      try {
        const version = await engines[name].probe();
        return { name, available: true, version, threads: engines[name].threads() };
      } catch (cause) {
        return { name, available: false, reason: (cause as Error).message };
      }
    }),
  );
}
