/** The super-network of an earlier run, as the start of another. */
import { basename, join, resolve } from "node:path";
import { type AdaptedModule, adaptedModules } from "../../adapters/index.js";
import { UserError } from "../../formats/errors.js";
import { asRecord, readJsonFile } from "../../formats/json-file.js";
import type { Backbone } from "../../models/backbone.js";
import { carryOver } from "../../training/embed-ranks.js";
import type { RunContext } from "../context.js";
import { hashingProgress } from "../events.js";
import { NETWORK_STATE } from "../input-files.js";
import type { StageRecord } from "../stages.js";
import { storedParameters } from "./training.js";

/** The stage whose state it is: as it was before any search trained it further. */
const STAGE = "super-network";

export interface EarlierNetwork {
  /** Name of the run's folder. */
  readonly run: string;
  /** Of the file with its state. */
  readonly sha256: string;
  /** Parameters to start from, in place of `initial`; reads the state. */
  startOf(elastic: readonly AdaptedModule[], initial: Float32Array): Float32Array;
}

/** What of a run's IR says how its super-network lies in memory. */
interface EarlierAdapter {
  readonly scale: number;
  readonly targets: readonly {
    readonly ranks: readonly number[];
    readonly modules: readonly { readonly path: string }[];
  }[];
}

/**
 * Finds it by the run's folder, relative to the spec. Throws a `UserError` when the run has none that is whole, or its modules or scale are not
 * those of the backbone and adapter here.
 */
export async function earlierNetwork(
  context: RunContext,
  written: string,
  backbone: Backbone,
  scale: number,
): Promise<EarlierNetwork> {
  const folder = resolve(context.specFolder, written);
  const refuse = (problem: string): never => {
    throw new UserError(`the super-network cannot start from that of an earlier run: ${problem}`, {
      place: folder,
      remedy: "Name a run over this backbone whose super-network is trained, or leave `start` out.",
    });
  };
  const record = readJsonFile(join(folder, "stages", `${STAGE}.json`)) as StageRecord<unknown>;
  const recorded = record.files?.[join(NETWORK_STATE)];
  if (recorded === undefined) return refuse("its record is damaged");
  const file = join(folder, NETWORK_STATE);
  const content = (
    await context.hashes.of([file], (done, total) => context.emit(hashingProgress(STAGE, done, total)))
  ).get(file);
  if (content?.sha256 !== recorded) return refuse(`${NETWORK_STATE} is missing or damaged`);
  context.folder.recordHashes({ [`start/${basename(NETWORK_STATE)}`]: recorded });

  const { adapter } = (asRecord(readJsonFile(join(folder, "ir.json"))) ?? {}) as { readonly adapter?: EarlierAdapter };
  if (adapter === undefined || !Array.isArray(adapter.targets as unknown)) return refuse("its ir.json cannot be read");
  if (adapter.scale !== scale) return refuse(`its adapter has the scale ${adapter.scale}, this one ${scale}`);
  const largest = Object.fromEntries(
    adapter.targets.flatMap(({ ranks, modules }) => modules.map((module) => [module.path, Math.max(...ranks)])),
  );
  const { modules } = backbone.description;
  const here = new Set(modules.map((module) => module.path));
  const missing = Object.keys(largest).find((module) => !here.has(module));
  if (missing !== undefined) return refuse(`it has another backbone: ${missing} is no module here`);
  return {
    run: basename(folder),
    sha256: recorded,
    startOf: (elastic, initial) => {
      const stored = storedParameters({ checkpointFile: file, checkpointKey: record.key });
      try {
        return carryOver(initial, elastic, adaptedModules(modules, largest), Float32Array.from(stored));
      } catch (cause) {
        return refuse((cause as RangeError).message);
      }
    },
  };
}
