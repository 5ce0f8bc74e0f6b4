/** Sentences a reader should see beside the headline. */
import { ignores, summarize, twoPartQuantile, variancePartsOf } from "../../search/index.js";
import type { RankingResult } from "../api.js";
import type { Rescoring } from "../stage/rescoring-record.js";
import { LEVEL, PAIRS_FOR_A_CLAIM } from "./differences.js";
import { aboutEqualCost } from "./equal-cost.js";
import { integer, pValue } from "./format.js";
import { aboutNoAdapter } from "./no-adapter.js";
import type { Arm, Difference, EqualCostTable, SearchAccount, Selection } from "./types.js";
import { type Evidence, listed, OWN, PRIOR, signed, withInterval } from "./verdict.js";
import { whatSearchingAdded } from "./what-searching-added.js";

/** Fewer validation examples than this decide little; a run warns of them. */
export const FEW_EXAMPLES = 30;

const loss = (value: number) => value.toFixed(4);

/** What remarks are about. */
export interface Remarkable {
  readonly evidence: Evidence;
  /** Searched minus each rival but uniform, corrected for their number. */
  readonly overRivals: readonly Difference[];
  /** The search's own choice minus its prior's, where both were retrained. */
  readonly overPrior: Difference | null;
  readonly movedFromPrior: number;
  readonly selection: Selection;
  readonly ranking: RankingResult | null;
  readonly search: SearchAccount | null;
  readonly equalCost: EqualCostTable | null;
  /** Rivals that chose the very ranks that are the searched ones. */
  readonly twins: readonly string[];
  /** What earlier runs spent and the equal cost does not have; see `spentByEarlierRuns`. */
  readonly uncounted: readonly string[];
}

/** Everything worth a sentence, in the order of reading. */
export function remarks(of: Remarkable): string[] {
  const { evidence, overPrior, movedFromPrior, selection, ranking, search, equalCost } = of;
  const skipped = search?.skipped ?? 0;
  return [
    ...aboutNoAdapter(evidence.searched, search),
    ...aboutThePrior(evidence, movedFromPrior, search),
    ...aboutSearching(evidence, overPrior),
    ...aboutSizes(evidence),
    ...(of.twins.length === 0 || evidence.searched.parameters === 0
      ? []
      : [`The chosen ranks are those of ${listed(of.twins)} to the last module: there is nothing to tell apart.`]),
    ...aboutTold(search, selection),
    ...(search?.stopped === undefined
      ? []
      : [
          `${search.stopped.architectures} hopeless architectures were stopped early, which saved ${search.stopped.pairs} pairs of example and architecture; what the search was told of them are estimates.`,
        ]),
    ...aboutRescoring(search?.rescoring),
    ...aboutValidation(selection),
    ...aboutRivals(evidence),
    ...aboutEachRival(of.overRivals),
    ...aboutChoosing(evidence, selection),
    ...aboutPower(evidence, selection),
    ...aboutEqualCost(equalCost, [...evidence.rivals, evidence.searched]),
    ...(equalCost === null || of.uncounted.length === 0
      ? []
      : [`The equal total cost does not have what earlier runs spent on ${listed(of.uncounted)}.`]),
    ...aboutRanking(ranking),
    ...(skipped === 0
      ? []
      : [
          `${skipped === 1 ? "One loss" : `${skipped} losses`} of the search ${skipped === 1 ? "was" : "were"} not a number; it went on without.`,
        ]),
  ];
}

/** How far an arm's parameters may be from those of the searched ranks for the two to count as equal, as a share of the latter. */
const EQUAL_SIZES = 0.02;

/** A smaller or larger rival is no fair one, even where it chose its size by itself. */
function aboutSizes({ rivals, searched }: Evidence): string[] {
  const unequal = rivals.filter(
    ({ parameters }) => Math.abs(parameters - searched.parameters) > EQUAL_SIZES * searched.parameters,
  );
  if (unequal.length === 0) return [];
  const sizes = unequal.map(({ name, parameters }) => `${name} has ${integer(parameters)}`);
  return [
    `The arms are not of equal size: the searched ranks have ${integer(searched.parameters)} parameters, ${listed(sizes)}.`,
  ];
}

/** Under another objective than the loss: what is called a loss is none. */
function aboutTold(search: SearchAccount | null, { by }: Selection): string[] {
  const { told = "loss", parameterWeight = 0, controller = "" } = search ?? {};
  const seen = ignores(controller, "price")
    ? `added to what validation chose by; ${controller} does not look at it`
    : "added to what the search was told and to what validation chose by";
  return [
    ...(told === "loss"
      ? []
      : [`What this report calls loss in the super-network is what the search was told: ${told}.`]),
    ...(parameterWeight === 0
      ? []
      : [`Parameters had a price: ${parameterWeight} each, ${seen}; tables and curves show it without.`]),
    ...(by === undefined ? [] : [`Validation chose between the finalists by ${by}; its loss decided between equals.`]),
  ];
}

/** Whether the search's favourite kept its place when the best were scored once more. */
function aboutRescoring(rescoring: Rescoring | undefined): string[] {
  if (rescoring === undefined) return [];
  const { candidates, examples } = rescoring;
  const scored = candidates.filter(({ after }) => after !== null);
  const names = uniqueOrigins(scored.map(({ origin }) => origin));
  const best = scored.reduce((least, { after }, at) => (after! < scored[least]!.after! ? at : least), 0);
  const first = scored[0];
  if (first === undefined) return [];
  const kept =
    best === 0
      ? `${names[0]} stayed the best, with ${loss(first.after!)}`
      : `${names[best]} is the best of them with ${loss(scored[best]!.after!)}, ${names[0]} has ${loss(first.after!)}`;
  const luck = first.before === null ? "" : ` (${loss(first.before)} in the search)`;
  return [
    `The ${candidates.length} best candidates were scored once more in the super-network, on all ${examples} reward examples: ${kept}${luck}.`,
  ];
}

/** `runner-up, runner-up` -> `runner-up, runner-up 2`. */
const uniqueOrigins = (origins: readonly string[]): string[] =>
  origins.map((origin, at) => {
    const before = origins.slice(0, at).filter((other) => other === origin).length;
    return before === 0 ? origin : `${origin} ${before + 1}`;
  });

function aboutThePrior(
  { equalsPrior, chosenOrigin, overUniform, finalists }: Evidence,
  moved: number,
  search: SearchAccount | null,
): string[] {
  if (equalsPrior)
    return overUniform === null ? [] : [`These ranks minus uniform, test loss: ${withInterval(overUniform)}.`];
  if (moved > 0 && chosenOrigin === PRIOR)
    return [
      "Validation preferred the prior's allocation to the search's own choices: what the search added did not pay.",
    ];
  // Without a prior's ranks nothing says that the chosen ones are others.
  if (moved === 0 && finalists > 1 && search?.prior != null)
    return ["The search's own choice equals its prior's; validation chose another finalist."];
  return [];
}

/** What searching itself added: the search's own choice against the prior's, both trained alike, whichever of the finalists was chosen. */
function aboutSearching({ chosenOrigin }: Evidence, overPrior: Difference | null): string[] {
  if (overPrior === null) return [];
  const chosen =
    chosenOrigin === OWN || chosenOrigin === PRIOR ? "" : ` (chosen was ${chosenOrigin}, which is neither of them)`;
  return [whatSearchingAdded(overPrior, chosen)];
}

/** Against whom the searched ranks are ahead, behind, or neither; without a claim where pairs are too few. */
function aboutEachRival(overRivals: readonly Difference[]): string[] {
  if (overRivals.every(({ seeds }) => seeds < PAIRS_FOR_A_CLAIM)) return [];
  const those = (belongs: (row: Difference) => boolean) =>
    listed(overRivals.filter(belongs).map((row) => rivalText({ ...row, arm: row.against })));
  const parts = [
    ["better than", those(({ told, mean }) => told && mean < 0)],
    ["worse than", those(({ told, mean }) => told && mean > 0)],
    ["not told from", those(({ told }) => !told)],
  ] as const;
  const number = overRivals.length === 1 ? "" : `, corrected for ${overRivals.length} rivals`;
  return [
    `The chosen ranks against each rival on test${number}: ${parts.flatMap(([how, rivals]) => (rivals === "" ? [] : [`${how} ${rivals}`])).join("; ")}.`,
  ];
}

function aboutValidation({ examples, choices, difference, by }: Selection): string[] {
  const few =
    examples < FEW_EXAMPLES
      ? [
          `Validation has ${examples === 1 ? "one example" : `${examples} examples`}: what it chooses is close to a draw.`,
        ]
      : [];
  if (choices < 2 || difference === null) return few;
  if (difference.interval === null)
    return [...few, "With one retraining seed nothing tells how sure validation's choice between the finalists is."];
  return difference.told
    ? few
    : [
        ...few,
        `${by === undefined ? "Validation" : "By loss, validation"} could not tell the finalists apart: ${difference.arm} minus ${difference.against}, its next best, is ${withInterval(difference)}.`,
      ];
}

function aboutRivals({ searched, rivals, rivalsOverUniform, overUniform }: Evidence): string[] {
  const found: string[] = [];
  const told = rivalsOverUniform.filter((row) => row.told);
  if (told.length > 0 && overUniform !== null && !overUniform.told)
    found.push(
      `Told from uniform${rivalsOverUniform.length === 1 ? "" : `, after correction for ${rivalsOverUniform.length} rivals`}: ${listed(told.map(rivalText))}.`,
    );
  const mean = (arm: Arm) => summarize(arm.validationLoss).mean;
  const best = rivals.reduce<Arm | undefined>(
    (least, arm) => (least === undefined || mean(arm) < mean(least) ? arm : least),
    undefined,
  );
  if (best !== undefined && mean(best) < mean(searched))
    found.push(
      `On validation, ${best.name} (${loss(mean(best))}) is ahead of the searched ranks (${loss(mean(searched))}).`,
    );
  return found;
}

const rivalText = ({ arm, mean }: Difference) => `${arm} (${signed(mean)})`;

/** The interval leaves zero out, and still nothing is claimed. */
function aboutChoosing({ overUniform }: Evidence, { choices }: Selection): string[] {
  if (overUniform?.interval == null || overUniform.told || overUniform.seeds < PAIRS_FOR_A_CLAIM) return [];
  if (overUniform.interval[1] >= 0) return [];
  return [
    `The interval leaves out zero and yet no gain is claimed: validation chose among ${choices} finalists, and the luckiest of so many must be farther from zero (${pValue(overUniform.p!)} after that).`,
  ];
}

/** Of experiments with a true difference of this size, the share that tells it from zero. */
const POWER = 0.8;

/** Where uniform and searched ranks were not told apart: how large a difference would have been. */
function aboutPower({ overUniform }: Evidence, { choices }: Selection): string[] {
  if (overUniform === null || overUniform.told || overUniform.seeds < PAIRS_FOR_A_CLAIM) return [];
  // Without an interval nothing is told, and equal ranks have no errors.
  if (overUniform.interval === null || overUniform.standardError === 0) return [];
  const parts = variancePartsOf(overUniform);
  // A gain must pass a level that is shared among the finalists; see `difference`.
  const level = Math.min(LEVEL, (2 * LEVEL) / choices);
  const size = (twoPartQuantile(level, parts) + twoPartQuantile(2 * (1 - POWER), parts)) * overUniform.standardError;
  return [
    `With errors like these a true difference from uniform of about ${loss(size)} would be told in ${100 * POWER} % of such experiments; a smaller one can be there.`,
  ];
}

/** Agreement below which the order within a super-network says little about trained adapters. */
const POOR_RANKING = 0.3;

/** What the test of the super-network's order came to. */
function aboutRanking(ranking: RankingResult | null): string[] {
  if (ranking === null) return [];
  const { rows, tauB, tauBOfLargerHalf } = ranking;
  if (!Number.isFinite(tauB))
    return [
      `The super-network's order was not tested: ${rows.length === 1 ? "one architecture has" : `the ${rows.length} random architectures have`} no order to compare.`,
    ];
  const verdict =
    tauB >= POOR_RANKING
      ? ""
      : " What is best in this super-network need not be best after training: distrust the search.";
  return [
    `On ${rows.length} random architectures of all sizes the super-network's losses and those after training agree in order by a Kendall's tau-b of ${tauB.toFixed(2)}${Number.isFinite(tauBOfLargerHalf) ? ` (${tauBOfLargerHalf.toFixed(2)} among the larger half)` : ""}.${verdict}`,
  ];
}
