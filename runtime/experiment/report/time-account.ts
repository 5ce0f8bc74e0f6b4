/** Where a run's time went: search against retraining, and what each rival took. */
import { takenText } from "../stages.js";
import type { StageLine, TimeAccount } from "./types.js";

/** An arm and the stages that trained it. */
export interface ArmStages {
  readonly name: string;
  /** `retrain/<id>-seed-1`, ... */
  readonly retraining: (stage: string) => boolean;
}

/** A rival, and what chose it. */
export interface RivalStages extends ArmStages {
  /** Its own stage, or one that it shares with the search, what stands beside it, or another rival. */
  readonly chosenIn: string;
  readonly usedSuperNetwork: boolean;
}

/** Adds up the stages. The super-network's training is the search's, whoever else scores in it. */
export function timeAccount(
  stages: readonly StageLine[],
  finalists: readonly ArmStages[],
  rivals: readonly RivalStages[],
): TimeAccount {
  /** The stages, with those that they used. */
  const withParts = (belongs: (stage: string) => boolean) => {
    const own = stages.filter(({ stage }) => belongs(stage));
    const used = new Set(own.flatMap(({ parts = [] }) => parts));
    return stages.filter((line) => own.includes(line) || used.has(line.stage));
  };
  const spent = (belongs: (stage: string) => boolean) => costOfAll(withParts(belongs));
  const searches = (stage: string) => ["super-network", "search"].includes(stage) || stage.startsWith("beside/");
  const trains = (arms: readonly ArmStages[]) => (stage: string) => arms.some(({ retraining }) => retraining(stage));
  const trainsLonger = (stage: string) => stage.startsWith("equal-cost/");
  const known = withParts(
    (stage) =>
      searches(stage) ||
      trains([...finalists, ...rivals])(stage) ||
      stage.startsWith("compare/") ||
      trainsLonger(stage),
  );
  const taken = stages.reduce((sum, line) => sum + (line.taken?.wallClockMs ?? 0), 0);
  return {
    total: costOfAll(stages),
    search: spent(searches),
    finalists: spent(trains(finalists)),
    rivals: rivals.map(({ name, retraining, chosenIn, usedSuperNetwork }) => ({
      arm: name,
      choosing: spent((stage) => stage === chosenIn),
      retraining: spent(retraining),
      ...(usedSuperNetwork && { sharesSuperNetwork: true }),
    })),
    ...(stages.some(({ stage }) => trainsLonger(stage)) && { equalCost: spent(trainsLonger) }),
    other: costOfAll(stages.filter((line) => !known.includes(line))),
    ...(taken > 0 && { taken }),
  };
}

/** What a stage took, wherever it was done, in milliseconds. */
const costOf = ({ wallClockMs, taken }: StageLine): number => taken?.wallClockMs ?? wallClockMs;
const costOfAll = (lines: readonly StageLine[]): number => lines.reduce((sum, line) => sum + costOf(line), 0);

/** A stage for people: what it took, and, in the summary, whether another run did it. */
export type StageRow = Pick<StageLine, "stage" | "wallClockMs" | "summary">;

const rowOf = (line: StageLine): StageRow => ({
  stage: line.stage,
  wallClockMs: costOf(line),
  summary: line.summary + (line.taken === undefined ? "" : takenText(line.taken)),
});

/** Stages as rows, retrainings as one: there is one stage for each architecture and seed. */
export function groupedStages(stages: readonly StageLine[]): readonly StageRow[] {
  const trainings = stages.filter(({ stage }) => /^(retrain|equal-cost)\//.test(stage));
  const rows = (lines: readonly StageLine[]) => lines.filter((line) => !trainings.includes(line)).map(rowOf);
  const at = stages.findIndex((stage) => trainings.includes(stage));
  if (at < 0) return rows(stages);
  const wallClockMs = trainings.reduce((sum, line) => sum + costOf(line), 0);
  const taken = trainings.filter((line) => line.taken !== undefined).length;
  const others = taken === 0 ? "" : `; ${taken} of them taken from other runs`;
  const row = {
    stage: "retrain",
    wallClockMs,
    summary: `${trainings.length} trainings, measured on validation and test${others}`,
  };
  return [...rows(stages.slice(0, at)), row, ...rows(stages.slice(at))];
}
