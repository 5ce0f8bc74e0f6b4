/** What the results of a task say: regret, what was found, and whether a method beats random. */
import { pairedDifference, type Summary, summarize } from "../../runtime/search/index.js";
import { ARMS, DEFAULT_SEARCH } from "./arms.js";
import type { SeedResults } from "./results.js";
import type { ArmResult } from "./workbench.js";

/** One method on one task. */
export interface ArmSummary {
  readonly name: string;
  /** KL above the oracle's, same training seed. */
  readonly regret: Summary;
  /** Regret as a share of what uniform ranks lose to the oracle: ratio of means, with the standard error of the numerator. */
  readonly share: number;
  readonly shareError: number;
  /** Planted modules among those that got a rank; planted modules that did. */
  readonly precision: number;
  readonly recall: number;
  readonly toRandom: Summary;
  readonly toEvolution: Summary;
  readonly pairs: number;
  readonly seconds: number;
}

/** The default search retrains several choices; the lowest validation loss wins. */
function defaultSearch(arms: SeedResults["arms"]): ArmResult | undefined {
  const finalists = DEFAULT_SEARCH.finalists.flatMap((name) => arms[name] ?? []);
  if (finalists.length < DEFAULT_SEARCH.finalists.length) return undefined;
  const best = finalists.reduce((least, arm) => (arm.validation < least.validation ? arm : least));
  const total = (pick: (arm: ArmResult) => number) =>
    DEFAULT_SEARCH.searches.reduce((sum, name) => sum + pick(arms[name]!), 0);
  return { ...best, pairs: total(({ pairs }) => pairs), seconds: total(({ seconds }) => seconds) };
}

/** Every method that all seeds have, in the order of the table. */
export function summarizeTask(results: readonly SeedResults[]): ArmSummary[] {
  const withDefault = results.map(({ arms, oracle, planted }) => {
    const chosen = defaultSearch(arms);
    return { oracle, planted, arms: { ...arms, ...(chosen && { [DEFAULT_SEARCH.name]: chosen }) } as Arms };
  });
  const names = [DEFAULT_SEARCH.name, ...Object.keys(ARMS)].filter((name) =>
    withDefault.every(({ arms }) => arms[name] !== undefined),
  );
  const of = (name: string) => withDefault.map(({ arms }) => arms[name]!);
  const regrets = (name: string) => withDefault.map(({ arms, oracle }) => arms[name]!.test - oracle.test);
  const mean = (values: readonly number[]) => summarize(values).mean;
  const gap = mean(regrets("uniform"));
  return names.map((name) => {
    const regret = summarize(regrets(name));
    const rows = of(name);
    return {
      name,
      regret,
      share: regret.mean / gap,
      shareError: regret.standardError / gap,
      precision: mean(rows.map(({ found, adapted }) => found / Math.max(1, adapted))),
      recall: mean(rows.map(({ found }, at) => found / withDefault[at]!.planted)),
      toRandom: pairedDifference(regrets(name), regrets("random")),
      toEvolution: pairedDifference(regrets(name), regrets("evolution")),
      pairs: mean(rows.map(({ pairs }) => pairs)),
      seconds: mean(rows.map(({ seconds }) => seconds)),
    };
  });
}
type Arms = Readonly<Record<string, ArmResult>>;

/** More than two standard errors below zero, of three pairs at least. */
export const isBelow = ({ mean, standardError, count }: Summary): boolean => count >= 3 && mean < -2 * standardError;

const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
const signed = (value: number) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(4);

/** The Markdown table of a task. */
export function taskTable(task: string, results: readonly SeedResults[]): string {
  const mean = (pick: (result: SeedResults) => number) => summarize(results.map(pick)).mean;
  const rows = summarizeTask(results).map(
    ({ name, regret, share, shareError, precision, recall, toRandom, pairs, seconds }) =>
      `| ${name} | ${regret.mean.toFixed(4)} ± ${regret.standardError.toFixed(4)} | ${percent(share)} ± ${percent(shareError)} | ${percent(precision)} | ${percent(recall)} | ${
        name === "random" ? "" : `${signed(toRandom.mean)} ± ${toRandom.standardError.toFixed(4)}`
      } | ${name === "random" ? "" : isBelow(toRandom) ? "yes" : toRandom.mean >= 0 ? "no" : "not clearly"} | ${pairs.toLocaleString("en-US")} | ${seconds.toFixed(1)} |`,
  );
  return [
    `### ${task}`,
    "",
    `${results[0]!.planted} planted modules, ${results.length} search seeds. KL without adapter ${mean(({ unadapted }) => unadapted).toFixed(4)}, oracle ${mean(({ oracle }) => oracle.test).toFixed(4)}; super-network ${mean(({ superNetworkSeconds }) => superNetworkSeconds).toFixed(0)} s.`,
    "",
    "| method | regret | of the uniform–oracle gap | precision | recall | to random, paired | below random | pairs scored | seconds |",
    "|---|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** Methods that any of the tasks has, in the order of the tables. */
const namesIn = (summaries: readonly { readonly arms: readonly ArmSummary[] }[]): string[] =>
  [DEFAULT_SEARCH.name, ...Object.keys(ARMS)].filter((wanted) =>
    summaries.some(({ arms }) => arms.some(({ name }) => name === wanted)),
  );

/** All tasks side by side: each method's regret as a share of the uniform–oracle gap, in percent; a star where it is below random by two standard errors. */
export function matrixTable(byTask: ReadonlyMap<string, readonly SeedResults[]>): string {
  const summaries = [...byTask].map(([task, results]) => ({
    task,
    seeds: results.length,
    arms: summarizeTask(results),
  }));
  const names = namesIn(summaries);
  const cell = (arm: ArmSummary | undefined) =>
    arm === undefined
      ? ""
      : `${(100 * arm.share).toFixed(0)} ± ${(100 * arm.shareError).toFixed(0)}${isBelow(arm.toRandom) ? " *" : ""}`;
  return [
    `| method | ${summaries.map(({ task, seeds }) => `${task} (${seeds})`).join(" | ")} |`,
    `|---|${summaries.map(() => "---:|").join("")}`,
    ...names.map(
      (name) => `| ${name} | ${summaries.map(({ arms }) => cell(arms.find((arm) => arm.name === name))).join(" | ")} |`,
    ),
    "",
  ].join("\n");
}

/** One row a method over all tasks: mean share of the gap, on how many tasks it is below random, and above 1.2 times evolution's regret. */
export function overallTable(byTask: ReadonlyMap<string, readonly SeedResults[]>): string {
  const summaries = [...byTask].map(([task, results]) => ({ task, arms: summarizeTask(results) }));
  const names = namesIn(summaries);
  const rows = names.map((name) => {
    const rowsOf = summaries.flatMap(({ arms }) => {
      const arm = arms.find((other) => other.name === name);
      const evolution = arms.find((other) => other.name === "evolution");
      return arm === undefined || evolution === undefined ? [] : [{ arm, evolution }];
    });
    const share = summarize(rowsOf.map(({ arm }) => arm.share));
    const below = rowsOf.filter(({ arm }) => isBelow(arm.toRandom)).length;
    const worse = rowsOf.filter(({ arm, evolution }) => arm.regret.mean > 1.2 * evolution.regret.mean).length;
    return `| ${name} | ${percent(share.mean)} ± ${percent(share.standardError)} | ${name === "random" ? "" : `${below} of ${rowsOf.length}`} | ${name === "evolution" ? "" : `${worse} of ${rowsOf.length}`} |`;
  });
  return [
    "| method | regret, of the uniform–oracle gap, mean over tasks | below random by 2 s.e. | above 1.2 x evolution's regret |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
