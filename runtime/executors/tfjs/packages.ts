/** The npm packages a device needs, in the versions that the engine is made for, and what to say when one is not there. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { EngineUnavailableError } from "../errors.js";
import type { Device } from "./device/names.js";

/**
 * Pinned: kernels of the wasm backend are called by what is inside this version. `webgpu` is Dawn with its binary in the npm package; it
 * and the webgpu backend are 151 MB, so they are not installed with lnas.
 */
const VERSIONS = {
  "@tensorflow/tfjs-core": "4.22.0",
  "@tensorflow/tfjs-backend-cpu": "4.22.0",
  "@tensorflow/tfjs-backend-wasm": "4.22.0",
  "@tensorflow/tfjs-backend-webgpu": "4.22.0",
  webgpu: "0.6.2",
} as const;

type Package = keyof typeof VERSIONS;

const NEEDED: Readonly<Record<Device, readonly Package[]>> = {
  cpu: ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-cpu"],
  wasm: ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-cpu", "@tensorflow/tfjs-backend-wasm"],
  webgpu: ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-cpu", "@tensorflow/tfjs-backend-webgpu", "webgpu"],
};

/** Packages whose insides the engine uses: another version is refused. Of others a compatible one will do. */
const EXACT: ReadonlySet<Package> = new Set<Package>(["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-wasm"]);

/** Folders in which Node looks for packages, seen from this file. */
const searched = createRequire(import.meta.url).resolve.paths("webgpu") ?? [];

/** The folder of an installed package, or `undefined`. */
export function packageFolder(name: string, folders: readonly string[] = searched): string | undefined {
  return folders.map((folder) => join(folder, name)).find((folder) => existsSync(join(folder, "package.json")));
}

function installedVersion(name: Package, folders: readonly string[]): string | undefined {
  const folder = packageFolder(name, folders);
  if (folder === undefined) return undefined;
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { readonly version: string }).version;
}

/**
 * The version of TensorFlow.js. Throws an `EngineUnavailableError` with the command that brings what a device lacks. `folders`: where
 * packages are looked for, by default where Node does.
 */
export function requirePackages(device: Device, folders: readonly string[] = searched): string {
  const found = NEEDED[device].map((name) => ({ name, version: installedVersion(name, folders) }));
  const wrong = found.filter(
    ({ name, version }) => version === undefined || (EXACT.has(name) && version !== VERSIONS[name]),
  );
  if (wrong.length > 0) {
    const reasons = wrong.map(({ name, version }) =>
      version === undefined ? `${name} is not installed` : `${name} is version ${version}, not ${VERSIONS[name]}`,
    );
    const packages = NEEDED[device].map((name) => `${name}@${VERSIONS[name]}`).join(" ");
    throw new EngineUnavailableError(`the tfjs engine is not available on ${device}: ${reasons.join(", ")}`, {
      remedy: `npm install --ignore-scripts ${packages}`,
    });
  }
  return found[0]!.version!;
}

/** The wasm backend's folder of binaries and of the scripts that belong to them, with a separator at its end. */
export const wasmFolder = (): string => join(packageFolder("@tensorflow/tfjs-backend-wasm")!, "wasm-out", "/");
