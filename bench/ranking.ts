/**
 * Does a super-network rank architectures as training them from scratch does? `npm run bench:ranking [-- --subjects calibration,handwriting
 * --recipes uniform,sandwich-distilled --seeds 3 --trainings 2 --architectures 30 --jobs 2]`
 *
 * Architectures are drawn as the stage `ranking` draws them: one for each of evenly rising limits up to the budget. Each is trained from scratch once a
 * training seed, whatever the recipes; each recipe trains a super-network for each seed and scores all architectures in it on the same
 * reward examples. Prints Kendall's tau-b of all and of the larger half, and how many of the five best are the same. Losses
 * are kept in `.cache/ranking`: the same command goes on, and `--report` only prints what is there.
 */
import { spawn } from "node:child_process";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { agreementTable } from "./ranking/agreement-table.js";
import type { RankingAssignment, RankingPart, RankingSetting } from "./ranking/assignment.js";
import { type KeptLosses, readLosses } from "./ranking/kept.js";
import { RECIPES } from "./ranking/recipes.js";
import { SUBJECTS, type SubjectName } from "./ranking/subject.js";

const { values } = parseArgs({
  options: {
    subjects: { type: "string", default: Object.keys(SUBJECTS).join(",") },
    recipes: { type: "string", default: Object.keys(RECIPES).join(",") },
    seeds: { type: "string", default: "3" },
    trainings: { type: "string", default: "2" },
    architectures: { type: "string", default: "30" },
    "reward-examples": { type: "string", default: "512" },
    steps: { type: "string" },
    "super-network-steps": { type: "string" },
    jobs: { type: "string", default: String(availableParallelism()) },
    folder: { type: "string", default: ".cache/ranking" },
    report: { type: "boolean", default: false },
  },
});
const named = <T extends object>(table: T, names: readonly string[]): (keyof T & string)[] =>
  names.map((name) => {
    if (!Object.hasOwn(table, name)) throw new RangeError(`no ${name}: ${Object.keys(table).join(", ")}`);
    return name as keyof T & string;
  });
const subjects: SubjectName[] = named(SUBJECTS, values.subjects.split(","));
const recipes = named(RECIPES, values.recipes.split(","));
const count = (first: number, many: string) => Array.from({ length: Number(many) }, (_, at) => first + at);
const { folder } = values;

const settingOf = (subject: SubjectName): RankingSetting => {
  const { steps, superNetworkSteps } = SUBJECTS[subject].lengths;
  return {
    subject,
    lengths: {
      steps: Number(values.steps ?? steps),
      superNetworkSteps: Number(values["super-network-steps"] ?? superNetworkSteps),
    },
    architectures: Number(values.architectures),
    rewardExamples: Number(values["reward-examples"]),
  };
};
const trainings = count(101, values.trainings).map((seed): RankingPart => ({ kind: "trainings", seed }));
const networksOf = (recipe: string) =>
  count(11, values.seeds).map((seed): RankingPart => ({ kind: "super-network", recipe, seed }));

/** One process for each part, `jobs` at a time, one thread each. */
async function measureAll(): Promise<void> {
  const parts = [...trainings, ...recipes.flatMap(networksOf)];
  const waiting = subjects.flatMap((subject) =>
    parts.map((part): RankingAssignment => ({ setting: settingOf(subject), part, folder, threads: 1 })),
  );
  const program = fileURLToPath(new URL("ranking/measure.js", import.meta.url));
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const child = spawn(process.execPath, [program, JSON.stringify(next)], { stdio: "inherit" });
      const code = await new Promise((done) => child.once("exit", done));
      if (code !== 0) throw new Error(`${JSON.stringify(next.part)}: the process ended with ${code}`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
}

if (!values.report) await measureAll();
console.log(
  `${cpus()[0]?.model ?? "unknown processor"}, ${values.jobs} processes of one thread, load average ${loadavg()[0]!.toFixed(1)}\n`,
);
for (const subject of subjects) {
  const setting = settingOf(subject);
  const complete = (parts: readonly RankingPart[]): KeptLosses[] =>
    parts
      .map((part) => readLosses(folder, setting, part))
      .filter(({ losses }) => losses.length === setting.architectures);
  console.log(
    agreementTable({
      title: SUBJECTS[subject].title,
      trainings: complete(trainings),
      recipes: new Map(recipes.map((recipe) => [recipe, complete(networksOf(recipe))])),
    }),
  );
}
