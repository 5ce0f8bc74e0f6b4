/**
 * The wasm backend, with threads where they can be had. The library knows threads in browsers only; under Node they need a script that a
 * thread starts from (wasm-thread.ts), and a number of processors of which the library uses half.
 */
import { createRequire } from "node:module";
import os from "node:os";
import { fileURLToPath } from "node:url";
import type * as Wasm from "@tensorflow/tfjs-backend-wasm";
import type { Tf } from "../lowering/lowering.js";
import { wasmLowerings } from "../lowering/wasm.js";
import { wasmFolder } from "../packages.js";
import { DeviceFailure } from "./failure.js";
import type { OpenDevice } from "./index.js";
import { pieceCopies } from "./wasm-copies.js";
import { matrixProducts, moduleOf, type WasmModule } from "./wasm-products.js";

const BYTES_TO_TRY = 8;

/** Makes it the current backend, with that many threads. Never settles, or throws past the caller, where threads cannot start. */
export async function openWasm(tf: Tf, threads: number): Promise<OpenDevice> {
  const troubles = hearTroubles();
  const wasm = createRequire(import.meta.url)("@tensorflow/tfjs-backend-wasm") as typeof Wasm;
  wasm.setWasmPaths(wasmFolder());
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", threads > 1);
  wasm.setThreadsCount(threads);
  const restore = letThreadsStart(threads);
  try {
    if (!(await tf.setBackend("wasm")))
      throw new DeviceFailure("other", troubles[0] ?? "the wasm backend does not start");
  } finally {
    restore();
  }
  const got = threads > 1 ? wasm.getThreadsCount() : 1;
  if (got !== threads) throw new DeviceFailure("other", `${got} of ${threads} threads started`);
  const backend = tf.backend() as Wasm.BackendWasm;
  failWithoutMemory(moduleOf(backend));
  return {
    description: "wasm",
    lowerings: wasmLowerings({ multiply: matrixProducts(backend), copy: pieceCopies(backend) }),
    guarded: async (work) => {
      troubles.length = 0;
      const result = await work();
      if (troubles.length > 0) throw new DeviceFailure("memory", troubles[0]!);
      return result;
    },
  };
}

/** Kernels of XNNPACK that fail only print so, and leave their result as it was. Other warnings are passed on. */
function hearTroubles(): string[] {
  const troubles: string[] = [];
  const { warn } = console;
  console.warn = (...parts: unknown[]) => {
    const text = parts.join(" ");
    if (text.includes("XNN status")) troubles.push(text);
    else warn(...parts);
  };
  return troubles;
}

/** Sets what the library asks for when it starts threads; returns what puts everything back. */
function letThreadsStart(threads: number): () => void {
  const [{ createObjectURL }, { cpus }] = [URL, os];
  const some = cpus();
  os.cpus = () => Array.from({ length: 2 * threads }, (_, index) => some[index % some.length]!);
  URL.createObjectURL = () => fileURLToPath(new URL("./wasm-thread.js", import.meta.url));
  return () => {
    os.cpus = cpus;
    URL.createObjectURL = createObjectURL;
  };
}

/** The backend takes a failed allocation, address 0, for a place to write to, and a size beyond 32 bits for what is left of it. */
function failWithoutMemory(wasm: WasmModule): void {
  // The first call replaces the function by another one.
  wasm._free(wasm._malloc(BYTES_TO_TRY));
  const allocate = wasm._malloc;
  wasm._malloc = (bytes) => {
    const address = bytes < 2 ** 32 ? allocate(bytes) : 0;
    if (address === 0 && bytes > 0)
      throw new DeviceFailure("memory", `no ${(bytes / 2 ** 20).toFixed(1)} MiB more within the 4 GiB of wasm`);
    return address;
  };
}
