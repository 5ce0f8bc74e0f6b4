/** What a run found: one value, and the pages made of it. */

export { rankPicture } from "./charts/ranks.js";
export { difference, type MeasuredArm, PAIRS_FOR_A_CLAIM } from "./differences.js";
export {
  EXAMPLE_DIFFERENCES,
  type ExampleDifferences,
  readExampleDifferences,
  writeExampleDifferences,
} from "./example-differences.js";
export type { ExperimentLine } from "./experiment-lines.js";
export { durationText } from "./format.js";
export { reportHtml } from "./html.js";
export { reportMarkdown } from "./markdown.js";
export { noAdapterRemedy } from "./no-adapter.js";
export { type RankGrid, rankGrids } from "./rank-grids.js";
export { FEW_EXAMPLES } from "./remarks.js";
export { exampleDifferencesOf, type Findings, type RankedArm, reportOf } from "./report.js";
export { type ComparedRun, rivalMinusRival, runsDifferences, SEARCHED } from "./runs-differences.js";
export { runsHtml } from "./runs-html.js";
export { runsMarkdown } from "./runs-markdown.js";
export { compareRuns, type RunLine, type RunsReport } from "./several.js";
export { groupedStages } from "./time-account.js";
export type { Arm, Difference, FinalistLine, Report, SearchAccount, Selection, SplitLine, StageLine } from "./types.js";
export { type VerdictKind, verdictOf } from "./verdict.js";
export { writeReport } from "./write.js";
