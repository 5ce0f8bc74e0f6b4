/** Where a library comes from: what `--from` names, or what pip is to fetch. */
import { existsSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Variant } from "../installation.js";
import { InstallError } from "./install-error.js";
import { wheelPlatforms } from "./python.js";
import { readWheelName } from "./wheel-name.js";

export type Source =
  | { readonly kind: "pip"; readonly requirement: string }
  | { readonly kind: "wheel" | "tarball" | "folder"; readonly path: string };

/** What is installed when nobody asks for another: the newest whose wheel the engine's whole suite ran on and that needs no Python library. */
export const DEFAULT_VERSION = "2.19";

/** The oldest whose wheel carries the library. */
const OLDEST = [2, 12] as const;

/** Processors for which TensorFlow has wheels, by Node's name; the names are those of wheels. */
const MACHINES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** This machine as wheels name it. Throws an `InstallError` where there are none for it. */
export function wheelMachine(platform = process.platform, architecture: string = process.arch): string {
  const machine = MACHINES[architecture];
  if (platform === "linux" && machine !== undefined) return machine;
  throw new InstallError(`TensorFlow is installed on Linux only; this is ${platform} on ${architecture}`, {
    place: platform,
    remedy: "Use the onnx engine, which is in the package.",
  });
}

/** `2.18` is the newest 2.18; `2.18.1` is that one. Throws an `InstallError` on anything else, and on what is too old. */
export function requirementOf(version: string, variant: Variant, machine: string): string {
  const [, major, minor, patch] = /^(\d+)\.(\d+)(?:\.(\d+))?$/.exec(version) ?? [];
  if (minor === undefined)
    throw new InstallError(`${version} is no version of TensorFlow`, {
      place: version,
      remedy: `Give one such as ${DEFAULT_VERSION} or ${DEFAULT_VERSION}.1.`,
    });
  if (Number(major) !== OLDEST[0] || Number(minor) < OLDEST[1])
    throw new InstallError(`TensorFlow ${version} cannot be used`, {
      place: version,
      remedy: `Wheels carry the library since ${OLDEST.join(".")}; ${DEFAULT_VERSION} is what lnas is tested with.`,
    });
  // For arm64 the plain package is the one for CPUs.
  const distribution = variant === "cpu" && machine === "x86_64" ? "tensorflow-cpu" : "tensorflow";
  return `${distribution}==${version}${patch === undefined ? ".*" : ""}`;
}

/** What `--from` names. Throws an `InstallError` when there is no such file, or it is nothing that can be installed here. */
export function readSource(from: string, machine: string): Source {
  const path = resolve(from);
  if (!existsSync(path))
    throw new InstallError("there is no such file or folder", {
      place: from,
      remedy: "Check the path given with --from.",
    });
  if (statSync(path).isDirectory()) return { kind: "folder", path };
  const name = basename(path);
  if (/\.(tar\.gz|tgz|tar)$/.test(name)) return { kind: "tarball", path };
  const wheel = readWheelName(name);
  if (wheel === undefined)
    throw new InstallError("this is neither a wheel nor an archive of the C library", {
      place: from,
      remedy: "Give a file named as pip names wheels (….whl), a libtensorflow-….tar.gz, or a folder.",
    });
  if (!/^tensorflow(_cpu)?$/.test(wheel.distribution))
    throw new InstallError(`this is a wheel of ${wheel.distribution}, not of tensorflow`, {
      place: from,
      remedy: "Give a wheel of tensorflow or tensorflow-cpu.",
    });
  if (!wheel.platforms.some((platform) => isForHere(platform, machine)))
    throw new InstallError(`this wheel is for ${wheel.platforms.join(", ")}, not for Linux on ${machine}`, {
      place: from,
      remedy: `Give a wheel for ${wheelPlatforms(machine).at(-1)}, or leave --from out and let pip choose.`,
    });
  return { kind: "wheel", path };
}

const isForHere = (platform: string, machine: string): boolean =>
  /^(many)?linux/.test(platform) && platform.endsWith(`_${machine}`);
