/**
 * Runs every `*.test.js` under dist/test in a process of its own, two at a time, and closes with `N passed, N failed`.
 *
 *   node dist/test/run.js              the default suite
 *   node dist/test/run.js graph mllama only files whose path contains one of the words
 *
 * Files under test/slow/ run only when named. What a file prints is shown when it fails, or when it is the only one.
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const words = process.argv.slice(2);
const files = readdirSync(here, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.js"))
  .filter((file) => (words.length === 0 ? !/(^|[\\/])slow[\\/]/.test(file) : words.some((word) => file.includes(word))))
  .sort();

interface Outcome {
  readonly passed: number;
  readonly total: number;
}

/** Runs one file; a file that dies before its summary counts as one failure. */
function runFile(file: string): Promise<Outcome> {
  return new Promise((done) => {
    const started = Date.now();
    const child = spawn(process.execPath, ["--enable-source-maps", join(here, file)], {
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("close", (code) => {
      const count = (label: string) =>
        [...output.matchAll(new RegExp(`^\\s*${label}:\\s+(\\d+)`, "gm"))].reduce(
          (sum, match) => sum + Number(match[1]),
          0,
        );
      const finished = /^\s*Total:/m.test(output);
      // Skipped tests are in neither number.
      const total = finished ? count("Total") : 1;
      const passed = finished ? count("Passed") : 0;
      const bad = code !== 0 || !finished || passed < total;
      console.log(
        `${bad ? "FAIL" : "ok  "} ${relative(".", file)} (${passed}/${total}, ${((Date.now() - started) / 1000).toFixed(1)} s)`,
      );
      if (bad || files.length === 1) console.log(output);
      done({ passed, total: bad && passed >= total ? total + 1 : total });
    });
  });
}

const outcomes: Outcome[] = [];
const queue = [...files];
await Promise.all(
  Array.from({ length: Math.min(2, availableParallelism()) }, async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) outcomes.push(await runFile(file));
  }),
);
const sum = (pick: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + pick(outcome), 0);
const failed = sum((outcome) => outcome.total - outcome.passed) + (files.length === 0 ? 1 : 0);
if (files.length === 0) console.log("no test file matches");
console.log(`${sum((outcome) => outcome.passed)} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
