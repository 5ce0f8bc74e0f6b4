/**
 * The arms of finished runs beside one another: `npm run bench:arms -- --against gradient_probe runs/a-* runs/b-*`
 *
 * Runs of one backbone and one experiment are one group, each search seed a row; differences are paired by search seed, an arm's figure
 * being the mean over its retraining seeds. `searched` is what validation chose among the finalists.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Report } from "../runtime/experiment/report/types.js";
import { pairedDifference, type Summary, summarize } from "../runtime/search/index.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { against: { type: "string", default: "gradient_probe" } },
});

type Run = Pick<Report, "name" | "arms" | "manifest" | "time">;
const groups = new Map<string, Run[]>();
for (const folder of positionals) {
  const run = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as Run;
  const weights = run.manifest.hashes["backbone/model.safetensors"]?.slice(0, 8) ?? "unknown";
  const group = `${run.name}, backbone ${weights}`;
  groups.set(group, [...(groups.get(group) ?? []), run]);
}

const signed = ({ mean, standardError }: Summary) =>
  `${mean < 0 ? "−" : "+"}${Math.abs(mean).toFixed(4)} ± ${standardError.toFixed(4)}`;
const figure = (run: Run, arm: string, pick: "testLoss" | "testExactMatch") =>
  summarize(run.arms.find(({ name }) => name === arm)![pick]).mean;

for (const [group, runs] of groups) {
  const seeds = runs[0]!.arms.at(-1)!.testLoss.length;
  console.log(`### ${group}: ${runs.length} search seeds, ${seeds} retraining seeds each\n`);
  console.log(`| arm | parameters | test loss | exact match | to ${values.against}, paired | t |`);
  console.log("|---|---:|---:|---:|---:|---:|");
  for (const { name, parameters } of runs[0]!.arms) {
    if (!runs.every(({ arms }) => arms.some((arm) => arm.name === name))) continue;
    const of = (arm: string) => runs.map((run) => figure(run, arm, "testLoss"));
    const difference = pairedDifference(of(name), of(values.against));
    const exact = summarize(runs.map((run) => figure(run, name, "testExactMatch"))).mean;
    const isItself = name === values.against;
    console.log(
      `| ${name} | ${parameters.toLocaleString("en-US")} | ${summarize(of(name)).mean.toFixed(4)} | ${exact.toFixed(3)} | ${isItself ? "" : signed(difference)} | ${isItself ? "" : (difference.mean / difference.standardError).toFixed(1)} |`,
    );
  }
  console.log("");
}
