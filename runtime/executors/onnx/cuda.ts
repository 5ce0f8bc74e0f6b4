/**
 * CUDA for onnxruntime-node, whose npm package brings no CUDA. ORT looks for `libonnxruntime_providers_cuda.so`, of its own version,
 * beside its main library and nowhere else. So that nothing is written into node_modules, the provider comes into the cache folder (by
 * pip, out of the Python package of the same version), and a copy of what onnxruntime-node needs on this platform is laid out beside it.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { cacheFolder } from "../../formats/cache-folder.js";
import { EngineUnavailableError } from "../errors.js";

const PROVIDER = "libonnxruntime_providers_cuda.so";
const PROVIDER_FILES = [PROVIDER, "libonnxruntime_providers_shared.so"];
const NATIVE = join("bin", "napi-v6", process.platform, process.arch);
const require = createRequire(import.meta.url);

/** Folder of an installed package. */
function packageFolder(name: string, from: NodeJS.Require): string {
  let folder = dirname(from.resolve(name));
  while (basename(folder) !== name) folder = dirname(folder);
  return folder;
}

/** Where pip is asked to put the Python package. */
export const cudaFolder = (version: string, environment = process.env): string =>
  join(cacheFolder(environment), "backends", "onnx-cuda", version);

/**
 * The folder to load onnxruntime-node from so that it finds CUDA: laid out when the provider is in the cache folder; `undefined` when it is
 * not, and the installed package serves. Throws an `EngineUnavailableError` when the cache folder cannot be written.
 */
export function moduleWithCuda(version: string, environment = process.env): string | undefined {
  const folder = cudaFolder(version, environment);
  const provider = join(folder, "onnxruntime", "capi");
  if (!existsSync(join(provider, PROVIDER))) return undefined;
  const laidOut = join(folder, "node_modules");
  if (!existsSync(laidOut))
    try {
      layOut(folder, provider, laidOut);
    } catch (cause) {
      throw new EngineUnavailableError(`CUDA cannot be put beside onnxruntime: ${(cause as Error).message}`, {
        place: folder,
        remedy: "Free some space there, or remove the folder.",
        cause,
      });
    }
  return join(laidOut, "onnxruntime-node");
}

/** Complete or not at all: made beside and renamed. Of several processes that do so at once, the first one's stays. */
function layOut(folder: string, provider: string, laidOut: string): void {
  const making = mkdtempSync(join(folder, "making-"));
  try {
    const installed = packageFolder("onnxruntime-node", require);
    const common = packageFolder("onnxruntime-common", createRequire(join(installed, "package.json")));
    const copy = join(making, "onnxruntime-node");
    mkdirSync(join(copy, NATIVE), { recursive: true });
    cpSync(join(installed, "dist"), join(copy, "dist"), { recursive: true });
    copyFileSync(join(installed, "package.json"), join(copy, "package.json"));
    cpSync(join(installed, NATIVE), join(copy, NATIVE), { recursive: true });
    for (const file of PROVIDER_FILES) symlinkSync(join(provider, file), join(copy, NATIVE, file));
    cpSync(common, join(making, "onnxruntime-common"), { recursive: true });
    try {
      renameSync(making, laidOut);
    } catch (cause) {
      if (!existsSync(laidOut)) throw cause;
    }
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** Whether the provider lies where ORT looks for it: beside the module in that folder, or the installed one. */
export const hasCuda = (folder: string | undefined): boolean =>
  existsSync(join(folder ?? packageFolder("onnxruntime-node", require), NATIVE, PROVIDER));

/** The one command that brings the provider. */
export const cudaCommand = (version: string, environment = process.env): string =>
  `python3 -m pip install --no-deps --target ${cudaFolder(version, environment)} onnxruntime-gpu==${version}`;
