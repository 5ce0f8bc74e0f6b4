/** Facts about the machine and the installation. */
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { freemem } from "node:os";
import { availableEngines, type EngineReport } from "../runtime/executors/index.js";
import { type Machine, thisMachine } from "../runtime/experiment/machine.js";
import { STDLIB_FOLDER } from "./installation.js";

export interface Examination {
  readonly machine: Machine;
  /** Memory that a process may use now; a container's limit counts. */
  readonly freeMemoryBytes: number;
  /** Where runs would be written. */
  readonly folder: string;
  readonly freeDiskBytes: number;
  readonly engines: readonly EngineReport[];
  /** What is wrong with the installation; empty when nothing is. */
  readonly problems: readonly string[];
}

/**
 * Gathers what `doctor` shows. `folder`: whose disk's free space is looked up. Engines that cannot be opened are listed
 * with the reason.
 */
export async function examine(folder: string): Promise<Examination> {
  const disk = await statfs(folder);
  const engines = await availableEngines();
  const onnx = engines.find(({ name }) => name === "onnx");
  return {
    machine: thisMachine(),
    freeMemoryBytes: Math.min(freemem(), process.availableMemory?.() ?? Number.POSITIVE_INFINITY),
    folder,
    freeDiskBytes: disk.bavail * disk.bsize,
    engines,
    problems: [
      ...(existsSync(STDLIB_FOLDER) ? [] : [`the standard library is missing: ${STDLIB_FOLDER}`]),
      ...(onnx?.available === true
        ? []
        : ["the onnx engine does not load: runs fall back to the reference engine, which is slow"]),
    ],
  };
}
