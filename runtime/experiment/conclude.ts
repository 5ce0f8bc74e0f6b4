/** The report of what a program did, written into its run folder. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PEFT_FILES } from "../adapters/index.js";
import { openSafetensors } from "../formats/safetensors.js";
import { answerTokens } from "../training/loss.js";
import { REWARD_METRICS } from "../training/reward-metrics.js";
import type { Architecture, TrainedArm } from "./api.js";
import { type RunContext, trainedKey } from "./context.js";
import { LOCK_FILE } from "./file-hashes.js";
import { hashFile, keyOf } from "./keys.js";
import {
  EXAMPLE_DIFFERENCES,
  exampleDifferencesOf,
  type Findings,
  type RankedArm,
  type Report,
  reportOf,
  type SearchAccount,
  writeExampleDifferences,
  writeReport,
} from "./report/index.js";
import { ownOf, priorOf } from "./stage/search-record.js";

/** Writes the report; null when the program retrained nothing. `command`: what was typed, for whoever repeats it. */
export async function conclude(context: RunContext, command: string | null): Promise<Report | null> {
  const { findings, folder, stages, specFolder } = context;
  const { searched, measuredOn } = findings;
  if (searched === undefined || measuredOn === undefined) return null;
  const lock = join(specFolder, LOCK_FILE);
  if (existsSync(lock)) folder.recordHashes({ [LOCK_FILE]: await hashFile(lock) });
  const measured = (arm: TrainedArm<Architecture>) => withExamples(context, arm);
  const tokensOf = (split: "validation" | "test") => measuredOn[split].examples.map(answerTokens);
  const found: Findings = {
    backbone: findings.backbone,
    searched: measured(searched.arm),
    rivals: findings.rivals.map((arm) => ({
      ...measured(arm),
      chosenIn: arm.chosenIn,
      usedSuperNetwork: arm.usedSuperNetwork,
    })),
    maxParameters: findings.maxParameters,
    recounted: findings.adapter === null ? null : recount(folder.file(findings.adapter.folder)),
    movedFromPrior: findings.movedFromPrior,
    chosenOrigin: searched.origin,
    selectedBy: findings.selectedBy ?? "loss",
    finalists: findings.finalists.map((arm) => ({ ...measured(arm), superNetworkLoss: arm.superNetworkLoss })),
    learningRates: findings.learningRates ?? [],
    choosers: findings.choosers ?? [],
    search: searchAccount(context),
    adapter: findings.adapter && { folder: findings.adapter.folder, vllmFlags: findings.adapter.vllmFlags },
    stages: stages.records.map(({ stage, wallClockMs, summary, taken, parts }) => ({
      ...{ stage, wallClockMs, summary },
      ...(taken !== undefined && { taken }),
      ...(parts !== undefined && { parts: Object.keys(parts) }),
    })),
    splits: findings.splits,
    ...(findings.overlaps !== undefined && { overlaps: findings.overlaps }),
    ranking: findings.ranking ?? null,
    costs: findings.costs ?? null,
    equalCost:
      findings.equalCost?.arms.map((row) => ({ ...row, arm: withExamples(context, row.arm, row.folder) })) ?? null,
    ...(findings.superNetworkStart !== undefined && { superNetworkStart: findings.superNetworkStart }),
    tokens: { validation: tokensOf("validation"), test: tokensOf("test") },
    command,
    specHash: specHashOf(folder.file("ir.json")),
  };
  const report = reportOf(found, folder.manifest);
  const examples = exampleDifferencesOf(found);
  if (examples !== null) writeExampleDifferences(folder.file(EXAMPLE_DIFFERENCES), examples);
  writeReport(folder, report);
  return report;
}

/** SHA-256 of a spec's meaning but for its seed; null for a program that was not made from one. */
function specHashOf(file: string): string | null {
  if (!existsSync(file)) return null;
  const { seed: _, ...spec } = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, unknown>>;
  return keyOf(spec);
}

function withExamples({ trained }: RunContext, arm: TrainedArm<Architecture>, folder?: string): RankedArm {
  const losses = trained.get(trainedKey(arm.architecture, folder))?.trained.map((seed) => seed.losses) ?? [];
  const known = losses.filter((seed) => seed !== undefined);
  if (known.length === 0 || known.length < losses.length) return arm;
  return {
    ...arm,
    byExample: { validation: known.map((seed) => seed.validation), test: known.map((seed) => seed.test) },
  };
}

function searchAccount({ findings, superNetworks }: RunContext): SearchAccount | null {
  const { search } = findings;
  if (search === undefined) return null;
  const { controller, evaluations, cached = 0, stopped, rescoring, metric = "loss", parameterWeight = 0 } = search;
  const ties = [...superNetworks.values()].flatMap(({ space }) =>
    space.genes.flatMap(({ modules }) => (modules.length > 1 ? [modules] : [])),
  );
  return {
    controller,
    told: REWARD_METRICS[metric].told,
    ...(parameterWeight > 0 && { parameterWeight }),
    evaluations,
    cached,
    ...(stopped !== undefined && stopped.architectures > 0 && { stopped }),
    // Searches recorded before there were rounds or a front have none.
    rounds: search.rounds ?? [],
    skipped: search.skipped?.losses ?? 0,
    front: (search.front ?? []).map(({ parameters, superNetworkLoss }) => ({ parameters, loss: superNetworkLoss })),
    own: ownOf(search) ?? null,
    ...(ties.length > 0 && { ties }),
    ...(rescoring !== undefined && { rescoring }),
    prior: priorOf(search) ?? null,
  };
}

/** Adapter parameters by the shapes in the header of the file that was written. */
export function recount(adapterFolder: string): number {
  const store = openSafetensors(join(adapterFolder, PEFT_FILES.weights));
  const elements = (name: string) => store.info(name).shape.reduce((product, size) => product * size, 1);
  return store.names.reduce((sum, name) => sum + elements(name), 0);
}
