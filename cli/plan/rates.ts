/** Rates of machines: read from the command line, or measured once and remembered in the user's cache folder, one for each machine and engine. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Rate } from "../../compiler/plan/index.js";
import { openExecutor } from "../../runtime/executors/index.js";
import { measureRate } from "../../runtime/executors/rate.js";
import { thisMachine } from "../../runtime/experiment/machine.js";
import { cacheFolder } from "../../runtime/formats/cache-folder.js";
import { writeFileDurably } from "../../runtime/formats/durable-file.js";
import { asRecord } from "../../runtime/formats/json-file.js";
import { UsageError } from "../failure.js";

const SI: Readonly<Record<string, number>> = { "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };

/** `900TFLOP/s`, `1.5 GFLOP/s`. Throws a `UsageError` on anything else. */
export function readRate(text: string): Rate {
  const [, digits, unit] = /^(\d+(?:\.\d+)?(?:e\d+)?) ?([kMGTP]?)FLOPS?(?:\/s)?$/.exec(text) ?? [];
  const flopsPerSecond = Number(digits) * (SI[unit ?? ""] ?? Number.NaN);
  if (!(flopsPerSecond > 0)) throw new UsageError(`--rate ${text}: give a rate such as 250GFLOP/s or 900TFLOP/s`);
  return { flopsPerSecond, of: "as given" };
}

/** The file that remembers rates. */
export const ratesFile = (environment = process.env): string => join(cacheFolder(environment), "rates.json");

/** What a rate is remembered under: a process with other cores to use is another machine. */
function machineName(): string {
  const { cpu, processors } = thisMachine();
  return `${cpu}, ${processors} logical processors`;
}

/** All that is remembered; a file that is missing or damaged remembers nothing. */
function readRates(file: string): Readonly<Record<string, unknown>> {
  try {
    return asRecord(JSON.parse(readFileSync(file, "utf8"))) ?? {};
  } catch {
    return {};
  }
}

/** The rate measured on this machine before; undefined when there is none. */
export function rememberedRate(file = ratesFile()): Rate | undefined {
  const machine = machineName();
  const entry = asRecord(readRates(file)[machine]);
  const { flopsPerSecond, engine } = entry ?? {};
  if (typeof flopsPerSecond !== "number" || !(flopsPerSecond > 0) || typeof engine !== "string") return undefined;
  return { flopsPerSecond, of: `measured: ${machine}; ${engine}` };
}

/** Measures the default engine on this machine and remembers it. Throws a `UserError` when the file cannot be written. */
export async function measuredRate(notice: (message: string) => void, file = ratesFile()): Promise<Rate> {
  const executor = await openExecutor("auto", { notice });
  const machine = machineName();
  const flopsPerSecond = Math.round(await measureRate(executor));
  const entry = { engine: executor.description, flopsPerSecond };
  writeFileDurably(file, `${JSON.stringify({ ...readRates(file), [machine]: entry }, null, 2)}\n`);
  return { flopsPerSecond, of: `measured: ${machine}; ${executor.description}` };
}
