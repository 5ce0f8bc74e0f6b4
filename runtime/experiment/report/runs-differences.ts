/** Differences between arms over repetitions: one pair a run, runs and test examples both uncertain. */
import { crossedDifference, pairedDifference } from "../../search/index.js";
import { corrected, judged } from "./differences.js";
import type { ExampleDifferences } from "./example-differences.js";
import type { Difference, Report } from "./types.js";
import { OWN, PRIOR } from "./verdict.js";

/** A run of a comparison, with what it found about single test examples where that was kept. */
export interface ComparedRun {
  readonly report: Report;
  readonly examples?: ExampleDifferences | undefined;
}

/** The searched ranks, as an arm. */
export const SEARCHED = "searched";

/** All differences that a comparison of repetitions needs. */
export interface RunsDifferences {
  /** Searched minus each rival; but for uniform corrected for their number. */
  readonly overRivals: readonly Difference[];
  /** The same by themselves, by rival. */
  readonly plain: ReadonlyMap<string, Difference>;
  /** Each rival minus uniform, corrected for their number. */
  readonly rivalsOverUniform: readonly Difference[];
  /** Whether the luck of validation's choice is left out. */
  readonly selectionFree: boolean;
  /** Whether it is in, and validation had a choice: gains are not told then. */
  readonly isByLuck: boolean;
}

/** One figure a run, and its test examples where all runs have them. */
interface Paired {
  readonly values: readonly number[];
  readonly byExample: readonly ArrayLike<number>[] | null;
}

/**
 * Differences over runs that repeat one experiment. In each run the luck of validation's choice is left out, which every run would add in the
 * same direction; where one cannot give that (several finalists under one retraining seed, or a choice that was not by loss alone) the chosen
 * stand in for all, and a gain is not told: it drifts from zero where there is nothing, the farther in standard errors the more runs there are.
 */
export function runsDifferences(runs: readonly ComparedRun[], arms: readonly string[]): RunsDifferences {
  // The backbone as it is was not trained under seeds.
  const trained = arms.filter((name) =>
    runs[0]!.report.arms.some((arm) => arm.name === name && arm.parameters > 0 && name !== SEARCHED),
  );
  const selectionFree = isSelectionFree(runs, trained);
  const pairs = new Map(trained.map((rival) => [rival, pairedWith(runs, rival, selectionFree)]));
  const tokens = tokensOf(runs);
  const isByLuck = !selectionFree && runs.some(({ report }) => report.selection.choices > 1);
  const claimed = (row: Difference) => (isByLuck && row.mean < 0 ? { ...row, told: false } : row);
  const plain = new Map(
    [...pairs].map(([rival, pair]) => [rival, claimed(judgedOver(pair, tokens, SEARCHED, rival))] as const),
  );
  const uniform = pairs.get("uniform");
  const others = trained.filter((rival) => rival !== "uniform");
  const correctedRows = new Map(
    corrected(others.map((rival) => plain.get(rival)!)).map((row) => [row.against, claimed(row)] as const),
  );
  return {
    overRivals: trained.map((rival) => correctedRows.get(rival) ?? plain.get(rival)!),
    plain,
    rivalsOverUniform:
      uniform === undefined
        ? []
        : corrected(others.map((rival) => judgedOver(minus(uniform, pairs.get(rival)!), tokens, rival, "uniform"))),
    selectionFree,
    isByLuck,
  };
}

/** One rival minus another over runs that repeat one experiment, by itself. */
export function rivalMinusRival(runs: readonly ComparedRun[], arm: string, against: string): Difference {
  const selectionFree = isSelectionFree(runs, [arm, against]);
  const [first, second] = [arm, against].map((rival) => pairedWith(runs, rival, selectionFree));
  return judgedOver(minus(second!, first!), tokensOf(runs), arm, against);
}

/** The search's own choice minus its prior's over runs that repeat one experiment; null unless every run has retrained both. */
export function overPriorOverRuns(runs: readonly ComparedRun[]): Difference | null {
  const values = runs.flatMap(({ report }) => report.overPrior?.mean ?? []);
  if (values.length < runs.length) return null;
  const byExample = runs.flatMap(({ examples }) => (examples?.overPrior === undefined ? [] : [examples.overPrior]));
  const pair = { values, byExample: byExample.length === runs.length ? byExample : null };
  return judgedOver(pair, tokensOf(runs), OWN, PRIOR);
}

/** Whether every run can say what each rival differs by without the luck of validation's choice. */
const isSelectionFree = (runs: readonly ComparedRun[], rivals: readonly string[]): boolean =>
  rivals.every((rival) => runs.every(({ report }) => report.selectionFree[rival] !== undefined));

const tokensOf = ([first]: readonly ComparedRun[]): ArrayLike<number> => first!.examples?.tokens ?? [];

function pairedWith(runs: readonly ComparedRun[], rival: string, selectionFree: boolean): Paired {
  const byExample = runs.map(({ examples }) => examples?.minus[rival]);
  const known = byExample.filter((differences) => differences !== undefined);
  const lengths = new Set(
    [...known, ...runs.map(({ examples }) => examples?.tokens ?? [])].map(({ length }) => length),
  );
  return {
    values: runs.map(({ report }) => (selectionFree ? report.selectionFree[rival]! : chosenMinus(report, rival))),
    byExample: selectionFree && known.length === runs.length && lengths.size === 1 ? known : null,
  };
}

function chosenMinus({ arms }: Report, rival: string): number {
  const losses = (name: string) => arms.find((arm) => arm.name === name)!.testLoss;
  return pairedDifference(losses(SEARCHED), losses(rival)).mean;
}

/** (searched - against) - (searched - rival) = rival - against: the choice among finalists falls out. */
function minus(against: Paired, rival: Paired): Paired {
  return {
    values: against.values.map((value, run) => value - rival.values[run]!),
    byExample:
      against.byExample === null || rival.byExample === null
        ? null
        : against.byExample.map((differences, run) =>
            Float64Array.from(differences, (value, at) => value - rival.byExample![run]![at]!),
          ),
  };
}

const judgedOver = (pair: Paired, tokens: ArrayLike<number>, arm: string, against: string): Difference =>
  judged(estimateOf(pair, tokens), arm, against, { oneExample: tokens.length === 1 });

function estimateOf({ values, byExample }: Paired, tokens: ArrayLike<number>) {
  const zero = values.map(() => 0);
  return crossedDifference(
    { bySeed: values, ...(byExample !== null && { byExample }) },
    { bySeed: zero, ...(byExample !== null && { byExample: byExample.map((of) => new Float64Array(of.length)) }) },
    byExample === null ? [] : tokens,
  );
}
