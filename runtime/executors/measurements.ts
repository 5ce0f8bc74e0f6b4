/**
 * What was measured on this machine, kept in the user's cache folder: how fast each engine did a small step (`lnasc doctor`), and the rate that
 * times are planned with (`lnasc doctor`, `lnasc plan --measure`). A process with other cores to use is another machine.
 */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../formats/cache-folder.js";
import { writeFileDurably } from "../formats/durable-file.js";
import { asRecord } from "../formats/json-file.js";

/** One engine on one device. */
export interface MeasuredEngine {
  readonly engine: string;
  readonly device: string;
  /** As the engine's `probe` says. */
  readonly version: string;
  readonly stepMilliseconds: number;
}

/** How fast a machine multiplies matrices of f32. */
export interface MeasuredRate {
  /** The description of the engine that did. */
  readonly engine: string;
  readonly flopsPerSecond: number;
}

/** What is remembered of a machine. */
export interface Measurements {
  readonly rate?: MeasuredRate;
  /** Engines with right results, the fastest first; empty when none was measured. */
  readonly ranking: readonly MeasuredEngine[];
}

/** The file; a path of the user's cache folder. */
export const measurementsFile = (environment = process.env): string =>
  join(cacheFolder(environment), "measurements.json");

/** What measurements of this machine are kept under. */
export function machineName(): string {
  return `${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} logical processors`;
}

/** All machines; a file that is missing, damaged or of another form remembers nothing. */
function readAll(file: string): Readonly<Record<string, unknown>> {
  try {
    return asRecord(JSON.parse(readFileSync(file, "utf8"))) ?? {};
  } catch {
    return {};
  }
}

const isPositive = (value: unknown): value is number => typeof value === "number" && value > 0 && value < 1e300;

function rateIn(value: unknown): MeasuredRate | undefined {
  const { engine, flopsPerSecond } = asRecord(value) ?? {};
  return typeof engine === "string" && isPositive(flopsPerSecond) ? { engine, flopsPerSecond } : undefined;
}

/** All or nothing: a ranking of which a part is damaged is none. */
function rankingIn(value: unknown): readonly MeasuredEngine[] {
  if (!Array.isArray(value)) return [];
  const engines = value.flatMap((entry): readonly MeasuredEngine[] => {
    const { engine, device, version, stepMilliseconds } = asRecord(entry) ?? {};
    return typeof engine === "string" &&
      typeof device === "string" &&
      typeof version === "string" &&
      isPositive(stepMilliseconds)
      ? [{ engine, device, version, stepMilliseconds }]
      : [];
  });
  return engines.length === value.length ? engines : [];
}

/** What is remembered of this machine. */
export function readMeasurements(file = measurementsFile()): Measurements {
  const { rate, ranking } = asRecord(readAll(file)[machineName()]) ?? {};
  const read = rateIn(rate);
  return { ...(read === undefined ? {} : { rate: read }), ranking: rankingIn(ranking) };
}

/** Remembers what is given beside what is known already. Throws a `UserError` when the file cannot be written. */
export function keepMeasurements(measured: Partial<Measurements>, file = measurementsFile()): void {
  const machine = { ...readMeasurements(file), ...measured };
  writeFileDurably(file, `${JSON.stringify({ ...readAll(file), [machineName()]: machine }, null, 2)}\n`);
}
