/** What a run ran on, for reports: figures mean little without it. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, platform, totalmem } from "node:os";

export interface Machine {
  readonly lnas: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  /** Logical processors this process may use. */
  readonly processors: number;
  readonly memoryBytes: number;
}

/** This package's version. */
export const LNAS_VERSION: string = (
  JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as { version: string }
).version;

/** Facts about the machine and the versions in use. */
export function thisMachine(): Machine {
  return {
    lnas: LNAS_VERSION,
    node: process.version,
    platform: `${platform()} ${process.arch}`,
    cpu: cpus()[0]?.model ?? "unknown",
    processors: availableParallelism(),
    memoryBytes: totalmem(),
  };
}
