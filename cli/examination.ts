/** Facts about the machine and the installation. */
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { freemem } from "node:os";
import { keepMeasurements, type MeasuredEngine, measurementsFile } from "../runtime/executors/measurements.js";
import { ortVersion } from "../runtime/executors/onnx/load.js";
import { untestedVersion } from "../runtime/executors/onnx/tested-version.js";
import { type Machine, thisMachine } from "../runtime/experiment/machine.js";
import type { DeviceReport } from "./doctor/device-report.js";
import { type EngineExamination, type TryOptions, tryEngines } from "./doctor/devices.js";
import { type Gpu, nvidiaGpus } from "./doctor/gpus.js";
import { STDLIB_FOLDER } from "./installation.js";

export interface Examination {
  readonly machine: Machine;
  /** Memory that a process may use now; a container's limit counts. */
  readonly freeMemoryBytes: number;
  /** Where runs would be written. */
  readonly folder: string;
  readonly freeDiskBytes: number;
  /** Those that nvidia-smi lists. */
  readonly gpus: readonly Gpu[];
  readonly engines: readonly EngineExamination[];
  /** Engines that were measured and gave right results, the fastest first: what `auto` will use. */
  readonly ranking: readonly MeasuredEngine[];
  /** Where the ranking is kept; null when it is not. */
  readonly keptIn: string | null;
  /** What is wrong with the installation; empty when nothing is. */
  readonly problems: readonly string[];
}

/**
 * Gathers what `doctor` shows. `folder`: whose disk's free space is looked up. With `measure`, every engine that opens is measured, and the
 * ranking and the rate of the fastest are remembered for `auto` and `plan`. Engines that cannot be opened are listed with the reason.
 */
export async function examine(folder: string, options: TryOptions, keep = measurementsFile()): Promise<Examination> {
  const disk = await statfs(folder);
  const gpus = await nvidiaGpus();
  const engines = await tryEngines(options);
  const ranking = rank(engines);
  const problems = problemsOf(engines);
  const kept = ranking.length > 0 && remembered(engines, ranking, keep, problems);
  return {
    machine: thisMachine(),
    freeMemoryBytes: Math.min(freemem(), process.availableMemory?.() ?? Number.POSITIVE_INFINITY),
    folder,
    freeDiskBytes: disk.bavail * disk.bsize,
    gpus,
    engines,
    ranking,
    keptIn: kept ? keep : null,
    problems,
  };
}

type Opened = Extract<DeviceReport, { available: true }>;

const openedDevices = (engines: readonly EngineExamination[]): readonly (Opened & { readonly engine: string })[] =>
  engines.flatMap(({ name, devices }) =>
    devices.flatMap((report) => (report.available ? [{ ...report, engine: name }] : [])),
  );

/** Times that differ by less are taken for the same: they vary by as much when nothing changes. */
const SAME_TIME = 1.1;

/** Engines with right results, the fastest first; of those as good as the fastest, in the order of the table of engines. */
export function rank(engines: readonly EngineExamination[]): readonly MeasuredEngine[] {
  const right = openedDevices(engines).flatMap(({ engine, device, version, measured }) =>
    measured?.agrees === true ? [{ engine, device, version, stepMilliseconds: measured.stepMilliseconds }] : [],
  );
  const fastest = Math.min(...right.map(({ stepMilliseconds }) => stepMilliseconds));
  const asFast = ({ stepMilliseconds }: MeasuredEngine) => stepMilliseconds <= SAME_TIME * fastest;
  const others = right.filter((engine) => !asFast(engine)).sort((a, b) => a.stepMilliseconds - b.stepMilliseconds);
  return [...right.filter(asFast), ...others];
}

/** Keeps ranking and rate; what prevents that is added to the problems. */
function remembered(
  engines: readonly EngineExamination[],
  ranking: readonly MeasuredEngine[],
  file: string,
  problems: string[],
): boolean {
  const [first] = ranking;
  const fastest = openedDevices(engines).find(
    ({ engine, device }) => engine === first?.engine && device === first.device,
  );
  const flopsPerSecond = fastest?.measured?.f32FlopsPerSecond ?? null;
  const rate =
    fastest === undefined || flopsPerSecond === null
      ? {}
      : { rate: { engine: fastest.description, flopsPerSecond: Math.round(flopsPerSecond) } };
  try {
    keepMeasurements({ ranking, ...rate }, file);
    return true;
  } catch (error) {
    problems.push(`the measurements are not remembered: ${(error as Error).message} (${file})`);
    return false;
  }
}

function problemsOf(engines: readonly EngineExamination[]): string[] {
  const onnx = engines.find(({ name }) => name === "onnx");
  const untested = untestedVersion(ortVersion());
  return [
    ...(existsSync(STDLIB_FOLDER) ? [] : [`the standard library is missing: ${STDLIB_FOLDER}`]),
    ...(onnx?.available === true ? [] : ["the onnx engine does not load: runs fall back to slower engines"]),
    ...(untested === undefined ? [] : [untested]),
    ...openedDevices(engines).flatMap(({ engine, device, measured }) =>
      measured?.agrees === false
        ? [
            `results of ${engine} on ${device} differ from the reference by ${measured.difference.toExponential(1)}: auto does not use it`,
          ]
        : [],
    ),
  ];
}
