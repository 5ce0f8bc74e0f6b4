/** Builds the native addon of @tensorflow/tfjs-node-gpu against a library: one call of the compiler, with what its binding.gyp says for Linux. */
import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { InstallError } from "./install-error.js";
import type { Layout } from "./layout.js";
import { diskIsFull, runProgram, saidLast } from "./run-program.js";

/** Node's interface for addons is stable: one build serves every Node from 12 on. */
const NAPI_VERSION = 8;

/** Of the addon within its installation; it finds libraries by `../../deps/lib`. */
export const ADDON = join("addon", "lib", `napi-v${NAPI_VERSION}`, "tfjs_binding.node");

const PACKAGE = "@tensorflow/tfjs-node-gpu";

/** A file of an installed npm package. Throws an `InstallError` with the command that brings the package. */
function packageFile(name: string, file: string): string {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const path = join(dirname(manifest), file);
    if (existsSync(path)) return path;
  } catch {
    // Told below.
  }
  throw new InstallError(`the npm package ${name} is not installed`, {
    place: name,
    remedy: `Install it with npm install ${name} --ignore-scripts, and give the same command again.`,
  });
}

/** Version of the npm package whose sources are built. */
export function addonVersion(): string {
  const require = createRequire(import.meta.url);
  return (require(packageFile(PACKAGE, "package.json")) as { readonly version: string }).version;
}

/**
 * Copies the sources, which stay beside the result, and compiles them: `folder`/`ADDON`. `layout` lies in `folder`, or anywhere. Nothing is
 * written but in `folder`. Throws an `InstallError` when there is no compiler or it fails.
 */
export async function buildAddon(layout: Layout, folder: string): Promise<void> {
  const addon = join(folder, "addon");
  mkdirSync(join(folder, dirname(ADDON)), { recursive: true });
  mkdirSync(join(addon, "deps"), { recursive: true });
  cpSync(packageFile(PACKAGE, "binding"), join(addon, "binding"), { recursive: true });
  // The folder is linked, not its files: libraries look for others relative to the folder they lie in. Relative, since the folder is renamed.
  const inside = !relative(folder, layout.libraryFolder).startsWith("..");
  const target = inside ? relative(join(addon, "deps"), layout.libraryFolder) : layout.libraryFolder;
  symlinkSync(target, join(addon, "deps", "lib"));
  const compiler = process.env.CXX || "c++";
  const words = [
    ...["-std=c++17", "-O2", "-fPIC", "-shared", "-w", `-DNAPI_VERSION=${NAPI_VERSION}`, "-DBUILDING_NODE_EXTENSION"],
    ...["-I", dirname(packageFile("node-api-headers", "include/node_api.h")), "-I", layout.include],
    ...["tfjs_backend.cc", "tfjs_binding.cc"].map((source) => join("binding", source)),
    ...["-o", join(folder, ADDON), "-Wl,-rpath,$ORIGIN/../../deps/lib"],
    // Once loaded, it stays: Node unloads an addon when its thread ends, and TensorFlow 2.21 ends the process when it is unloaded.
    "-Wl,-z,nodelete",
    ...layout.libraries.map((name) => join("deps", "lib", name)),
  ];
  const built = await runProgram(compiler, words, {
    folder: addon,
    missing: {
      message: "there is no C++ compiler to build the addon with",
      remedy: "Install one (Debian: apt install g++), or name one in CXX.",
    },
  });
  if (built.status === 0) return;
  throw new InstallError(`the addon could not be built: ${saidLast(built)}`, {
    place: compiler,
    remedy: diskIsFull(built)
      ? "Free some disk space and give the same command again."
      : "The compiler must know C++17 (g++ 8 or newer); if it does, report this as a bug of lnas with what --verbose shows.",
    cause: new Error(built.stderr),
  });
}
