/** A report with its figures as text, the same for every page that is made of it. */
import { canonicalArchitecture } from "../../search/index.js";
import { purposes } from "./charts/time.js";
import { choosersView } from "./choosers-view.js";
import { durationText, integer, magnitude, meanText, probability } from "./format.js";
import { rankGrids } from "./rank-grids.js";
import { ratesView, rateText } from "./rates-view.js";
import { lossWords, searchView } from "./search-view.js";
import { splitsView } from "./splits-view.js";
import { groupedStages } from "./time-account.js";
import type { Arm, Difference, Report } from "./types.js";
import { listed, signed } from "./verdict.js";

/** What templates are filled with. */
export type ReportView = ReturnType<typeof reportView>;

/** Formats everything once. Pure. */
export function reportView(report: Report) {
  const searched = report.arms.at(-1)!;
  const ranks = Object.values(report.ranks);
  const seeds = searched.testLoss.length;
  return {
    name: report.name,
    summary: report.summary,
    headline: report.headline,
    remarks: report.remarks,
    seeds: seeds === 1 ? "retraining seeds (here: one)" : `${seeds} retraining seeds`,
    arms: report.arms.map((arm) => armRow(arm, arm === searched)),
    rates: ratesView(report.arms, report.learningRates),
    choosers: choosersView(report),
    differences: report.differences.some(({ interval }) => interval !== null)
      ? report.differences.map(differenceRow)
      : null,
    errors: report.differences.every(({ exampleError }) => exampleError !== null)
      ? "other seeds and other test examples"
      : "other seeds alone: other test examples may say otherwise",
    comparisons: report.differences.length,
    equalCost: equalCostRows(report),
    costs: costRows(report),
    adapted: ranks.filter((rank) => rank > 0).length,
    modules: ranks.length,
    moved: movedText(report),
    grids: rankGrids(report.ranks).map(({ title, rows, layers, rank }) => ({
      title,
      columns: layers.map((layer) => layer ?? "–"),
      rows: rows.map((row) => ({ row, ranks: layers.map((layer) => rank(row, layer) ?? "") })),
    })),
    search: searchView(report),
    finalists: report.finalists.length < 2 ? null : finalistRows(report),
    selection: selectionText(report),
    budget: budgetRows(report),
    adapter: report.adapter && {
      folder: report.adapter.folder,
      maxRank: Math.max(0, ...ranks),
      vllmFlags: report.adapter.vllmFlags.join(" "),
    },
    time: timeRows(report),
    timeNote: timeNote(report),
    stages: groupedStages(report.stages).map(({ stage, wallClockMs, summary }) => ({
      stage,
      time: durationText(wallClockMs),
      summary,
    })),
    total: durationText(report.time.total),
    data: splitsView(report),
    reproduce: reproduction(report),
  };
}

/** Empty for what chooses without a prior, as `fixed` does: there is nothing that it could have moved from. */
const movedText = ({ search, movedFromPrior }: Report): string =>
  search !== null && search.prior === null
    ? ""
    : `The search's own choice differs from its prior on ${(100 * movedFromPrior).toFixed(0)} % of the modules.`;

const armRow = (arm: Arm, searched: boolean) => ({
  name: arm.name,
  searched,
  parameters: integer(arm.parameters),
  validationLoss: meanText(arm.validationLoss, 4),
  learningRate: rateText(arm.learningRate),
  testLoss: meanText(arm.testLoss, 4),
  exactMatch: meanText(arm.testExactMatch, 3),
  tokenAccuracy: meanText(arm.testTokenAccuracy, 3),
});

/** Every arm at the total cost of the most expensive one; searched minus each. */
function equalCostRows({ equalCost, learningRates }: Report) {
  if (equalCost == null) return null;
  const { lines, differences } = equalCost;
  return {
    rates: ratesView(
      lines.map(({ arm }) => arm),
      learningRates,
    ),
    lines: lines.map(({ arm, choosing, steps, extraSteps }, at) => ({
      ...armRow(arm, at === lines.length - 1),
      name: extraSteps === 0 ? arm.name : `${arm.name}, same total cost`,
      choosing: integer(choosing),
      steps: extraSteps === 0 ? integer(steps) : `${integer(steps)} (${integer(extraSteps)} more)`,
    })),
    differences: differences.map((row) => ({ ...differenceRow(row), against: row.against })),
  };
}

/** What arms cost to use; the backbone as it is comes first. */
function costRows({ costs }: Report) {
  if (costs === undefined) return null;
  const bare = costs[0]!;
  return costs.map(({ arm, parameters, flops, adapterFlops, milliseconds, quartiles: [lower, upper] }) => ({
    name: arm,
    parameters: integer(parameters),
    flops: magnitude(flops),
    adapter: flops === 0 ? "" : `${((100 * adapterFlops) / bare.flops).toFixed(1)} %`,
    milliseconds: `${milliseconds.toFixed(2)} (${lower.toFixed(2)}–${upper.toFixed(2)})`,
    ratio: (milliseconds / bare.milliseconds).toFixed(2),
  }));
}

/** A row of a table of differences. */
export const differenceRow = ({
  arm,
  mean,
  standardError,
  interval,
  seeds,
  adjustedP,
  told,
  exampleError,
}: Difference) => ({
  arm,
  difference: signed(mean),
  standardError: standardError.toFixed(4),
  interval: interval === null ? "" : `${signed(interval[0])} to ${signed(interval[1])}`,
  p: adjustedP === null ? "" : probability(adjustedP),
  told: told ? "yes" : "no",
  pairs: seeds,
  /** Whether the error covers other examples too. */
  examples: exampleError !== null,
});

function finalistRows({ finalists, selection, ranks, search, learningRates }: Report) {
  const chosen = canonicalArchitecture(ranks);
  const wereScored = finalists.some(({ superNetworkLoss }) => superNetworkLoss !== null);
  return {
    /** What the search's loss of a finalist is called; null where none had one. */
    searchLoss: wereScored ? (search === null ? "loss in the super-network" : lossWords(search).loss) : null,
    hasRates: ratesView(finalists, learningRates).column,
    rows: finalists.map((finalist) => ({
      name: finalist.name,
      chosen: selection.choices > 1 && canonicalArchitecture(finalist.ranks) === chosen,
      parameters: integer(finalist.parameters),
      learningRate: rateText(finalist.learningRate),
      superNetworkLoss: finalist.superNetworkLoss?.toFixed(4) ?? "–",
      validationLoss: meanText(finalist.validationLoss, 4),
      testLoss: meanText(finalist.testLoss, 4),
    })),
  };
}

function selectionText({ selection }: Report): string | null {
  const { difference, examples, by } = selection;
  if (difference === null) return null;
  const error = difference.interval === null ? "" : ` ± ${difference.standardError.toFixed(4)}`;
  const how =
    by === undefined
      ? `on ${integer(examples)} validation examples:`
      : `by ${by} on ${integer(examples)} validation examples; in loss`;
  return `Chosen ${how} ${difference.arm} minus ${difference.against} is ${signed(difference.mean)}${error}.`;
}

function budgetRows({ budget }: Report) {
  const { limit, used, recounted } = budget;
  return {
    limit: limit === null ? "any number" : integer(limit),
    used: integer(used),
    recounted: recounted === null ? null : integer(recounted),
    kept: limit === null || Math.max(used, recounted ?? 0) <= limit,
    agrees: recounted === null || recounted === used,
  };
}

function timeRows({ time }: Report) {
  const share = (ms: number) => `${((100 * ms) / Math.max(1, time.total)).toFixed(0)} %`;
  const row = (what: string, ms: number) => ({ what, time: durationText(ms), share: share(ms) });
  return [
    ...purposes(time).map(({ what, ms }) => row(what, ms)),
    ...(time.taken === undefined ? [] : [row("of all this, spent by other runs and taken over", time.taken)]),
  ];
}

/** What counts where. */
function timeNote({ time }: Report): string {
  const shared = time.rivals.filter(({ sharesSuperNetwork }) => sharesSuperNetwork === true).map(({ arm }) => arm);
  const who = shared.length === 0 ? "" : ` (here: ${listed(shared)})`;
  return `A training or a choice that serves two arms counts for each. The super-network's training counts once, under the search; rivals that score in it${who} do not carry it.`;
}

function reproduction({ manifest, command }: Report) {
  const { machine } = manifest;
  return {
    command,
    seed: manifest.seed,
    irHash: manifest.irHash,
    machine,
    memory: `${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB`,
    engine: manifest.engine,
    earlierEngines: [...(manifest.earlierEngines ?? [])].reverse(),
    hashes: Object.entries(manifest.hashes).map(([name, hash]) => ({ name, hash })),
    locked: Object.hasOwn(manifest.hashes, "lnas.lock"),
  };
}
