/** Where a run's time went: search against retraining, and what each rival took. */
import type { StageLine, TimeAccount } from "./types.js";

/** An arm and the stages that trained it. */
export interface ArmStages {
  readonly name: string;
  /** `retrain/<id>-seed-1`, ... */
  readonly retraining: (stage: string) => boolean;
}

/** Adds up the stages. A rival's own choice is the stage `compare/<name>`. */
export function timeAccount(
  stages: readonly StageLine[],
  finalists: readonly ArmStages[],
  rivals: readonly ArmStages[],
): TimeAccount {
  const spent = (belongs: (stage: string) => boolean) =>
    stages.reduce((sum, { stage, wallClockMs }) => (belongs(stage) ? sum + wallClockMs : sum), 0);
  const total = spent(() => true);
  const searches = (stage: string) => ["super-network", "search"].includes(stage) || stage.startsWith("beside/");
  const trains = (arms: readonly ArmStages[]) => (stage: string) => arms.some(({ retraining }) => retraining(stage));
  const isKnown = (stage: string) =>
    searches(stage) || trains([...finalists, ...rivals])(stage) || stage.startsWith("compare/");
  return {
    total,
    search: spent(searches),
    finalists: spent(trains(finalists)),
    rivals: rivals.map(({ name, retraining }) => ({
      arm: name,
      choosing: spent((stage) => stage === `compare/${name.replaceAll(" ", "-")}`),
      retraining: spent(retraining),
    })),
    other: spent((stage) => !isKnown(stage)),
  };
}

/** Retrainings as one line: there is one stage for each architecture and seed. */
export function groupedStages(stages: readonly StageLine[]): readonly StageLine[] {
  const trainings = stages.filter(({ stage }) => /^(retrain|equal-cost)\//.test(stage));
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
