/** From what the stages found to the report. */
import type { SplitOverlap } from "../../data/split-overlap.js";
import { type Architecture, canonicalArchitecture, summarize } from "../../search/index.js";
import type { RewardMetric } from "../../training/reward-metrics.js";
import type { ArmCost, RankingResult } from "../api.js";
import { keyOf } from "../keys.js";
import type { Manifest } from "../run-folder.js";
import type { Chooser } from "../stage/chooser.js";
import { corrected, difference, type MeasuredArm, type SplitTokens } from "./differences.js";
import { spentByEarlierRuns } from "./earlier-runs.js";
import { equalCostTable, type MeasuredCostLine } from "./equal-cost.js";
import type { ExampleDifferences } from "./example-differences.js";
import { plainArm } from "./plain-arm.js";
import { remarks } from "./remarks.js";
import { selectionFree, selectionFreeExamples } from "./selection-free.js";
import { type ArmStages, type RivalStages, timeAccount } from "./time-account.js";
import type { Arm, Difference, Report, SearchAccount, Selection, SplitLine, StageLine } from "./types.js";
import { type Evidence, OWN, PRIOR, verdictOf } from "./verdict.js";

/** An arm with the ranks it was trained at. */
export interface RankedArm extends MeasuredArm {
  readonly architecture: Architecture;
}

/** A rival, with what the account of the time has to know of its choice. */
export interface RivalArm extends RankedArm {
  /** The stage that chose it. Default: `compare/<name>`. */
  readonly chosenIn?: string;
  /** Whether it asked the super-network for losses. Default: no. */
  readonly usedSuperNetwork?: boolean;
}

/** What a report is made of. */
export interface Findings {
  readonly backbone: Arm | undefined;
  /** The finalist that validation chose, under the name "searched". */
  readonly searched: RankedArm;
  readonly rivals: readonly RivalArm[];
  readonly maxParameters: number | null;
  /** Of the exported file's header; null without an export. */
  readonly recounted: number | null;
  readonly movedFromPrior: number;
  readonly chosenOrigin: string;
  /** The metric that validation chose by; its loss where two were equal. */
  readonly selectedBy: RewardMetric;
  readonly finalists: readonly (RankedArm & { readonly superNetworkLoss: number | null })[];
  /** The stated grid that every arm's learning rate is of; absent or empty: none. */
  readonly learningRates?: readonly number[];
  /** What chose the ranks of rivals and of the searched arm; absent or empty: not known. */
  readonly choosers?: readonly Chooser[];
  readonly search: SearchAccount | null;
  readonly adapter: Report["adapter"];
  readonly stages: readonly StageLine[];
  readonly splits: Readonly<Record<string, SplitLine>>;
  readonly overlaps?: readonly SplitOverlap[];
  readonly ranking: RankingResult | null;
  readonly costs: readonly ArmCost[] | null;
  /** Rivals and the searched ranks at equal total cost; null where that was not asked. */
  readonly equalCost: readonly MeasuredCostLine[] | null;
  /** Name of the run whose super-network this one's started from; absent: none. */
  readonly superNetworkStart?: string;
  readonly tokens: SplitTokens;
  readonly command: string | null;
  /** See `Report.specHash`; null without a spec. */
  readonly specHash: string | null;
}

/** Metrics other than the loss that can choose, in words. The perplexity is its exponential, and chooses the same. */
const METRIC_WORDS: Readonly<Partial<Record<RewardMetric, string>>> = {
  token_accuracy: "token accuracy",
  exact_match: "exact match",
};

/** How retraining stages call an architecture. */
export const architectureId = (ranks: Architecture) => keyOf(canonicalArchitecture(ranks)).slice(0, 8);

const stagesOf = ({ name, architecture }: RankedArm): ArmStages => {
  const prefix = `retrain/${architectureId(architecture)}-`;
  return { name, retraining: (stage) => stage.startsWith(prefix) };
};

const stagesOfRival = (rival: RivalArm): RivalStages => ({
  ...stagesOf(rival),
  chosenIn: rival.chosenIn ?? `compare/${rival.name.replaceAll(" ", "-")}`,
  usedSuperNetwork: rival.usedSuperNetwork ?? false,
});

/** Draws the conclusions. Pure. */
export function reportOf(findings: Findings, manifest: Manifest): Report {
  const { backbone, searched, rivals, finalists, search, tokens, maxParameters, movedFromPrior, chosenOrigin } =
    findings;
  const distinct = distinctArms(finalists);
  const choices = Math.max(1, distinct.length);
  const uniform = rivals.find(({ name }) => name === "uniform");
  const random = rivals.find(({ name }) => name === "random");
  const minus = (arm: RankedArm, against: RankedArm | undefined, among = 1) =>
    against === undefined ? null : difference(arm, against, "test", tokens, among);
  const overUniform = minus(searched, uniform, choices);
  const rivalsOverUniform = corrected(
    rivals.flatMap((rival) => (rival === uniform ? [] : (minus(rival, uniform) ?? []))),
  );
  const evidence: Evidence = {
    searched,
    uniform,
    rivals,
    overUniform,
    overRandom: minus(searched, random, choices),
    rivalsOverUniform,
    equalsPrior: equalsPrior(searched.architecture, search, movedFromPrior, distinct.length),
    chosenOrigin,
    finalists: distinct.length,
  };
  const equalCost = findings.equalCost && equalCostTable(findings.equalCost, tokens, choices);
  const overRivals = corrected(
    rivals.flatMap((rival) => (rival === uniform ? [] : (minus(searched, rival, choices) ?? []))),
  );
  const overPrior = overPriorOf(distinct, tokens);
  const by = chosenBy(findings);
  const selection = {
    ...selectionOf(distinct, searched, findings.splits.validation?.examples ?? 0, tokens),
    ...(by !== undefined && { by }),
  };
  const { kind, headline } = verdictOf(evidence);
  return {
    version: 1,
    name: manifest.name,
    summary: manifest.summary,
    ...(findings.specHash !== null && { specHash: findings.specHash }),
    verdict: kind,
    headline,
    remarks: remarks({
      ...{ evidence, overRivals, overPrior, movedFromPrior, selection, search, equalCost },
      uncounted: spentByEarlierRuns(findings),
      twins: rivals.filter((rival) => areSame(rival, searched)).map(({ name }) => name),
      ranking: findings.ranking,
    }),
    arms: [...(backbone === undefined ? [] : [backbone]), ...rivals, searched].map(plainArm),
    ...((findings.learningRates ?? []).length > 0 && { learningRates: findings.learningRates! }),
    ...((findings.choosers ?? []).length > 0 && { choosers: findings.choosers! }),
    differences: [...rivalsOverUniform, ...(overUniform === null ? [] : [overUniform])],
    ...(overRivals.length > 0 && { overRivals }),
    ...(overPrior !== null && { overPrior }),
    selectionFree: Object.fromEntries(
      rivals.flatMap((rival) => {
        const value = selectionFree(repeatable(findings), rival);
        return value === null ? [] : [[rival.name, value]];
      }),
    ),
    ranks: searched.architecture,
    parameters: searched.parameters,
    maxParameters,
    movedFromPrior,
    chosenOrigin,
    finalists: finalists.map(
      ({ name, parameters, learningRate = null, superNetworkLoss, validationLoss, testLoss, architecture }) => ({
        ...{ name, parameters, learningRate, superNetworkLoss, validationLoss, testLoss },
        ranks: architecture,
      }),
    ),
    selection,
    search,
    budget: { limit: maxParameters, used: searched.parameters, recounted: findings.recounted },
    time: timeAccount(findings.stages, distinct.map(stagesOf), rivals.map(stagesOfRival)),
    adapter: findings.adapter,
    stages: findings.stages,
    splits: findings.splits,
    ...(findings.overlaps !== undefined && { overlaps: findings.overlaps }),
    ranking: findings.ranking,
    ...(equalCost !== null && { equalCost }),
    ...(findings.costs !== null && { costs: findings.costs }),
    command: findings.command,
    manifest,
  };
}

/** What validation chose by, where it was not the loss alone. */
function chosenBy({ selectedBy, search }: Findings): string | undefined {
  const metric = METRIC_WORDS[selectedBy];
  return (search?.parameterWeight ?? 0) > 0 ? `${metric ?? "loss"} and the price of parameters` : metric;
}

/** The finalists that a choice by loss is repeated among; none where validation chose by another metric, or parameters had a price. */
function repeatable(findings: Findings): readonly RankedArm[] {
  return chosenBy(findings) === undefined ? distinctArms(findings.finalists) : [];
}

/** What differs on every test example; see `ExampleDifferences`. Null where it cannot be had of anything. */
export function exampleDifferencesOf(findings: Findings): ExampleDifferences | null {
  const finalists = repeatable(findings);
  const minus = Object.fromEntries(
    findings.rivals.flatMap((rival) => {
      const differences = selectionFreeExamples(finalists, rival);
      return differences === null ? [] : [[rival.name, differences]];
    }),
  );
  const [own, prior] = ownAndPrior(distinctArms(findings.finalists));
  const overPrior = own && prior ? selectionFreeExamples([own], prior) : null;
  if (Object.keys(minus).length === 0 && overPrior === null) return null;
  return { tokens: findings.tokens.test, minus, ...(overPrior !== null && { overPrior }) };
}

/** What the search itself put first, and what it started from: both fixed before anything was retrained, so nothing was chosen among them. */
const ownAndPrior = (distinct: readonly RankedArm[]) =>
  [OWN, PRIOR].map((origin) => distinct.find(({ name }) => name === origin));

function overPriorOf(distinct: readonly RankedArm[], tokens: SplitTokens): Difference | null {
  const [own, prior] = ownAndPrior(distinct);
  return own === undefined || prior === undefined ? null : difference(own, prior, "test", tokens);
}

const areSame = (one: RankedArm, other: RankedArm): boolean =>
  canonicalArchitecture(one.architecture) === canonicalArchitecture(other.architecture);

function distinctArms<A extends RankedArm>(arms: readonly A[]): A[] {
  const seen = new Map<string, A>();
  for (const arm of arms) {
    const key = canonicalArchitecture(arm.architecture);
    if (!seen.has(key)) seen.set(key, arm);
  }
  return [...seen.values()];
}

/**
 * Whether the ranks are the prior's and the search's own: what validation chose beside them is neither. Where no prior is known, a search whose own
 * choice did not move and had no rival among the finalists is taken at its word.
 */
function equalsPrior(ranks: Architecture, search: SearchAccount | null, moved: number, finalists: number): boolean {
  if (search?.prior != null) return canonicalArchitecture(ranks) === canonicalArchitecture(search.prior) && moved === 0;
  return search !== null && moved === 0 && finalists < 2;
}

function selectionOf(
  distinct: readonly RankedArm[],
  searched: RankedArm,
  examples: number,
  tokens: SplitTokens,
): Selection {
  const chosen = canonicalArchitecture(searched.architecture);
  const mean = (arm: Arm) => summarize(arm.validationLoss).mean;
  const next = distinct
    .filter(({ architecture }) => canonicalArchitecture(architecture) !== chosen)
    .reduce<RankedArm | undefined>(
      (best, arm) => (best === undefined || mean(arm) < mean(best) ? arm : best),
      undefined,
    );
  const itself = distinct.find(({ architecture }) => canonicalArchitecture(architecture) === chosen) ?? searched;
  return {
    examples,
    choices: Math.max(1, distinct.length),
    difference: next === undefined ? null : difference(itself, next, "validation", tokens, distinct.length),
  };
}
