/** The engines that tests compare with the reference: one row each. A row that cannot be opened here is skipped, with its reason. */
import { existsSync } from "node:fs";
import { EngineUnavailableError, type Executor, openExecutor } from "../../runtime/executors/index.js";

/** One engine on one device. */
export interface TestedEngine {
  readonly engine: string;
  readonly device: string;
  /** Largest |got - expected| / max(1, |expected|) of one op's values and gradients; expected in double precision. */
  readonly tolerance: number;
  readonly threads: number;
  /** Variables that are set before it is opened, unless they are set already: where a software driver lies. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** SwiftShader, the software Vulkan driver in Debian's `chromium` package. Native code reads both names, of old and new loaders. */
const SOFTWARE_VULKAN = "/usr/lib/chromium/vk_swiftshader_icd.json";
const softwareVulkan: Readonly<Record<string, string>> = existsSync(SOFTWARE_VULKAN)
  ? { VK_DRIVER_FILES: SOFTWARE_VULKAN, VK_ICD_FILENAMES: SOFTWARE_VULKAN }
  : {};

export const testedEngines: readonly TestedEngine[] = [
  { engine: "onnx", device: "cpu", tolerance: 1e-5, threads: 2 },
  { engine: "tfjs", device: "wasm", tolerance: 1e-5, threads: 2 },
  { engine: "tfjs", device: "cpu", tolerance: 1e-5, threads: 1 },
  { engine: "tfjs", device: "webgpu", tolerance: 1e-5, threads: 1, environment: softwareVulkan },
];

/** The engine, or the reason why it is not there. */
export async function openTested({
  engine,
  device,
  threads,
  environment = {},
}: TestedEngine): Promise<Executor | string> {
  for (const [name, value] of Object.entries(environment)) process.env[name] ??= value;
  try {
    return await openExecutor(engine, { device, threads });
  } catch (cause) {
    if (cause instanceof EngineUnavailableError) return cause.message;
    throw cause;
  }
}
