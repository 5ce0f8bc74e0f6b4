/**
 * The paper's space and search beside ours. `npm run bench:paper [-- --seeds 3 --jobs 2]`
 *
 * Ranks 4, 8, 16, 32, 64 for all 65 modules of the Mllama XS, none left out; a teacher with rank-64 changes in ten modules (paper/task.ts). The
 * budget is what uniform rank 16 costs. The paper's search as its code runs it, and the same form trained for longer (paper/published-form.ts);
 * `darts`, which is that form bilevel and within the budget; the default search and its parts; random and uniform. Every choice is trained
 * from scratch in the same way, with the learning rate that validation prefers. Results are kept in `.cache/paper`: the same command goes
 * on, and `--report` only prints what is there.
 */
import { spawn } from "node:child_process";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type PaperAssignment, type PaperOptions, readSeed } from "./paper/results.js";
import { paperTable } from "./paper/table.js";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "3" },
    steps: { type: "string", default: "160" },
    "super-network-steps": { type: "string", default: "300" },
    rates: { type: "string", default: "3e-3,1e-2" },
    jobs: { type: "string", default: String(availableParallelism()) },
    folder: { type: "string", default: ".cache/paper" },
    report: { type: "boolean", default: false },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, at) => 11 + at);
const options: PaperOptions = {
  steps: Number(values.steps),
  superNetworkSteps: Number(values["super-network-steps"]),
  sampling: "extremes",
  rates: values.rates.split(",").map(Number),
};
const { folder } = values;

/** One process for each seed, `jobs` at a time, one thread each. */
async function measureAll(): Promise<void> {
  const waiting = seeds.map((seed): PaperAssignment => ({ seed, folder, threads: 1, options }));
  const program = fileURLToPath(new URL("paper/measure.js", import.meta.url));
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const child = spawn(process.execPath, [program, JSON.stringify(next)], { stdio: "inherit" });
      const code = await new Promise((done) => child.once("exit", done));
      if (code !== 0) throw new Error(`seed ${next.seed}: the process ended with ${code}`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
}

if (!values.report) await measureAll();
const results = seeds.flatMap((seed) => readSeed(folder, seed, options) ?? []);
console.log(
  `${cpus()[0]?.model ?? "unknown processor"}, ${values.jobs} processes of one thread, load average ${loadavg()[0]!.toFixed(1)}\n`,
);
console.log(results.length === 0 ? "nothing measured yet" : paperTable(results));
