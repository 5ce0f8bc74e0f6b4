/** How many threads of computation a graph is worth, and the backends that have them: a backend's number is fixed when it starts. */
import { flopsOf } from "../../graph/ops/index.js";
import { tensorsOf } from "../../graph/rewrite.js";
import type { Graph } from "../../graph/types.js";
import { EngineUnavailableError } from "../errors.js";
import type { Device } from "./device/names.js";
import { DeviceThread } from "./thread.js";

/** The wasm backend starts no more. */
const MOST_THREADS = 8;
/** Threads that have not started by then will not. */
const START_MS = 30_000;
/**
 * What a product must compute for one more thread to be worth waking. On two cores that other processes wanted too, the fastest of many:
 * 0.02 against 0.27 ms for a product of 0.5 MFLOP, 0.14 and 0.28 ms for 4 MFLOP, 0.54 and 0.28 ms for 17 MFLOP; a whole step of Mllama S
 * or M took twice as long with two threads.
 */
const FLOPS_PER_THREAD = 8e6;

/** Threads for a graph, by the mean work of its products. */
export function threadsFor(graph: Graph, most: number): number {
  const products = tensorsOf(graph).filter(({ op }) => op === "matmul");
  const mean = products.reduce((sum, product) => sum + flopsOf(product), 0) / Math.max(1, products.length);
  return Math.max(1, Math.min(most, Math.round(mean / FLOPS_PER_THREAD)));
}

/** Backends of one device, by their number of threads; each is started when it is first asked for. */
export interface DeviceThreads {
  readonly description: string;
  /** The backend with that many threads, at most those there are; one with a single thread where more do not start. */
  with(threads: number): Promise<DeviceThread>;
  /** Those that have been started. */
  started(): Promise<readonly DeviceThread[]>;
}

/** Starts the backend with one thread. Rejects with an `EngineUnavailableError` where that fails. */
export async function openThreads(
  device: Device,
  threads: number,
  notice: (message: string) => void,
): Promise<DeviceThreads> {
  const most = device === "wasm" ? Math.max(1, Math.min(threads, MOST_THREADS)) : 1;
  const single = await started(device, 1).catch((cause: Error) => {
    throw new EngineUnavailableError(`the tfjs engine does not start on ${device}: ${cause.message}`, {
      remedy: START_REMEDIES[device],
      cause,
    });
  });
  const several = new Map<number, Promise<DeviceThread>>([[1, Promise.resolve(single.thread)]]);
  const start = (count: number): Promise<DeviceThread> =>
    started(device, count).then(
      ({ thread }) => thread,
      (cause: Error) => {
        notice(`the wasm backend runs on one thread, ${count} did not start: ${cause.message}`);
        return single.thread;
      },
    );
  return {
    description: most > 1 ? `${single.description}, up to ${most} threads` : single.description,
    with: (count) => {
      const wanted = Math.min(count, most);
      const known = several.get(wanted) ?? start(wanted);
      several.set(wanted, known);
      return known;
    },
    started: async () => [...new Set(await Promise.all(several.values()))],
  };
}

async function started(
  device: Device,
  threads: number,
): Promise<{ readonly thread: DeviceThread; readonly description: string }> {
  const thread = new DeviceThread({ device, threads });
  try {
    return { thread, description: await within(START_MS, thread.ask("open", {})) };
  } catch (cause) {
    await thread.stop();
    throw cause;
  }
}

const START_REMEDIES: Readonly<Record<Device, string>> = {
  cpu: "Try --device wasm.",
  wasm: "Try --device cpu, or the onnx engine.",
  webgpu:
    "Install the GPU's Vulkan driver: apt install mesa-vulkan-drivers, or NVIDIA's own (vulkaninfo --summary shows what is found; VK_DRIVER_FILES names a driver's .json file); or use --device wasm.",
};

function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  return new Promise((done, failed) => {
    const timer = setTimeout(() => failed(new Error(`no answer in ${milliseconds / 1000} s`)), milliseconds);
    promise.then(done, failed).finally(() => clearTimeout(timer));
  });
}
