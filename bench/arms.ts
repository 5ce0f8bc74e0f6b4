/**
 * The arms of finished runs beside one another: `npm run bench:arms -- --against gradient_probe --against uniform runs/a-* runs/b-*`
 *
 * Runs of one backbone and one experiment are one group. An arm's figure is the mean over search and retraining seeds; differences are paired by search
 * seed, with errors over search seeds and test examples (over search seeds alone where an earlier version made a run's report: `lnasc run` with the same
 * spec makes it anew). `searched` is what validation chose among the finalists; its differences are without the luck of that choice.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  type ComparedRun,
  type Difference,
  type Report,
  readExampleDifferences,
  rivalMinusRival,
  runsDifferences,
  SEARCHED,
} from "../runtime/experiment/report/index.js";
import { summarize } from "../runtime/search/index.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { against: { type: "string", multiple: true, default: ["gradient_probe"] } },
});

const groups = new Map<string, ComparedRun[]>();
for (const folder of positionals) {
  const report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as Report;
  const weights = report.manifest.hashes["backbone/model.safetensors"]?.slice(0, 8) ?? "unknown";
  const group = `${report.name}, backbone ${weights}`;
  groups.set(group, [...(groups.get(group) ?? []), { report, examples: readExampleDifferences(folder) }]);
}

const signed = ({ mean, standardError }: Difference) =>
  `${mean < 0 ? "−" : "+"}${Math.abs(mean).toFixed(4)} ± ${standardError.toFixed(4)}`;

/** One arm minus another; the searched ranks only from the left. */
const difference = (runs: readonly ComparedRun[], arm: string, against: string): Difference =>
  arm === SEARCHED ? runsDifferences(runs, [against]).plain.get(against)! : rivalMinusRival(runs, arm, against);

for (const [group, runs] of groups) {
  const [first] = runs.map(({ report }) => report);
  const seeds = first!.arms.at(-1)!.testLoss.length;
  const shared = first!.arms.filter(({ name }) =>
    runs.every(({ report }) => report.arms.some((arm) => arm.name === name)),
  );
  const mean = (name: string, pick: "testLoss" | "testExactMatch") =>
    summarize(runs.map(({ report }) => summarize(report.arms.find((arm) => arm.name === name)![pick]).mean)).mean;
  const rows = shared
    .filter(({ parameters }) => parameters > 0)
    .map(({ name, parameters }) => ({ name, parameters, loss: mean(name, "testLoss") }))
    .sort((a, b) => a.loss - b.loss);
  const cells = (name: string) =>
    values.against.map((against) => (name === against ? "" : signed(difference(runs, name, against))));
  const covered = runs.every(({ examples }) => examples !== undefined);
  console.log(`### ${group}: ${runs.length} search seeds, ${seeds} retraining seeds each\n`);
  console.log(`Errors over ${covered ? "search seeds and test examples" : "search seeds alone"}.\n`);
  console.log(`| arm | parameters | test loss | exact match |${values.against.map((arm) => ` to ${arm} |`).join("")}`);
  console.log(`|---|---:|---:|---:|${"---:|".repeat(values.against.length)}`);
  for (const { name, parameters, loss } of rows)
    console.log(
      `| ${name} | ${parameters.toLocaleString("en-US")} | ${loss.toFixed(4)} | ${mean(name, "testExactMatch").toFixed(3)} | ${cells(name).join(" | ")} |`,
    );
  console.log("");
}
