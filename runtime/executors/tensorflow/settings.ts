/**
 * The settings of the engine. All but the precision are environment variables that the library reads when it is loaded, so they hold for
 * the process: the addon has no call for them. They must be set in the main thread, since what a worker sets does not reach native code.
 */
import { ExecutionError } from "../errors.js";

/** By name, of `--engine-option`; the first value is the default. */
export const tensorflowSettings = {
  precision: {
    values: ["f32", "bf16"],
    meaning: "products with frozen weights: in f32, or of bf16 factors with f32 results",
  },
  tf32: { values: ["off", "on"], meaning: "f32 products on a GPU may round their factors to 10 bits" },
  "memory-growth": {
    values: ["on", "off"],
    meaning: "GPU memory is taken as it is needed, or nearly all at the start",
  },
  xla: { values: ["off", "on"], meaning: "parts of the graph are compiled by XLA when they are first run" },
} as const satisfies Record<string, { readonly values: readonly string[]; readonly meaning: string }>;

export interface LibraryOptions {
  readonly threads: number;
  readonly device?: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** What is set only where it was asked for; what the user's own environment says otherwise stays. */
interface Variable {
  readonly value: string;
  readonly asked: boolean;
}

function variablesOf({ threads, device, settings }: LibraryOptions): ReadonlyMap<string, Variable> {
  const variables = new Map<string, Variable>();
  const set = (name: string, value: string, asked: boolean): void => {
    variables.set(name, { value, asked });
  };
  const on = (name: keyof typeof tensorflowSettings): boolean =>
    (settings[name] ?? tensorflowSettings[name].values[0]) === "on";
  set("TF_CPP_MIN_LOG_LEVEL", "2", false);
  set("TF_NUM_INTRAOP_THREADS", String(threads), true);
  set("TF_NUM_INTEROP_THREADS", String(threads), false);
  set("TF_FORCE_GPU_ALLOW_GROWTH", String(on("memory-growth")), settings["memory-growth"] !== undefined);
  set("NVIDIA_TF32_OVERRIDE", on("tf32") ? "1" : "0", settings.tf32 !== undefined);
  if (on("xla")) set("TF_XLA_FLAGS", "--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit", true);
  if (device === "cpu") set("CUDA_VISIBLE_DEVICES", "-1", true);
  return variables;
}

/** What the library was loaded with in this process. */
interface InForce {
  readonly addon: string;
  readonly variables: ReadonlyMap<string, Variable>;
}
let inForce: InForce | undefined;

const THREADS = "TF_NUM_INTRAOP_THREADS";

/**
 * Sets the environment for an addon that is about to be loaded; returns what takes that back when it then does not load. A second engine of
 * the process shares the library with the first: other threads are said through `notice`; another library, device or setting is an
 * `ExecutionError`.
 */
export function settle(
  addon: string,
  options: LibraryOptions,
  notice: (message: string) => void = () => {},
): () => void {
  const variables = variablesOf(options);
  if (inForce !== undefined) {
    checkSame(inForce, { addon, variables }, notice);
    return () => {};
  }
  inForce = { addon, variables };
  const before = new Map<string, string | undefined>();
  for (const [name, { value, asked }] of variables) {
    if (!asked && process.env[name] !== undefined) continue;
    before.set(name, process.env[name]);
    process.env[name] = value;
  }
  return () => {
    inForce = undefined;
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  };
}

function checkSame(loaded: InForce, wanted: InForce, notice: (message: string) => void): void {
  const value = ({ variables }: InForce, name: string): string | undefined => variables.get(name)?.value;
  const names = [...loaded.variables.keys(), ...wanted.variables.keys()];
  const other = names.filter((name) => value(loaded, name) !== value(wanted, name));
  const conflict = loaded.addon === wanted.addon ? other.find((name) => !name.endsWith("_THREADS")) : wanted.addon;
  if (conflict !== undefined)
    throw new ExecutionError("tensorflow is loaded in this process with other settings", {
      place: conflict,
      remedy: "Use one device and one set of settings in a process: the library reads them when it is loaded.",
    });
  if (other.length > 0)
    notice(`tensorflow keeps the ${value(loaded, THREADS)} threads it was loaded with in this process`);
}
