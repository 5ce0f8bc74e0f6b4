/** The handwriting example made short, for suites that need a whole run or its adapter. */
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";

export const LNASC = fileURLToPath(new URL("../../cli/main.js", import.meta.url));
const EXAMPLE = fileURLToPath(new URL("../../../examples/handwriting", import.meta.url));

type Changes = readonly (readonly [RegExp, string])[];

/** What makes the experiment short. */
const SHORTER: Changes = [
  [/controller *\{[^}]*\}/, "controller { super_network_steps 20, reward_examples 256 }"],
  [/steps 200\b/, "steps 60"],
  [/steps +300\b/, "steps 40"],
  [/finalists +\d+/, "finalists 2"],
  [/compare with .*/, "compare with uniform, seeds 1"],
];

/** Every kind of stage in a second or two: what the default search does, a rival that scores on common examples, a test of the super-network's order. */
export const DEFAULT_SEARCH: Changes = [
  [/controller *\{[^}]*\}/, "controller { super_network_steps 10, reward_examples 64 }"],
  [/steps 200\b/, "steps 30"],
  [/steps +300\b/, "steps 15"],
  [/finalists +\d+/, "finalists 2, beside annealed_importance { steps 20 }"],
  [
    /compare with .*/,
    "compare with uniform, evolution { candidates 20, population 8, reward_examples 16 }, seeds 2, ranking 3",
  ],
];

/** Keeps the first examples of every split: reading and measuring then take less than a second. */
export function keepExamples(folder: string, count: number): void {
  for (const name of readdirSync(join(folder, "data"))) {
    if (!name.endsWith(".jsonl")) continue;
    const file = join(folder, "data", name);
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    assert.ok(lines.length > count, name);
    writeFileSync(file, `${lines.slice(0, count).join("\n")}\n`);
  }
}

/** Writes the short spec with its backbone and data into a folder; returns the spec's path. */
export function writeShortExample(folder: string, changes: Changes = SHORTER): string {
  for (const part of ["backbone", "data"]) cpSync(join(EXAMPLE, part), join(folder, part), { recursive: true });
  const whole = readFileSync(join(EXAMPLE, "handwriting.lnas"), "utf8");
  const spec = join(folder, "short.lnas");
  const text = changes.reduce((now, [pattern, replacement]) => {
    assert.match(now, pattern);
    return now.replace(pattern, replacement);
  }, whole);
  writeFileSync(spec, text);
  return spec;
}

/** Runs the short example in a folder and returns that of its adapter. */
export function runShortExample(folder: string): string {
  const runs = join(folder, "runs");
  const words = [LNASC, "run", writeShortExample(folder), "--runs-dir", runs, "--quiet"];
  execFileSync(process.execPath, words, { stdio: ["ignore", "ignore", "inherit"] });
  return join(runs, readdirSync(runs)[0]!, "adapter");
}
