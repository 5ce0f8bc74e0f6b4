/** A task with nothing to find: the handwriting example with its answers dealt out anew, so that no answer depends on its picture. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { randomStream } from "../../runtime/random/random.js";

const EXAMPLE = fileURLToPath(new URL("../../../examples/handwriting", import.meta.url));

/** Examples kept of each split, from its beginning. Retraining sees each of the first at most once, so nothing is learned by heart. */
const KEPT = { train: 2048, reward: 256, validation: 256, test: 400 } as const;

interface Line {
  readonly messages: readonly { readonly role: string; readonly content: readonly unknown[] }[];
}

/** What makes the experiment short. */
function shortened(spec: string, search: string): string {
  const changes: readonly (readonly [RegExp, string])[] = [
    [/search natural_policy_gradient \{[\s\S]*?\n {2}\}/, search],
    [/random \{[^}]*\}, gradient_probe/, "random { candidates 32, reward_examples 128 }"],
    [/steps +300\b/, "steps 128"],
  ];
  return changes.reduce((text, [pattern, replacement]) => {
    if (!pattern.test(text)) throw new Error(`the example's spec has no ${pattern}`);
    return text.replace(pattern, replacement);
  }, spec);
}

/** Searches of the bench: the default one, shortened, and its no-op control, which has nothing beside it that could be chosen in its place. */
export const SEARCHES = {
  search: searchBlock("beside annealed_importance { steps 40 }"),
  "learning rate 1e-9": searchBlock("beside none", ", learning_rate 1e-9"),
} as const;

function searchBlock(beside: string, rate = ""): string {
  return `search natural_policy_gradient {
    controller    { prior gradient_probe${rate}, rounds 2, super_network_steps 20, reward_examples 256 }
    super_network { steps 40, batch 16, sampling extremes, optimizer adamw { learning_rate 5e-3 } }
    finalists     2
    ${beside}
  }`;
}

/** Answers of a split, each given to another example (one permutation for the seed and split). */
function dealtAnew(lines: readonly string[], split: string): string[] {
  const parsed = lines.map((line) => JSON.parse(line) as Line);
  const order = randomStream(2026, `null task ${split}`).permutation(parsed.length);
  return parsed.map(({ messages }, at) => {
    const answer = parsed[order[at]!]!.messages.at(-1)!;
    return JSON.stringify({ messages: [...messages.slice(0, -1), answer] });
  });
}

/** Writes backbone, data and a spec for each search into a folder; returns the specs' paths by search. */
export function writeNullTask(folder: string): Readonly<Record<keyof typeof SEARCHES, string>> {
  mkdirSync(join(folder, "data"), { recursive: true });
  cpSync(join(EXAMPLE, "backbone"), join(folder, "backbone"), { recursive: true });
  for (const [split, count] of Object.entries(KEPT)) {
    cpSync(join(EXAMPLE, "data", `${split}.png`), join(folder, "data", `${split}.png`));
    const lines = readFileSync(join(EXAMPLE, "data", `${split}.jsonl`), "utf8")
      .trim()
      .split("\n")
      .slice(0, count);
    writeFileSync(join(folder, "data", `${split}.jsonl`), `${dealtAnew(lines, split).join("\n")}\n`);
  }
  const spec = readFileSync(join(EXAMPLE, "handwriting.lnas"), "utf8");
  return Object.fromEntries(
    Object.entries(SEARCHES).map(([name, search]) => {
      const file = join(folder, `${name.replaceAll(" ", "-")}.lnas`);
      writeFileSync(file, shortened(spec, search));
      return [name, file];
    }),
  ) as Record<keyof typeof SEARCHES, string>;
}
