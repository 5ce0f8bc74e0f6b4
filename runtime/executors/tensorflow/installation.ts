/**
 * Where the TensorFlow library and the addon of @tensorflow/tfjs-node-gpu built against it lie: one folder for each version and variant
 * in the cache folder, `backends/tensorflow/2.18.1-cpu`, with a manifest that is written last. A folder without one is unfinished.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../formats/cache-folder.js";
import { asRecord, readJsonFile } from "../../formats/json-file.js";

export type Variant = "cpu" | "gpu";

/** A library that is in place. */
export interface Installation {
  readonly folder: string;
  /** Of the TensorFlow library, such as "2.18.1". */
  readonly version: string;
  readonly variant: Variant;
  /** Absolute path of `tfjs_binding.node`. */
  readonly addon: string;
  /** Names of the libraries the addon is linked with. */
  readonly libraries: readonly string[];
}

/** Of a wheel. */
const WHEEL_LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];

/** Written into an installation's folder when all else is in place. `addon` is relative to that folder. */
export const MANIFEST = "manifest.json";

/** The folder of all installations of this user; need not exist. */
export const installationsFolder = (environment = process.env): string =>
  join(cacheFolder(environment), "backends", "tensorflow");

const newestFirst = (a: Installation, b: Installation): number =>
  b.version.localeCompare(a.version, undefined, { numeric: true }) || b.variant.localeCompare(a.variant);

/** What is installed, the newest version first, of one version the gpu variant before the cpu's. */
export function installations(folder = installationsFolder()): readonly Installation[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const here = join(folder, name);
      const manifest = existsSync(join(here, MANIFEST)) ? asRecord(readJsonFile(join(here, MANIFEST))) : undefined;
      const { version, variant, addon } = manifest ?? {};
      if (typeof version !== "string" || typeof addon !== "string" || (variant !== "cpu" && variant !== "gpu"))
        return [];
      const libraries = Array.isArray(manifest?.libraries) ? manifest.libraries.map(String) : WHEEL_LIBRARIES;
      return [{ folder: here, version, variant, addon: join(here, addon), libraries } satisfies Installation];
    })
    .sort(newestFirst);
}
