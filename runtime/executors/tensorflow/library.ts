/** Which installed TensorFlow is used, and what is said when there is none or when it does not load. */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { EngineUnavailableError } from "../errors.js";
import { type Installation, installations, installationsFolder, type Variant } from "./installation.js";
import type { Library } from "./messages.js";
import { isWholeLibrary } from "./whole-file.js";

const installAgain = ({ version, variant }: Installation): string =>
  `Install it again: lnasc backend remove tensorflow --version ${version}, then lnasc backend install tensorflow --version ${version}${variant === "gpu" ? " --gpu" : ""}.`;

const newline = /\n.*/s;

/**
 * The installation for a device: the newest, a GPU's before a CPU's. Throws an `EngineUnavailableError` with the command that brings it
 * when there is none, or when its files are not all there.
 */
export function chooseInstallation(device: string | undefined, folder = installationsFolder()): Installation {
  const found = installations(folder);
  const [first] = found;
  if (first === undefined) {
    const unfinished = existsSync(folder) && readdirSync(folder).length > 0;
    throw new EngineUnavailableError(
      unfinished
        ? "the tensorflow engine is not available: its installation was not finished"
        : "the tensorflow engine is not available: it is not installed",
      {
        place: folder,
        remedy: `Install it with lnasc backend install tensorflow${device === "gpu" ? " --gpu" : ", with --gpu for an NVIDIA GPU"}.`,
      },
    );
  }
  const wanted = (variant: Variant) => found.find((installation) => installation.variant === variant);
  if (device === "gpu" && wanted("gpu") === undefined)
    throw new EngineUnavailableError(`the installed TensorFlow ${first.version} computes on CPUs only`, {
      place: first.folder,
      remedy: "Install the other with lnasc backend install tensorflow --gpu.",
    });
  const chosen = (device === "gpu" ? wanted("gpu") : device === "cpu" ? wanted("cpu") : undefined) ?? first;
  checkFiles(chosen);
  return chosen;
}

/** The addon looks for the libraries in this folder. */
const libraryFolder = ({ addon }: Installation): string => join(dirname(addon), "..", "..", "deps", "lib");

function checkFiles(installation: Installation): void {
  const paths = [installation.addon, ...installation.libraries.map((name) => join(libraryFolder(installation), name))];
  for (const path of paths) {
    let reason: string | undefined;
    try {
      if (!isWholeLibrary(path)) reason = "is cut short";
    } catch (cause) {
      reason =
        (cause as NodeJS.ErrnoException).code === "ENOENT"
          ? "is missing"
          : `cannot be read: ${(cause as Error).message}`;
    }
    if (reason === undefined) continue;
    throw new EngineUnavailableError(`the tensorflow engine is not available: a file of it ${reason}`, {
      place: path,
      remedy: installAgain(installation),
    });
  }
}

/** The error of an addon that does not load. */
export function doesNotLoad(installation: Installation, cause: Error): EngineUnavailableError {
  return new EngineUnavailableError(
    `the tensorflow engine is not available: its addon does not load: ${cause.message.replace(newline, "")}`,
    { place: installation.addon, remedy: installAgain(installation), cause },
  );
}

/** Throws an `EngineUnavailableError` unless the library that was loaded is what the installation says, and has the device asked for. */
export function checkLibrary(installation: Installation, { version, gpu }: Library, device: string | undefined): void {
  if (version !== installation.version)
    throw new EngineUnavailableError(
      `the tensorflow engine is not available: the library is version ${version}, installed as ${installation.version}`,
      { place: libraryFolder(installation), remedy: installAgain(installation) },
    );
  if (device === "gpu" && !gpu)
    throw new EngineUnavailableError("TensorFlow sees no GPU", {
      place: installation.folder,
      remedy:
        "Check the driver with nvidia-smi, and CUDA_VISIBLE_DEVICES; TF_CPP_MIN_LOG_LEVEL=0 lets TensorFlow say what it misses. Or use --device cpu.",
    });
}
