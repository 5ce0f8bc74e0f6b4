/** Loads onnxruntime-node when it is first asked for: lnas works without it. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Ort from "onnxruntime-node";
import { EngineUnavailableError } from "../errors.js";
import { moduleWithCuda } from "./cuda.js";

export type OrtModule = typeof Ort;

/**
 * The module: the installed one, or a copy of it with CUDA beside it where the user has brought that (cuda.ts); one for the whole process,
 * since the system would not load a second library of the same name. Throws an `EngineUnavailableError` that says why it does not load.
 */
export async function loadOrt(): Promise<OrtModule> {
  const version = ortVersion();
  const folder = version === undefined ? undefined : moduleWithCuda(version);
  const place = folder === undefined ? "onnxruntime-node" : pathToFileURL(join(folder, "dist", "index.js")).href;
  try {
    const loaded = (await import(place)) as OrtModule & { readonly default?: OrtModule };
    return loaded.default ?? loaded;
  } catch (cause) {
    throw new EngineUnavailableError(`the onnx engine is not available: ${(cause as Error).message.split("\n")[0]}`, {
      remedy: "Install onnxruntime-node (npm install onnxruntime-node --ignore-scripts), or use the reference engine.",
      cause,
    });
  }
}

/** The installed version of onnxruntime-node, or `undefined` when it is not installed. */
export function ortVersion(): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    return (require("onnxruntime-node/package.json") as { readonly version: string }).version;
  } catch {
    return undefined;
  }
}
