/** Rates of machines: read from the command line, or measured and remembered in the user's cache folder. */
import type { Rate } from "../../compiler/plan/index.js";
import { openExecutor } from "../../runtime/executors/index.js";
import {
  keepMeasurements,
  type MeasuredRate,
  machineName,
  measurementsFile,
  readMeasurements,
} from "../../runtime/executors/measurements.js";
import { measureRate } from "../../runtime/executors/rate.js";
import { UsageError } from "../failure.js";

const SI: Readonly<Record<string, number>> = { "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };

/** `900TFLOP/s`, `1.5 GFLOP/s`. Throws a `UsageError` on anything else. */
export function readRate(text: string): Rate {
  const [, digits, unit] = /^(\d+(?:\.\d+)?(?:e\d+)?) ?([kMGTP]?)FLOPS?(?:\/s)?$/.exec(text) ?? [];
  const flopsPerSecond = Number(digits) * (SI[unit ?? ""] ?? Number.NaN);
  if (!(flopsPerSecond > 0)) throw new UsageError(`--rate ${text}: give a rate such as 250GFLOP/s or 900TFLOP/s`);
  return { flopsPerSecond, of: "as given" };
}

/** The rate measured on this machine before; undefined when there is none. */
export function rememberedRate(file = measurementsFile()): Rate | undefined {
  const { rate } = readMeasurements(file);
  return rate === undefined ? undefined : named(rate);
}

/** Measures the engine that `auto` opens and remembers its rate. Throws a `UserError` when the file cannot be written. */
export async function measuredRate(notice: (message: string) => void, file = measurementsFile()): Promise<Rate> {
  const executor = await openExecutor("auto", { notice });
  const rate = { engine: executor.description, flopsPerSecond: Math.round(await measureRate(executor)) };
  keepMeasurements({ rate }, file);
  return named(rate);
}

const named = ({ engine, flopsPerSecond }: MeasuredRate): Rate => ({
  flopsPerSecond,
  of: `measured: ${machineName()}; ${engine}`,
});
