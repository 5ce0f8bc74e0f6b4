/**
 * What a super-network costs. `npm run bench:overhead [shape ...] [-- --choices 2,4,8,16,32 --rounds 10 --candidates 16 --examples 16 --threads 2 --device cuda]`
 *
 * Steps: forward, backward and AdamW of a plain LoRA of the largest rank, of the super-network (a mask for each sample, architectures drawn anew
 * each step), and of the published clone-and-mask form (cloned-lora.ts), with adapters on all modules, the same batch, engine and threads, taking
 * turns. One pass each: the published search makes two a batch, one for the weights and one for the logits.
 * Scoring: candidates per second, and how that changes with the share of modules that the search decides on. A shape is XS, S, M or L.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { columns } from "../compiler/columns.js";
import { openExecutor } from "../runtime/executors/index.js";
import { openBackbone } from "../runtime/models/index.js";
import { timedScoring } from "./overhead/scoring.js";
import { type StepTime, timedSteps } from "./overhead/timed-steps.js";
import { writeRandomBackbone } from "./random-backbone.js";
import { quantile } from "./statistics.js";
import { BATCH, configOf, SEQUENCE, type ShapeName, STEP_SHAPES } from "./step-shapes.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    choices: { type: "string", default: "2,4,8,16,32" },
    rounds: { type: "string", default: "10" },
    "scoring-rounds": { type: "string", default: "3" },
    candidates: { type: "string", default: "16" },
    examples: { type: "string", default: "16" },
    shares: { type: "string", default: "0.25,0.5,1" },
    engine: { type: "string", default: "onnx" },
    device: { type: "string" },
    threads: { type: "string", default: String(Math.min(2, availableParallelism())) },
  },
});
const shapes = (positionals.length > 0 ? positionals : ["XS", "S", "M"]) as ShapeName[];
const numbers = (text: string) => text.split(",").map(Number);
const choices = numbers(values.choices);
const [candidates, examples, threads] = [values.candidates, values.examples, values.threads].map(Number) as [
  number,
  number,
  number,
];
/** What the super-network may cost, in steps of a plain LoRA. */
const GOAL = 1.1;
const wall = (times: readonly StepTime[]) => times.map((time) => time.wall);
const median = (of: readonly number[]) => quantile(of, 0.5);

const { engine, device } = values;
const executor = await openExecutor(engine, { threads, ...(device === undefined ? {} : { device }) });
console.log(
  `${cpus()[0]?.model}, ${threads} threads; ${executor.description}; load average ${loadavg()[0]!.toFixed(1)}`,
);
console.log(`B=${BATCH}, T=${SEQUENCE}, 4 tiles, adapters on all modules, ranks ${choices.join(", ")}\n`);

const steps: string[][] = [];
const scoring: string[][] = [];
for (const name of shapes) {
  const folder = mkdtempSync(join(tmpdir(), "lnas-bench-"));
  writeRandomBackbone(folder, configOf(STEP_SHAPES[name]));
  const backbone = openBackbone(folder);
  const { modules, times: byForm } = await timedSteps(executor, backbone, choices, Number(values.rounds));
  const [first, ...others] = byForm;
  const plain = first![1];
  const row = [name, String(modules), spread(plain)];
  for (const [title, times] of others) {
    const ratio = median(wall(times)) / median(wall(plain));
    const fastest = Math.min(...wall(times)) / Math.min(...wall(plain));
    const processor = median(times.map((time) => time.processor)) / median(plain.map((time) => time.processor));
    row.push(spread(times), `${ratio.toFixed(2)} (${fastest.toFixed(2)})`, processor.toFixed(2));
    if (title === "super-network") row.push(ratio <= GOAL ? "met" : "missed");
  }
  steps.push(row);
  console.error(row.join("  "));
  for (const share of numbers(values.shares)) {
    const question = {
      share,
      choices: [0, ...choices],
      candidates,
      examples,
      rounds: Number(values["scoring-rounds"]),
    };
    const { modules: decided, seconds, processorSeconds } = await timedScoring(executor, backbone, question);
    const [usual, fastest] = [median(seconds), Math.min(...seconds)];
    const milliseconds = (1000 * usual) / (candidates * examples);
    scoring.push([
      ...[name, `${(100 * share).toFixed(0)} %`, String(decided), `${(candidates / usual).toFixed(1)}`],
      ...[
        `${(candidates / fastest).toFixed(1)}`,
        (candidates / median(processorSeconds)).toFixed(1),
        milliseconds.toFixed(2),
      ],
    ]);
    console.error(scoring.at(-1)!.join("  "));
  }
  rmSync(folder, { recursive: true, force: true });
}
console.log(
  "one training step: ms, median (quartiles); ratio to plain LoRA: of medians (of the fastest), and of processor time",
);
const head = [
  "shape",
  "modules",
  "plain LoRA",
  "super-network",
  "ratio",
  "processor",
  `<= ${GOAL}`,
  "clone and mask",
  "ratio",
  "processor",
];
console.log(columns([head, ...steps]).join("\n"));
console.log(`\nscoring: ${candidates} candidates on ${examples} examples each, ranks 0, ${choices.join(", ")}`);
const scored = ["shape", "decided", "modules", "candidates/s, median", "fastest", "a processor second", "ms a pair"];
console.log(columns([scored, ...scoring]).join("\n"));
console.log(
  `\nload average at the end: ${loadavg()[0]!.toFixed(1)}. Well above ${threads}, other processes took part; the ratios of processor time then tell most.`,
);

function spread(steps: readonly StepTime[]): string {
  const times = wall(steps);
  return `${median(times).toFixed(1)} (${quantile(times, 0.25).toFixed(1)}-${quantile(times, 0.75).toFixed(1)})`;
}
