/** Several runs beside one another: repetitions of one experiment under other seeds, or different experiments. */
import { type Architecture, summarize } from "../../search/index.js";
import { type Agreement, agreement, type MovesAgreement, movesAgreement } from "./agreement.js";
import { byExperiment, type ExperimentLine, experimentLine } from "./experiment-lines.js";
import { meanText, pValue } from "./format.js";
import { type ComparedRun, overPriorOverRuns, runsDifferences, SEARCHED } from "./runs-differences.js";
import { runsHeadline } from "./runs-verdict.js";
import type { Difference, Report } from "./types.js";
import { listed } from "./verdict.js";
import { whatSearchingAdded } from "./what-searching-added.js";

/** One run of a comparison. */
export interface RunLine {
  readonly label: string;
  readonly name: string;
  readonly seed: number;
  readonly irHash: string;
  readonly headline: string;
  readonly parameters: number;
  /** What it took, also where other runs had done it before. */
  readonly milliseconds: number;
  /** How much of that other runs spent. */
  readonly takenMilliseconds: number;
  readonly ranks: Architecture;
  /** Mean over the retraining seeds of each arm, by arm. */
  readonly testLoss: Readonly<Record<string, number>>;
  readonly testExactMatch: Readonly<Record<string, number>>;
}

/** The content of a comparison's JSON. */
export interface RunsReport {
  readonly version: 1;
  /** Whether the runs repeat one experiment: the same spec and inputs, and other seeds. */
  readonly repetitions: boolean;
  readonly headline: string;
  /** One where all runs are repetitions. */
  readonly experiments: readonly ExperimentLine[];
  readonly runs: readonly RunLine[];
  /** Arms that every run has, in the order of the first; the searched ranks are last. */
  readonly arms: readonly string[];
  /** Searched minus each rival, test loss, one pair a run, but for uniform corrected for their number; only for repetitions. */
  readonly differences: readonly Difference[];
  /** Whether these leave out what validation's choice among finalists adds by luck. */
  readonly selectionFree: boolean;
  /** The search's own choice minus its prior's, test loss: what searching added. Null unless every repetition has retrained both. */
  readonly overPrior: Difference | null;
  readonly agreement: Agreement | null;
  readonly moves: MovesAgreement | null;
}

/**
 * Compares runs, one or more; repetitions come in the order of their seeds. Throws a `RangeError` without one.
 */
export function compareRuns(given: readonly ComparedRun[]): RunsReport {
  const groups = byExperiment(given);
  const repetitions = given.length > 1 && groups.length === 1;
  const compared = repetitions
    ? [...given].sort((a, b) => a.report.manifest.seed - b.report.manifest.seed)
    : [...given];
  const reports = compared.map(({ report }) => report);
  const [first] = reports;
  if (first === undefined) throw new RangeError("no finished run to compare");
  const arms = first.arms
    .map(({ name }) => name)
    .filter((name) => reports.every((report) => report.arms.some((arm) => arm.name === name)));
  const runs = reports.map((report) => runLine(report, arms, repetitions));
  const differences = repetitions ? runsDifferences(compared, arms) : null;
  const over =
    differences === null
      ? ""
      : runsHeadline({
          runs: runs.length,
          atPrior: reports.filter(({ verdict }) => verdict === "equals prior").length,
          chosenOrigins: reports.map(({ chosenOrigin }) => chosenOrigin),
          isByLuck: differences.isByLuck,
          overUniform: differences.plain.get("uniform"),
          overRandom: differences.plain.get("random"),
          rivalsOverUniform: differences.rivalsOverUniform,
        });
  const experiments = (repetitions ? [compared] : groups).map((group) => {
    const members = group.map(({ report }) => report);
    const isUnique = groups.filter(([other]) => other!.report.name === members[0]!.name).length === 1;
    const headline = repetitions ? over : group.length > 1 ? compareRuns(group).headline : members[0]!.headline;
    return experimentLine(members, arms, isUnique, headline);
  });
  return {
    version: 1,
    repetitions,
    headline: repetitions ? over : headlineBeside(experiments),
    experiments,
    runs,
    arms,
    differences: differences?.overRivals ?? [],
    selectionFree: differences?.selectionFree ?? false,
    overPrior: repetitions ? overPriorOverRuns(compared) : null,
    agreement: agreement(reports.map(({ ranks }) => ranks)),
    moves: repetitions ? movesOf(reports) : null,
  };
}

function runLine(report: Report, arms: readonly string[], repetitions: boolean): RunLine {
  const { name, manifest, headline, parameters, time, ranks } = report;
  const means = (pick: "testLoss" | "testExactMatch") =>
    Object.fromEntries(arms.map((arm) => [arm, summarize(report.arms.find((each) => each.name === arm)![pick]).mean]));
  return {
    label: repetitions ? `seed ${manifest.seed}` : `${name}-${manifest.irHash.slice(0, 8)}`,
    name,
    seed: manifest.seed,
    irHash: manifest.irHash,
    headline,
    parameters,
    milliseconds: time.total,
    takenMilliseconds: time.taken ?? 0,
    ranks,
    testLoss: means("testLoss"),
    testExactMatch: means("testExactMatch"),
  };
}

function movesOf(reports: readonly Report[]): MovesAgreement | null {
  const known = reports.flatMap(({ search }) =>
    search?.own != null && search.prior != null
      ? [{ own: search.own, prior: search.prior, ties: search.ties ?? [] }]
      : [],
  );
  return known.length < reports.length ? null : movesAgreement(known);
}

/** Experiments side by side: no difference is drawn from them. */
function headlineBeside(experiments: readonly ExperimentLine[]): string {
  const ends = experiments.map(({ label, testLoss }) => {
    const values = testLoss[SEARCHED];
    return `${label} ends at ${values === undefined ? "?" : meanText(values, 4)} test loss`;
  });
  return `${experiments.length === 1 ? "One run" : `${experiments.length} experiments side by side`}: ${listed(ends)}.`;
}

/** What searching added, and how far the runs agree; a sentence each. */
export const sentencesOnRuns = ({ overPrior, agreement: shared, moves }: RunsReport): string[] => [
  ...(overPrior === null ? [] : [whatSearchingAdded(overPrior)]),
  ...(shared === null
    ? []
    : [
        `Agreement of two runs: ${(100 * shared.equalModules).toFixed(0)} % of the modules have equal ranks${shared.rankCorrelation === null ? "" : `, rank correlation (Kendall's tau-b) ${shared.rankCorrelation.toFixed(2)}`}.`,
      ]),
  ...(moves === null
    ? []
    : [
        `What the searches changed in their priors agrees by ${moves.cosine.toFixed(2)} (cosine; 1: the same changes), ${pValue(moves.p)} against chance.`,
      ]),
];
