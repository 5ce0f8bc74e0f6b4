/**
 * `lnasc backend install tensorflow`: fetches or takes a TensorFlow library, builds the addon of @tensorflow/tfjs-node-gpu against it, tries
 * both, and puts them in place. All of it is made in a folder beside its place and renamed when it is complete, so that an installation that
 * is killed leaves what was there, and the next one begins anew.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeError } from "../../../formats/durable-file.js";
import { takeLock } from "../../../formats/process-lock.js";
import { type Installation, installations, installationsFolder, MANIFEST, type Variant } from "../installation.js";
import { ADDON, addonVersion, buildAddon } from "./addon.js";
import { cudaRequirements } from "./cuda.js";
import { InstallError } from "./install-error.js";
import { findLayout, type Layout } from "./layout.js";
import { fetchWheels, unpack } from "./python.js";
import { DEFAULT_VERSION, readSource, requirementOf, type Source, wheelMachine } from "./source.js";
import { tryAddon } from "./try-addon.js";

export interface InstallOptions {
  /** With the libraries for NVIDIA GPUs. */
  readonly gpu: boolean;
  /** `2.18` or `2.18.1`; default `DEFAULT_VERSION`. */
  readonly version?: string;
  /** A wheel, an archive of the C library, or a folder with the content of either, instead of what pip fetches. */
  readonly from?: string;
  /** Told what is being done, a line at a time. */
  readonly say: (line: string) => void;
  /** Default: the user's. */
  readonly folder?: string;
}

/** Begins the name of a folder in which an installation is being made. */
const STAGING = ".unfinished-";
const DOWNLOADS = "downloads";

/**
 * Installs, or finds that what is asked for is installed and works. Throws an `InstallError` or another `UserError` with what went wrong and
 * what to do; then nothing has changed.
 */
export async function installTensorflow(options: InstallOptions): Promise<Installation> {
  const { gpu, version, from, say, folder = installationsFolder() } = options;
  const variant: Variant = gpu ? "gpu" : "cpu";
  const machine = wheelMachine();
  const source: Source =
    from === undefined
      ? { kind: "pip", requirement: requirementOf(version ?? DEFAULT_VERSION, variant, machine) }
      : readSource(from, machine);
  return locked(folder, async () => {
    const there = version === undefined ? undefined : await working(version, variant, folder);
    if (there !== undefined && from === undefined) {
      say(`TensorFlow ${there.version} (${variant}) is installed and works: ${there.folder}`);
      return there;
    }
    const staging = join(folder, `${STAGING}${process.pid}`);
    try {
      mkdirSync(join(staging, DOWNLOADS), { recursive: true });
      const layout = await libraryFrom(source, variant, machine, staging, say);
      const begun = performance.now();
      await buildAddon(layout, staging);
      say(`built the addon of @tensorflow/tfjs-node-gpu ${addonVersion()} in ${seconds(begun)}`);
      return await putInPlace(staging, { folder, variant, version, layout, say });
    } catch (cause) {
      throw writeError(cause, staging);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  });
}

/** What is removed by `removeInstallations`. */
export interface Removed {
  readonly installations: readonly Installation[];
  /** Folders that installations left which were killed. */
  readonly unfinished: number;
}

/** Removes the installations of a version (all patches of `2.18`), or all, and what killed ones left. Nothing else of the folder is touched. */
export async function removeInstallations(version?: string, folder = installationsFolder()): Promise<Removed> {
  if (!existsSync(folder)) return { installations: [], unfinished: 0 };
  return locked(folder, async (unfinished) => {
    const chosen = installations(folder).filter((each) => version === undefined || isOf(each.version, version));
    for (const { folder: place } of chosen) rmSync(place, { recursive: true, force: true });
    return { installations: chosen, unfinished };
  });
}

/** Runs alone, after what killed installations left is gone; `unfinished`: how many folders that were. */
async function locked<T>(folder: string, body: (unfinished: number) => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const unlock = takeLock(join(folder, "lock"), "another installation is being made");
  try {
    const left = readdirSync(folder).filter((name) => name.startsWith(STAGING));
    for (const name of left) rmSync(join(folder, name), { recursive: true, force: true });
    return await body(left.length);
  } finally {
    unlock();
  }
}

const isOf = (version: string, wanted: string): boolean => version === wanted || version.startsWith(`${wanted}.`);

/** The installation of a version, unless it does not work any more: then it is made again. */
async function working(version: string, variant: Variant, folder: string): Promise<Installation | undefined> {
  const found = installations(folder).find((each) => each.variant === variant && isOf(each.version, version));
  if (found === undefined) return undefined;
  try {
    return (await tryAddon(found.addon)).version === found.version ? found : undefined;
  } catch (cause) {
    if (cause instanceof InstallError) return undefined;
    throw cause;
  }
}

const seconds = (begun: number): string => `${((performance.now() - begun) / 1000).toFixed(1)} s`;

/** The library and its headers, in the staging folder or, for a folder of the user's, where they are. */
async function libraryFrom(
  source: Source,
  variant: Variant,
  machine: string,
  staging: string,
  say: (line: string) => void,
): Promise<Layout> {
  if (source.kind === "folder") {
    say(`using the library in ${source.path}, which must stay there`);
    return findLayout(source.path);
  }
  const downloads = join(staging, DOWNLOADS);
  const site = join(staging, "site");
  const archive = source.kind === "pip" ? await fetched(source.requirement, machine, downloads, say) : source.path;
  const begun = performance.now();
  await unpack(source.kind === "tarball" ? "tarball" : "wheel", archive, site);
  const layout = findLayout(site, archive);
  say(`unpacked it in ${seconds(begun)}`);
  if (variant === "gpu" && source.kind !== "tarball") await addCuda(site, machine, downloads, say);
  rmSync(downloads, { recursive: true, force: true });
  return layout;
}

async function fetched(requirement: string, machine: string, downloads: string, say: (line: string) => void) {
  const begun = performance.now();
  say(`fetching ${requirement} with pip ...`);
  await fetchWheels([requirement], machine, downloads);
  const name = readdirSync(downloads).find((each) => each.endsWith(".whl"));
  if (name === undefined)
    throw new InstallError("pip fetched no wheel", { place: requirement, remedy: "Give a wheel with --from." });
  say(`fetched ${name} in ${seconds(begun)}`);
  return join(downloads, name);
}

/** Puts the CUDA libraries beside TensorFlow, where its own libraries look for them: in `site/nvidia`. */
async function addCuda(site: string, machine: string, downloads: string, say: (line: string) => void): Promise<void> {
  const requirements = cudaRequirements(site);
  if (requirements.length === 0) {
    say("this library names no CUDA libraries; it must find those of the system");
    return;
  }
  const begun = performance.now();
  say(`fetching ${requirements.length} CUDA libraries with pip, some gigabytes ...`);
  const folder = join(downloads, "cuda");
  mkdirSync(folder);
  await fetchWheels(requirements, machine, folder);
  for (const name of readdirSync(folder)) {
    await unpack("wheel", join(folder, name), site);
    rmSync(join(folder, name));
  }
  say(`CUDA libraries are in place after ${seconds(begun)}`);
}

interface Placing {
  readonly folder: string;
  readonly variant: Variant;
  /** What was asked for. */
  readonly version: string | undefined;
  readonly layout: Layout;
  readonly say: (line: string) => void;
}

/** Tries what was made, writes the manifest and gives it its name. */
async function putInPlace(staging: string, { folder, variant, version, layout, say }: Placing): Promise<Installation> {
  const library = await tryAddon(join(staging, ADDON));
  if (version !== undefined && !isOf(library.version, version))
    throw new InstallError(`this is TensorFlow ${library.version}, not ${version}`, {
      place: layout.libraryFolder,
      remedy: "Leave --version out, or give the library of that version with --from.",
    });
  say(`TensorFlow ${library.version} loads and multiplies; it sees ${library.gpu ? "a GPU" : "no GPU"}`);
  const manifest = {
    version: library.version,
    variant,
    addon: ADDON,
    libraries: layout.libraries,
    addonOf: `@tensorflow/tfjs-node-gpu ${addonVersion()}`,
    builtWith: `Node ${process.version}`,
    installed: new Date().toISOString(),
  };
  writeFileSync(join(staging, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  const place = join(folder, `${library.version}-${variant}`);
  rmSync(place, { recursive: true, force: true });
  renameSync(staging, place);
  return { folder: place, version: library.version, variant, addon: join(place, ADDON), libraries: layout.libraries };
}
