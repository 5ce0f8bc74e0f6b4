/** Wheels made for tests: archives with the files that an installation looks for, or without some of them. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Name of a wheel that could be installed here. */
export const WHEEL = `tensorflow_cpu-2.99.0-cp311-cp311-manylinux_2_17_${process.arch === "arm64" ? "aarch64" : "x86_64"}.whl`;

/** Files of a wheel without a working library in it: enough to be unpacked and compiled against. */
export const WHEEL_FILES: Readonly<Record<string, string>> = {
  "tensorflow/libtensorflow_cc.so.2": "no library",
  "tensorflow/libtensorflow_framework.so.2": "no library",
  "tensorflow/include/tensorflow/c/c_api.h": "",
};

/** Writes files below a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** Zips files into a wheel; needs python3, as the installation does. */
export function makeWheel(path: string, files: Readonly<Record<string, string>>): void {
  const script =
    "import json, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as z:\n  for n, t in json.loads(sys.argv[2]).items(): z.writestr(n, t)";
  execFileSync("python3", ["-c", script, path, JSON.stringify(files)]);
}
