/** The engines that tests compare with the reference: one row each. A row that cannot be opened here is skipped, with its reason. */
import { EngineUnavailableError, type Executor, openExecutor } from "../../runtime/executors/index.js";
import { useSoftwareGpu } from "./software-gpu.js";

/** One engine on one device. */
export interface TestedEngine {
  readonly engine: string;
  readonly device: string;
  /** Largest |got - expected| / max(1, |expected|) of one op's values and gradients; expected in double precision. */
  readonly tolerance: number;
  readonly threads: number;
  readonly settings?: Readonly<Record<string, string>>;
}

export const testedEngines: readonly TestedEngine[] = [
  { engine: "onnx", device: "cpu", tolerance: 1e-5, threads: 2 },
  // LayerNormalization's statistics are good to five digits there.
  { engine: "onnx", device: "webgpu", tolerance: 1e-4, threads: 2 },
  // LogSoftmax adds the largest logit, of up to 304 in these cases, to a logarithm: half a unit in the last place of it is 1.5e-5.
  { engine: "onnx", device: "cuda", tolerance: 3e-5, threads: 2 },
  { engine: "tensorflow", device: "cpu", tolerance: 1e-5, threads: 2 },
  { engine: "tfjs", device: "wasm", tolerance: 1e-5, threads: 2 },
  { engine: "tfjs", device: "cpu", tolerance: 1e-5, threads: 1 },
  { engine: "tfjs", device: "webgpu", tolerance: 1e-5, threads: 1 },
];

/** Products of short factors: an op's error is that of rounding them, of which 70 may be summed. */
export const shortPrecisions: readonly TestedEngine[] = [
  { engine: "onnx", device: "cuda", settings: { tf32: "on" }, tolerance: 1e-2, threads: 2 },
  { engine: "onnx", device: "cuda", settings: { precision: "f16" }, tolerance: 1e-2, threads: 2 },
  { engine: "onnx", device: "cuda", settings: { precision: "bf16" }, tolerance: 8e-2, threads: 2 },
];

/** As tables name it. */
export const nameOf = ({ engine, device, settings }: TestedEngine): string =>
  [engine, device, ...Object.entries(settings ?? {}).map(([name, value]) => (value === "on" ? name : value))].join(" ");

/** The engine, or the reason why it is not there. WebGPU runs on a software driver where one is found. */
export async function openTested({ engine, device, threads, settings = {} }: TestedEngine): Promise<Executor | string> {
  if (device === "webgpu") useSoftwareGpu();
  try {
    return await openExecutor(engine, { device, threads, settings });
  } catch (cause) {
    if (cause instanceof EngineUnavailableError) return cause.message;
    throw cause;
  }
}
