/** What the arms of finished runs chose, as points of the handwriting example's space. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../../runtime/experiment/report/types.js";
import { type ChoiceVector, parametersOf, type SearchSpace, summarize } from "../../runtime/search/index.js";

/** Of the limit; below it an allocation is small rather than badly placed. */
const LEAST_SHARE = 0.95;
const SEARCHED = "searched";

/** An allocation, which arm chose it, and what its trainings came to. */
export interface Allocation {
  readonly arm: string;
  readonly choices: ChoiceVector;
  /** Mean over the training seeds. */
  readonly testLoss: number;
}

/** Module path -> rank. */
type Ranks = Readonly<Record<string, number>>;

/** The ranks of an arm: the search's are in the report, a rival's in the record of its stage. */
function ranksOf(run: string, { ranks }: Report, arm: string): Ranks | undefined {
  if (arm === SEARCHED) return ranks;
  const file = join(run, "stages", "compare", `${arm.replaceAll(" ", "-")}.json`);
  if (!existsSync(file)) return undefined;
  const { result } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly result: { readonly candidates: readonly { readonly architecture: Ranks }[] };
  };
  return result.candidates[0]?.architecture;
}

/** Throws a `RangeError` when there are fewer than two, or a run had another backbone than the example. */
export function chosenAllocations(runs: readonly string[], example: string, space: SearchSpace): Allocation[] {
  const name = "backbone/model.safetensors";
  const backbone = createHash("sha256")
    .update(readFileSync(join(example, name)))
    .digest("hex");
  const found = new Map<string, Allocation>();
  for (const run of runs) {
    const report = JSON.parse(readFileSync(join(run, "report.json"), "utf8")) as Report;
    if (report.manifest.hashes[name] !== backbone) throw new RangeError(`${run} is of another backbone`);
    for (const { name: arm, testLoss } of report.arms) {
      const ranks = ranksOf(run, report, arm);
      if (ranks === undefined) continue;
      const choices = Uint8Array.from(space.genes, ({ name: path, choices: own }) => own.indexOf(ranks[path] ?? 0));
      const isFull = parametersOf(space, choices) >= LEAST_SHARE * (report.maxParameters ?? 0);
      if (isFull && !found.has(choices.join()))
        found.set(choices.join(), { arm, choices, testLoss: summarize(testLoss).mean });
    }
  }
  if (found.size < 2) throw new RangeError(`${found.size} allocations: name folders of finished runs`);
  return [...found.values()];
}
