/** What Python does for the installation: fetch wheels by pip, under the user's own configuration of pip, and unpack archives. */
import { InstallError } from "./install-error.js";
import { diskIsFull, type ProgramRun, runProgram, saidLast } from "./run-program.js";

/** The interpreter: PYTHON where it is set, else `python3` of the path. */
const python = (): string => process.env.PYTHON || "python3";

const MISSING = {
  message: "there is no Python to fetch and unpack the library with",
  remedy: "Install Python 3 with pip (Debian: apt install python3-pip), or name one in PYTHON.",
};

const FULL = "Free some disk space, or name another cache folder in LNAS_CACHE, and give the same command again.";

const run = (words: readonly string[]): Promise<ProgramRun> => runProgram(python(), words, { missing: MISSING });

/** Wheels are for Linux and a Python of this version; which Python runs pip does not matter, since theirs is never run. */
const WHEEL_TAGS = ["--implementation", "cp", "--python-version", "3.11", "--abi", "cp311"];

/** From the oldest: a wheel for an older system runs on a newer one. */
const GLIBC = ["2_17", "2_27", "2_28"];

/** Platforms of wheels that run here, as pip names them. */
export function wheelPlatforms(machine: string): readonly string[] {
  return [`manylinux2014_${machine}`, ...GLIBC.map((glibc) => `manylinux_${glibc}_${machine}`)];
}

/**
 * Fetches wheels, without what they depend on, into a folder. `requirements` as pip writes them: `tensorflow-cpu==2.18.*`. Throws an
 * `InstallError` when pip is not there, does not find them or cannot fetch them.
 */
export async function fetchWheels(requirements: readonly string[], machine: string, folder: string): Promise<void> {
  const platforms = wheelPlatforms(machine).flatMap((platform) => ["--platform", platform]);
  const words = [
    "-m",
    "pip",
    "download",
    "--disable-pip-version-check",
    "--no-input",
    "--no-deps",
    "--only-binary=:all:",
  ];
  const fetched = await run([
    ...words,
    ...WHEEL_TAGS,
    "--abi",
    "none",
    ...platforms,
    "--dest",
    folder,
    ...requirements,
  ]);
  if (fetched.status === 0) return;
  const wanted = requirements.join(" ");
  if (/No module named pip/.test(fetched.stderr))
    throw new InstallError("this Python has no pip", {
      place: python(),
      remedy:
        "Install it (Debian: apt install python3-pip), name another Python in PYTHON, or give the wheel with --from.",
    });
  if (diskIsFull(fetched)) throw new InstallError("the disk is full", { place: folder, remedy: FULL });
  if (/No matching distribution/.test(fetched.stderr)) {
    const known = /\(from versions: (.*?)\)/.exec(fetched.stderr)?.[1];
    throw new InstallError(`pip finds no wheel of ${wanted} for Linux on ${machine}`, {
      place: wanted,
      remedy:
        known === undefined || known === "none"
          ? "Check the package index that pip is configured with, or give the wheel with --from."
          : `Ask for one of these with --version: ${known}.`,
    });
  }
  throw new InstallError(`pip could not fetch ${wanted}: ${saidLast(fetched)}`, {
    place: wanted,
    remedy: "Check the network and pip's configuration (pip config list), or give the wheel with --from.",
  });
}

/** Unpacks; checksums and paths that lead out of the folder are Python's to check. */
const UNPACK: Readonly<Record<"wheel" | "tarball", string>> = {
  wheel: "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); z.extractall(sys.argv[2])",
  tarball:
    "import sys, tarfile; t = tarfile.open(sys.argv[1]); t.extractall(sys.argv[2], **({'filter': 'data'} if hasattr(tarfile, 'data_filter') else {}))",
};

/** Unpacks an archive into a folder. Throws an `InstallError` when it is damaged or the disk is full. */
export async function unpack(kind: "wheel" | "tarball", archive: string, folder: string): Promise<void> {
  const unpacked = await run(["-c", UNPACK[kind], archive, folder]);
  if (unpacked.status === 0) return;
  if (diskIsFull(unpacked)) throw new InstallError("the disk is full", { place: folder, remedy: FULL });
  throw new InstallError(`the ${kind} cannot be unpacked: ${saidLast(unpacked)}`, {
    place: archive,
    remedy: "It is damaged or was not fetched to its end: fetch it again.",
  });
}
