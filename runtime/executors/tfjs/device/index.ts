/** Opens a backend of TensorFlow.js; runs in the engine's own thread, whose globals are nobody else's. */
import { createRequire } from "node:module";
import type { OpName } from "../../../graph/ops/index.js";
import type { Lowering, Tf } from "../lowering/lowering.js";
import { openCpu } from "./cpu.js";
import type { Device } from "./names.js";
import { openWasm } from "./wasm.js";
import { openWebGpu } from "./webgpu.js";

export interface OpenDevice {
  /** For reports: the device, and the adapter where there is a choice. */
  readonly description: string;
  readonly lowerings: Readonly<Record<OpName, Lowering>>;
  /** Runs what uses the device; rejects with a `DeviceFailure` where the backend itself would go on with wrong values. */
  readonly guarded: <T>(work: () => Promise<T>) => Promise<T>;
}

const OPENERS: Readonly<Record<Device, (tf: Tf, threads: number) => Promise<OpenDevice>>> = {
  cpu: openCpu,
  wasm: openWasm,
  webgpu: openWebGpu,
};

/** The library and one of its backends, made the current one. */
export async function openDevice(device: Device, threads: number): Promise<OpenDevice & { readonly tf: Tf }> {
  const tf = createRequire(import.meta.url)("@tensorflow/tfjs-core") as Tf;
  // Without this the library advises to install tfjs-node, and reads every result back to look for NaN when it is told to debug.
  tf.enableProdMode();
  return { tf, ...(await OPENERS[device](tf, threads)) };
}
