/** The engines by name. To add one: a folder beside these, and a row here. */
import { availableParallelism } from "node:os";
import { openFirst } from "./auto.js";
import { ExecutionError } from "./errors.js";
import type { Executor } from "./executor.js";
import { type OnnxDeviceName, onnxDevices } from "./onnx/devices.js";
import { onnxExecutor } from "./onnx/engine.js";
import { loadOrt, ortVersion } from "./onnx/load.js";
import { PRECISIONS, type Precision } from "./onnx/matmul.js";
import { SPINNING, type Spinning } from "./onnx/spinning.js";
import { untestedVersion } from "./onnx/tested-version.js";
import { TF32, type Tf32 } from "./onnx/tf32.js";
import { WEIGHT_FORMS, type WeightForm } from "./onnx/weights.js";
import { referenceExecutor } from "./reference/engine.js";
import { tensorflowExecutor } from "./tensorflow/engine.js";
import { probeLibrary } from "./tensorflow/probe.js";
import { tensorflowSettings } from "./tensorflow/settings.js";
import { DEVICES } from "./tfjs/device/names.js";
import { tfjsExecutor } from "./tfjs/engine.js";
import { requirePackages } from "./tfjs/packages.js";

export { EngineUnavailableError, ExecutionError, OutOfMemoryError } from "./errors.js";
export type { CompileOptions, Executable, Executor, Feeds, Fetches } from "./executor.js";

/** What a caller may ask of an engine; each engine takes what it knows. */
export interface EngineOptions {
  /** Threads of one run; default all cores the process may use. */
  readonly threads?: number;
  /** Where it computes, one of the engine's `devices`; default the first. */
  readonly device?: string;
  /** By name, of those the engine lists under `settings`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Double precision; the reference engine only. */
  readonly float64?: boolean;
  /** Hears what a user should know, such as that `auto` fell back to a slow engine. */
  readonly notice?: (message: string) => void;
}

/** A setting that one engine has and others do not. */
export interface EngineSetting {
  readonly values: readonly string[];
  readonly meaning: string;
}

interface Engine {
  /** Where it can compute; the first is the default. */
  readonly devices: readonly string[];
  readonly settings?: Readonly<Record<string, EngineSetting>>;
  /** Opens it, or rejects with an `EngineUnavailableError`. Device and settings are among those listed. */
  readonly open: (options: EngineOptions) => Promise<Executor>;
  /** Its version; rejects with the reason when it does not load. */
  readonly probe: () => Promise<string>;
  readonly threads: () => number;
}

const engines = {
  onnx: {
    devices: Object.keys(onnxDevices),
    settings: {
      precision: {
        values: Object.keys(PRECISIONS),
        meaning: "what products are computed in, f32 by default; bf16 and f16 with --device cuda",
      },
      tf32: {
        values: TF32,
        meaning: "with --device cuda, f32 products may round their factors to 10 bits; off by default",
      },
      weights: {
        values: WEIGHT_FORMS,
        meaning:
          "packed: a copy in f32 for each product, faster; mapped: as they lie in their files, less memory; default by size",
      },
      spinning: {
        values: SPINNING,
        meaning: "how threads wait: on is faster on a machine of one's own, off beside other processes; auto looks",
      },
    },
    open: ({ threads, device = "cpu", settings, notice }) => {
      const untested = untestedVersion(ortVersion());
      if (untested !== undefined) notice?.(untested);
      return onnxExecutor({
        device: device as OnnxDeviceName,
        ...(threads === undefined ? {} : { threads }),
        ...(settings?.precision === undefined ? {} : { precision: settings.precision as Precision }),
        ...(settings?.tf32 === undefined ? {} : { tf32: settings.tf32 as Tf32 }),
        ...(settings?.spinning === undefined ? {} : { spinning: settings.spinning as Spinning }),
        ...(settings?.weights === undefined ? {} : { weights: settings.weights as WeightForm }),
      });
    },
    probe: async () => {
      await loadOrt();
      return ortVersion() ?? "unknown";
    },
    threads: () => availableParallelism(),
  },
  tensorflow: {
    // Without a choice, the GPU where the installed library sees one.
    devices: ["cpu", "gpu"],
    settings: tensorflowSettings,
    open: tensorflowExecutor,
    probe: probeLibrary,
    threads: () => availableParallelism(),
  },
  tfjs: {
    devices: DEVICES,
    open: ({ device, threads, notice }) =>
      tfjsExecutor({
        device: (device ?? DEVICES[0]) as (typeof DEVICES)[number],
        ...(threads === undefined ? {} : { threads }),
        ...(notice === undefined ? {} : { notice }),
      }),
    probe: async () => requirePackages(DEVICES[0]),
    threads: () => availableParallelism(),
  },
  reference: {
    devices: ["cpu"],
    open: async ({ float64 = false }) => referenceExecutor({ float64 }),
    probe: async () => "built in",
    threads: () => 1,
  },
} as const satisfies Record<string, Engine>;

export type EngineName = keyof typeof engines;
export const engineNames = Object.keys(engines) as readonly EngineName[];

/** In the order in which `auto` tries them where nothing was measured. */
const PREFERENCE: readonly EngineName[] = ["onnx", "tfjs", "reference"];

/**
 * Opens an engine by name. `auto` is the fastest that was measured on this machine, or else the first that loads (see auto.ts); it says through
 * `notice` when that is not the first choice.
 * Rejects with an `EngineUnavailableError` when a named engine does not load, an `ExecutionError` when there is none of that name.
 */
export async function openExecutor(name: string = "auto", options: EngineOptions = {}): Promise<Executor> {
  if (name !== "auto") {
    if (!Object.hasOwn(engines, name))
      throw new ExecutionError(`there is no engine named ${name}`, {
        place: name,
        remedy: `Use one of: auto, ${engineNames.join(", ")}.`,
      });
    checkOptions(name as EngineName, options);
    return engines[name as EngineName].open(options);
  }
  if (options.device !== undefined || Object.keys(options.settings ?? {}).length > 0)
    throw new ExecutionError("a device or a setting belongs to an engine, and none was named", {
      place: options.device ?? Object.keys(options.settings!)[0]!,
      remedy: `Name the engine too: ${engineNames.join(", ")}.`,
    });
  return openFirst({
    order: PREFERENCE,
    has: (engine, device) => (engines as Readonly<Record<string, Engine>>)[engine]?.devices.includes(device) === true,
    version: engineVersion,
    open: ({ engine, device }) =>
      engines[engine as EngineName].open({ ...options, ...(device === undefined ? {} : { device }) }),
    notice: (message) => options.notice?.(message),
  }).catch((cause: AggregateError) => {
    throw new ExecutionError(`no engine loads: ${cause.message}`, { remedy: "Run lnasc doctor.", cause });
  });
}

/** The version of an engine that loads; rejects with the reason when it does not. Native code of the engine may be loaded. */
export const engineVersion = (name: string): Promise<string> => engines[name as EngineName].probe();

/** An engine of the table, whether it loads or not. */
export interface EngineRow {
  readonly name: EngineName;
  readonly devices: readonly string[];
  /** What products can be computed in beside f32, on some of the devices. */
  readonly precisions: readonly string[];
  /** Most threads of a run, by default. */
  readonly threads: number;
}

/** The table of engines. */
export const engineRows = (): readonly EngineRow[] =>
  engineNames.map((name) => {
    const { devices, settings, threads }: Engine = engines[name];
    return {
      name,
      devices,
      precisions: (settings?.precision?.values ?? []).filter((value) => value !== "f32"),
      threads: threads(),
    };
  });

/** Throws an `ExecutionError` unless the engine has the device and the settings, with those values. */
function checkOptions(name: EngineName, { device, settings = {} }: EngineOptions): void {
  const engine: Engine = engines[name];
  const unknown = (what: string, place: string, remedy: string): ExecutionError =>
    new ExecutionError(`the ${name} engine has no ${what} ${place}`, { place, remedy });
  if (device !== undefined && !engine.devices.includes(device))
    throw unknown("device", device, `Its devices are: ${engine.devices.join(", ")}.`);
  for (const [key, value] of Object.entries(settings)) {
    const known = Object.keys(engine.settings ?? {}).join(", ");
    const setting = Object.hasOwn(engine.settings ?? {}, key) ? engine.settings?.[key] : undefined;
    if (setting === undefined)
      throw unknown("setting", key, known === "" ? "It has no settings." : `Its settings are: ${known}.`);
    if (!setting.values.includes(value))
      throw unknown(`value ${value} for the setting`, key, `Its values are: ${setting.values.join(", ")}.`);
  }
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
