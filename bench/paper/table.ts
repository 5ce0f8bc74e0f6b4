/** The comparison in the paper's space as a Markdown table. */
import { summarize } from "../../runtime/search/index.js";
import { DEFAULT_SEARCH } from "../planted/arms.js";
import type { PaperResult, PaperSeed } from "./results.js";

/** The lowest validation loss of its finalists, at the cost of all of them. */
function defaultSearch(arms: PaperSeed["arms"]): PaperResult | undefined {
  const finalists = DEFAULT_SEARCH.finalists.flatMap((name) => arms[name] ?? []);
  if (finalists.length < DEFAULT_SEARCH.finalists.length) return undefined;
  const best = finalists.reduce((least, arm) => (arm.validation < least.validation ? arm : least));
  const seconds = DEFAULT_SEARCH.searches.reduce((sum, name) => sum + arms[name]!.seconds, 0);
  return { ...best, seconds, moved: null };
}

/** One row for each arm that all seeds have; the oracle last. */
export function paperTable(seeds: readonly PaperSeed[]): string {
  const all = seeds.map(({ arms, oracle, planted }) => {
    const chosen = defaultSearch(arms);
    const named: Readonly<Record<string, PaperResult>> = {
      ...arms,
      ...(chosen && { [DEFAULT_SEARCH.name]: chosen }),
      oracle,
    };
    return { named, planted };
  });
  const names = Object.keys(all[0]!.named).filter((name) => all.every(({ named }) => named[name] !== undefined));
  const { maxParameters, planted } = seeds[0]!;
  const rows = names.map((name) => {
    const results = all.map(({ named }) => named[name]!);
    const mean = (pick: (result: PaperResult) => number) => summarize(results.map(pick)).mean;
    const test = summarize(results.map((result) => result.test));
    const error = seeds.length > 1 ? ` ± ${test.standardError.toFixed(4)}` : "";
    const moved = results.every((result) => result.moved !== null)
      ? `${(100 * mean((result) => result.moved!)).toFixed(0)} %`
      : "";
    const parameters = mean((result) => result.parameters);
    return `| ${name} | ${test.mean.toFixed(4)}${error} | ${Math.round(parameters).toLocaleString("en-US")} | ${(parameters / maxParameters).toFixed(2)} | ${mean(({ found }) => found).toFixed(1)} of ${mean(({ adapted }) => adapted).toFixed(1)} | ${moved} | ${mean(({ seconds }) => seconds).toFixed(1)} | ${[...new Set(results.map(({ rate }) => rate))].join(", ")} |`;
  });
  return [
    `${planted} planted modules, budget ${maxParameters.toLocaleString("en-US")} parameters, ${seeds.length} search seeds`,
    "",
    "| method | KL, mean ± s.e. | parameters | of the budget | planted among raised | moved | search, s | learning rate |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
