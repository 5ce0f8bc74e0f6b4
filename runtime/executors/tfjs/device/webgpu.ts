/** The webgpu backend on Dawn, from the npm package `webgpu`: Vulkan, Metal or Direct3D. Values can be read from it asynchronously only. */
import { createRequire } from "node:module";
import type { Tf } from "../lowering/lowering.js";
import { webGpuLowerings } from "../lowering/webgpu.js";
import { DeviceFailure } from "./failure.js";
import type { OpenDevice } from "./index.js";

/** What is used of WebGPU's types; those of the two packages do not agree with each other. */
interface Gpu {
  requestAdapter(options?: { readonly powerPreference?: string }): Promise<{
    readonly info?: { readonly description?: string; readonly vendor?: string; readonly device?: string };
  } | null>;
}
interface GpuDevice {
  readonly lost: Promise<{ readonly message: string; readonly reason: string }>;
  pushErrorScope(filter: ErrorFilter): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
}
type ErrorFilter = "validation" | "out-of-memory" | "internal";

/** Drivers that compute on the CPU. */
const SOFTWARE = /swiftshader|llvmpipe/i;
/**
 * The backend's MatMulSmallOutputSizeProgram for all products. By itself it takes a workgroup for each element of a small result; on
 * SwiftShader a step of a tiny transformer then takes 5 s instead of 0.1 s. Larger tiles are as fast, but six times as long to compile.
 */
const SMALL_TILES = 2;

/** Makes it the current backend. Throws a `DeviceFailure` where there is no adapter. */
export async function openWebGpu(tf: Tf): Promise<OpenDevice> {
  const { create, globals } = (await import("webgpu")) as unknown as {
    readonly create: (flags: string[]) => Gpu;
    readonly globals: object;
  };
  const gpu = create([]);
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, "navigator", {
    value: { gpu, userAgent: `Node ${process.version}` },
    configurable: true,
    writable: true,
  });
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null)
    throw new DeviceFailure("unavailable", "Dawn finds no graphics driver (requestAdapter gives null)");
  createRequire(import.meta.url)("@tensorflow/tfjs-backend-webgpu");
  const { description, vendor, device: name } = adapter.info ?? {};
  if (SOFTWARE.test(description ?? "")) tf.env().set("WEBGPU_MATMUL_PROGRAM_TYPE", SMALL_TILES);
  if (!(await tf.setBackend("webgpu"))) throw new DeviceFailure("unavailable", "the webgpu backend does not start");
  const { device } = tf.backend() as unknown as { readonly device: GpuDevice };
  let lost: string | undefined;
  void device.lost.then(({ reason, message }) => {
    lost = message || reason;
  });
  return {
    description: `webgpu, ${description || [vendor, name].filter(Boolean).join(" ") || "unnamed adapter"}`,
    lowerings: webGpuLowerings,
    guarded: (work) => guarded(device, () => lost, work),
  };
}

/** What a GPU could not do is told to error scopes only: results would be zeros. */
async function guarded<T>(device: GpuDevice, lost: () => string | undefined, work: () => Promise<T>): Promise<T> {
  const filters: readonly ErrorFilter[] = ["validation", "internal", "out-of-memory"];
  for (const filter of filters) device.pushErrorScope(filter);
  let outcome: { readonly result: T } | { readonly error: unknown };
  try {
    outcome = { result: await work() };
  } catch (error) {
    outcome = { error };
  }
  const told = await Promise.all(filters.toReversed().map(async (filter) => ({ filter, error: await popped(device) })));
  const gone = lost();
  if (gone !== undefined) throw new DeviceFailure("lost", gone);
  const first = told.find(({ error }) => error !== null);
  if (first !== undefined) {
    const tooLarge = first.filter === "out-of-memory" || first.error!.message.includes("exceeds the max buffer size");
    throw new DeviceFailure(tooLarge ? "memory" : "other", first.error!.message);
  }
  if ("error" in outcome) throw outcome.error;
  return outcome.result;
}

/** A device that is lost has no scopes. */
const popped = (device: GpuDevice): Promise<{ readonly message: string } | null> =>
  device.popErrorScope().catch(() => null);
