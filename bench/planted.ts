/**
 * Does search find planted ranks? `npm run bench:planted [-- --tasks calibration,vision-7 --seeds 5 --jobs 2 --device cpu]`
 *
 * For each task and search seed: one super-network, on which every controller scores the same number of (example, architecture)
 * pairs; what each chooses is trained from scratch, and so is the oracle. Regret = its KL from the teacher on held-out
 * examples minus the oracle's, same training seed. A method that does not beat random is printed as such. Results are kept in
 * `.cache/planted`: the same command goes on, and `--report` only prints what is there. A folder holds what one machine and device measured: `--folder`
 * names another, and given several times, the first is measured into and the report takes each seed from the first that has it whole.
 */
import { spawn } from "node:child_process";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ARMS, EXTRA } from "./planted/arms.js";
import { type Assignment, settingsOf } from "./planted/assignment.js";
import { readResults, type SeedResults } from "./planted/results.js";
import { matrixTable, overallTable, taskTable } from "./planted/summary.js";
import { TASKS, type TaskName } from "./planted/tasks.js";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "5" },
    tasks: { type: "string", default: Object.keys(TASKS).join(",") },
    steps: { type: "string", default: "160" },
    "super-network-steps": { type: "string", default: "300" },
    jobs: { type: "string", default: String(availableParallelism()) },
    device: { type: "string", default: "cpu" },
    folder: { type: "string", multiple: true, default: [".cache/planted"] },
    report: { type: "boolean", default: false },
  },
});
const tasks = values.tasks.split(",").map((name): TaskName => {
  if (!Object.hasOwn(TASKS, name)) throw new RangeError(`no task ${name}: ${Object.keys(TASKS).join(", ")}`);
  return name as TaskName;
});
// Search seeds begin where the study's exploratory ones ended.
const seeds = Array.from({ length: Number(values.seeds) }, (_, at) => 11 + at);
const options = {
  steps: Number(values.steps),
  superNetworkSteps: Number(values["super-network-steps"]),
  sampling: "extremes",
} as const;
const { device, folder: folders } = values;

/** One process for each task and seed, `jobs` at a time, one thread each: more threads gain little on backbones this small. */
async function measureAll(): Promise<void> {
  const waiting = tasks.flatMap((task) =>
    seeds.map((seed): Assignment => ({ task, seed, folder: folders[0]!, device, threads: 1, options })),
  );
  const program = fileURLToPath(new URL("planted/measure.js", import.meta.url));
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const child = spawn(process.execPath, [program, JSON.stringify(next)], { stdio: "inherit" });
      const code = await new Promise((done) => child.once("exit", done));
      if (code !== 0) throw new Error(`${next.task}, seed ${next.seed}: the process ended with ${code}`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
}

if (!values.report) await measureAll();
/** Of one task and seed, from the first folder that has every arm that it needs; a seed that is under way does not count. */
const measured = (task: TaskName, seed: number): SeedResults | undefined => {
  const key = { task, seed, settings: settingsOf({ task, options }) };
  const whole = (results: SeedResults | undefined) =>
    Object.keys(ARMS).every((name) => EXTRA.has(name) || results?.arms[name] !== undefined);
  return folders.map((folder) => readResults(folder, key, ARMS)).find(whole);
};
const byTask = new Map<string, readonly SeedResults[]>(
  tasks.map((task) => [task, seeds.flatMap((seed) => measured(task, seed) ?? [])]),
);
console.log(`${cpus()[0]?.model ?? "unknown processor"}, ${values.jobs} processes of one thread, ${device}\n`);
for (const [task, results] of byTask) {
  if (results.length === 0) byTask.delete(task);
  else console.log(taskTable(task, results));
}
console.log(matrixTable(byTask));
console.log(overallTable(byTask));
