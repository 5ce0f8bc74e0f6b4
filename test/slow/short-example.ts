/** The handwriting example made short, for suites that need a whole run or its adapter. */
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";

export const LNASC = fileURLToPath(new URL("../../cli/main.js", import.meta.url));
const EXAMPLE = fileURLToPath(new URL("../../../examples/handwriting", import.meta.url));

/** What makes the experiment short. */
const SHORTER: readonly (readonly [RegExp, string])[] = [
  [/controller *\{[^}]*\}/, "controller { super_network_steps 20, reward_examples 256 }"],
  [/steps 200\b/, "steps 60"],
  [/steps +300\b/, "steps 40"],
  [/finalists +\d+/, "finalists 2"],
  [/compare with .*/, "compare with uniform, seeds 1"],
];

/** Writes the short spec with its backbone and data into a folder; returns the spec's path. */
export function writeShortExample(folder: string): string {
  for (const part of ["backbone", "data"]) cpSync(join(EXAMPLE, part), join(folder, part), { recursive: true });
  const whole = readFileSync(join(EXAMPLE, "handwriting.lnas"), "utf8");
  const spec = join(folder, "short.lnas");
  const text = SHORTER.reduce((now, [pattern, replacement]) => {
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
