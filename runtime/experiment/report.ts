/** What a run found, as one value (report.json) and as a page (report.md). */
import Handlebars from "handlebars";
import { writeFileDurably } from "../formats/durable-file.js";
import { type Architecture, pairedDifference, summarize } from "../search/index.js";
import type { RankingResult } from "./api.js";
import { type Arm, headline, rankingRemark, remarks } from "./comparison.js";
import { rankGrids, rankPicture } from "./picture.js";
import { REPORT_TEMPLATE } from "./report-template.js";
import type { Manifest, RunFolder } from "./run-folder.js";

/** One finalist as retraining saw it. */
export interface FinalistLine {
  readonly name: string;
  readonly parameters: number;
  readonly superNetworkLoss: number | null;
  readonly validationLoss: readonly number[];
}

/** The content of report.json. Absent parts: the program had no such stage. */
export interface Report {
  readonly name: string;
  readonly summary: string;
  readonly headline: string;
  readonly remarks: readonly string[];
  /** Backbone as it is, rivals, searched; in the order of the table. */
  readonly arms: readonly Arm[];
  readonly ranks: Architecture;
  readonly parameters: number;
  readonly maxParameters: number | null;
  readonly movedFromPrior: number;
  readonly chosenOrigin: string;
  readonly finalists: readonly FinalistLine[];
  /** Folder relative to the run folder, and what vLLM needs to serve it. */
  readonly adapter: { readonly folder: string; readonly vllmFlags: readonly string[] } | null;
  readonly stages: readonly { readonly stage: string; readonly wallClockMs: number; readonly summary: string }[];
  /** Whether the super-network orders architectures as training does; null where it was not tested. */
  readonly ranking: RankingResult | null;
  /** Examples of each split. */
  readonly splits: Readonly<Record<string, number>>;
  readonly manifest: Manifest;
}

/** What a report is made of. */
export interface Findings {
  readonly backbone: Arm | undefined;
  readonly searched: Arm;
  readonly rivals: readonly Arm[];
  readonly ranks: Architecture;
  readonly maxParameters: number | null;
  readonly movedFromPrior: number;
  readonly chosenOrigin: string;
  readonly finalists: readonly FinalistLine[];
  readonly adapter: Report["adapter"];
  readonly stages: Report["stages"];
  readonly ranking: RankingResult | null;
  readonly splits: Readonly<Record<string, number>>;
}

/** Draws the conclusions. Pure. */
export function reportOf(findings: Findings, manifest: Manifest): Report {
  const { backbone, searched, rivals, movedFromPrior, chosenOrigin, finalists } = findings;
  const verdict = {
    searched,
    uniform: rivals.find((arm) => arm.name === "uniform"),
    rivals,
    movedFromPrior,
    chosenOrigin,
    finalists: finalists.length,
  };
  return {
    name: manifest.name,
    summary: manifest.summary,
    headline: headline(verdict),
    remarks: [...remarks(verdict), ...(findings.ranking === null ? [] : [rankingRemark(findings.ranking)])],
    arms: [...(backbone === undefined ? [] : [backbone]), ...rivals, searched],
    ranks: findings.ranks,
    parameters: searched.parameters,
    maxParameters: findings.maxParameters,
    movedFromPrior,
    chosenOrigin,
    finalists,
    adapter: findings.adapter,
    stages: findings.stages,
    ranking: findings.ranking,
    splits: findings.splits,
    manifest,
  };
}

/** `12,768`. */
const integer = (value: number) => value.toLocaleString("en-US");
/** Mean of a seed's values, and their standard deviation where there are several. */
const decimals = (values: readonly number[], digits: number) => {
  const { mean, standardDeviation, count } = summarize(values);
  return mean.toFixed(digits) + (count === 1 ? "" : ` ± ${standardDeviation.toFixed(digits)}`);
};

/** A duration as people say it: `0.8 s`, `42 s`, `3 min 05 s`. */
export function durationText(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** Retrainings as one line: there is one stage for each architecture and seed. */
export function groupedStages(stages: Report["stages"]): Report["stages"] {
  const trainings = stages.filter(({ stage }) => stage.startsWith("retrain/"));
  const wallClockMs = trainings.reduce((sum, stage) => sum + stage.wallClockMs, 0);
  const others = stages.filter((stage) => !trainings.includes(stage));
  const line = {
    stage: "retrain",
    wallClockMs,
    summary: `${trainings.length} trainings, measured on validation and test`,
  };
  const at = stages.findIndex((stage) => trainings.includes(stage));
  return at < 0 ? others : [...others.slice(0, at), line, ...others.slice(at)];
}

/** The page: everything in it is in the report. */
export function reportMarkdown(report: Report): string {
  const searched = report.arms.at(-1)!;
  const uniform = report.arms.find((arm) => arm.name === "uniform");
  const ranks = Object.values(report.ranks);
  const maxRank = Math.max(0, ...ranks);
  const seeds = searched.testLoss.length;
  const paired = report.arms
    .filter((arm) => uniform !== undefined && arm !== uniform && arm.testLoss.length === uniform.testLoss.length)
    .filter((arm) => arm.testLoss.length > 1)
    .map((arm) => {
      const { mean, standardError, count } = pairedDifference(arm.testLoss, uniform!.testLoss);
      return {
        name: arm.name,
        difference: mean.toFixed(4),
        standardError: standardError.toFixed(4),
        pairs: count,
      };
    });
  const render = Handlebars.compile(REPORT_TEMPLATE, { noEscape: true });
  return render({
    ...report,
    seeds: seeds === 1 ? "retraining seeds (here: one)" : `${seeds} retraining seeds`,
    arms: report.arms.map((arm) => ({
      name: arm === searched ? `**${arm.name}**` : arm.name,
      parameters: integer(arm.parameters),
      validationLoss: decimals(arm.validationLoss, 4),
      testLoss: decimals(arm.testLoss, 4),
      exactMatch: decimals(arm.testExactMatch, 3),
      tokenAccuracy: decimals(arm.testTokenAccuracy, 3),
    })),
    paired: paired.length === 0 ? null : paired,
    parametersUsed: integer(report.parameters),
    maxParameters: report.maxParameters === null ? "any number" : integer(report.maxParameters),
    adapted: ranks.filter((rank) => rank > 0).length,
    modules: ranks.length,
    moved: `The search's own choice differs from its prior on ${(100 * report.movedFromPrior).toFixed(0)} % of the modules.`,
    grids: rankGrids(report.ranks).map(({ title, rows, layers, rank }) => ({
      title,
      columns: layers.map((layer) => layer ?? "–"),
      rows: rows.map((row) => ({ row, ranks: layers.map((layer) => rank(row, layer) ?? "") })),
    })),
    finalists:
      report.finalists.length < 2
        ? null
        : report.finalists.map((finalist) => ({
            name: finalist.name,
            parameters: integer(finalist.parameters),
            superNetworkLoss: finalist.superNetworkLoss?.toFixed(4) ?? "",
            validationLoss: decimals(finalist.validationLoss, 4),
          })),
    adapter:
      report.adapter === null
        ? null
        : { folder: report.adapter.folder, maxRank, vllmFlags: report.adapter.vllmFlags.join(" ") },
    stages: groupedStages(report.stages).map(({ stage, wallClockMs, summary }) => ({
      stage,
      time: durationText(wallClockMs),
      summary,
    })),
    total: durationText(report.stages.reduce((sum, { wallClockMs }) => sum + wallClockMs, 0)),
    seed: report.manifest.seed,
    irHash: report.manifest.irHash,
    machine: report.manifest.machine,
    engine: report.manifest.engine,
    earlierEngines: [...(report.manifest.earlierEngines ?? [])].reverse(),
    hashes: Object.entries(report.manifest.hashes).map(([name, hash]) => ({ name, hash })),
    splits: Object.entries(report.splits)
      .map(([split, examples]) => `${split} ${integer(examples)}`)
      .join(", "),
  });
}

/** Writes report.json, report.md, ranks.json and ranks.svg into the run folder. */
export function writeReport(folder: RunFolder, report: Report): void {
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  writeFileDurably(folder.file("report.json"), json(report));
  writeFileDurably(folder.file("report.md"), reportMarkdown(report));
  writeFileDurably(folder.file("ranks.json"), json(report.ranks));
  const title = `${report.name}: ${integer(report.parameters)} adapter parameters`;
  writeFileDurably(folder.file("ranks.svg"), rankPicture(title, report.ranks));
}
