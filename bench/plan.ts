/**
 * `npm run bench:plan [shape ...]`: what `lnasc plan` says of memory and time beside what runs take. Each case trains and scores a
 * super-network in a process of its own; peak resident memory is the operating system's figure. Prints a table.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { columns } from "../compiler/columns.js";
import { positionsOf } from "../compiler/plan/example-size.js";
import { addedUp, flopsByPart } from "../compiler/plan/flops.js";
import { forwardPass } from "../compiler/plan/forward-pass.js";
import { planMemory } from "../compiler/plan/memory.js";
import { openExecutor } from "../runtime/executors/index.js";
import { measureRate } from "../runtime/executors/rate.js";
import type { BackboneDescription } from "../runtime/models/backbone.js";
import { describeConfig } from "../runtime/models/index.js";
import { runtimeFacts } from "../runtime/training/facts.js";
import type { PlanCase, PlanRun } from "./plan-cases.js";
import { writeRandomBackbone } from "./random-backbone.js";
import { configOf, SEQUENCE, type ShapeName, STEP_SHAPES, TILES } from "./step-shapes.js";

const { positionals } = parseArgs({ allowPositionals: true });
const shapes = (positionals.length > 0 ? positionals : ["demo", "XS", "S", "M"]) as ShapeName[];
const BATCHES = [4, 16];
const RANK = 8;
const EXAMPLES = 64;
const threads = Math.min(2, availableParallelism());

function planned(description: BackboneDescription, { targets, batch }: Pick<PlanCase, "targets" | "batch">) {
  const chosen = description.modules.filter(({ part }) => targets === "all" || part === targets);
  const pass = forwardPass(description, new Map(chosen.map(({ path }) => [path, RANK])));
  const positions = positionsOf(description, { tokens: SEQUENCE, images: 1, from: "given" });
  const memory = planMemory(
    {
      backbone: description,
      pass,
      extent: { positions, perImage: description.work.positionsPerImage },
      batch,
      adapterParameters: chosen.reduce((sum, module) => sum + RANK * (module.inFeatures + module.outFeatures), 0),
      examples: { train: EXAMPLES, reward: EXAMPLES, validation: 0, test: 0 },
      limitBytes: undefined,
    },
    runtimeFacts,
  );
  const flops = addedUp("all", flopsByPart(description, pass, positions, runtimeFacts));
  return { memory, flops };
}

interface Row {
  readonly question: PlanCase;
  readonly run: PlanRun;
}

const engine = await openExecutor("onnx", { threads });
/** The fastest of all measurements, as with steps: other processes can make either slower only. */
let rate = 0;
const rows: (Row & { readonly shape: ShapeName; readonly description: BackboneDescription })[] = [];
for (const shape of shapes) {
  const config = configOf(STEP_SHAPES[shape]);
  const description = describeConfig(config);
  const folder = mkdtempSync(join(tmpdir(), "lnas-bench-"));
  writeRandomBackbone(folder, config);
  for (const targets of ["all", "language"] as const)
    for (const batch of BATCHES) {
      const question: PlanCase = {
        folder,
        targets,
        ranks: [0, RANK],
        batch,
        tokens: SEQUENCE,
        tiles: TILES,
        examples: EXAMPLES,
        threads,
      };
      rate = Math.max(rate, await measureRate(engine));
      const script = join(fileURLToPath(import.meta.url), "..", "plan-run.js");
      const child = spawnSync(process.execPath, [script, JSON.stringify(question)], { encoding: "utf8" });
      if (child.status !== 0) throw new Error(child.stderr);
      rows.push({ shape, description, question, run: JSON.parse(child.stdout) as PlanRun });
    }
  rmSync(folder, { recursive: true, force: true });
}

console.log(
  `${cpus()[0]?.model}, ${engine.description}: ${(rate / 1e9).toFixed(0)} GFLOP/s in products of f32 matrices; ranks 0 and ${RANK}, ${SEQUENCE} tokens, ${EXAMPLES} examples`,
);
const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
const time = (milliseconds: number, flops: number) => {
  const least = (1000 * flops) / rate;
  return [milliseconds.toFixed(1), least.toFixed(1), `${((100 * least) / milliseconds).toFixed(0)} %`];
};
const table = rows.map(({ shape, description, question, run }) => {
  const { memory, flops } = planned(description, question);
  const step = question.batch * (flops.forward + flops.backward + flops.adapterForward + flops.adapterBackward);
  return [
    shape,
    question.targets,
    String(question.batch),
    mib(run.peakBytes),
    mib(memory.totalBytes),
    (memory.totalBytes / run.peakBytes).toFixed(2),
    ...time(run.stepMs, step),
    ...time(run.scoringMs, flops.forward + flops.adapterForward),
  ];
});
const head = ["shape", "targets", "batch", "peak MiB", "planned", "ratio"];
const times = ["step ms", "planned", "of rate", "scoring ms", "planned", "of rate"];
const right = Array<"right">(10).fill("right");
console.log(columns([[...head, ...times], ...table], ["left", "left", ...right]).join("\n"));
console.log(
  `load average at the end: ${loadavg()[0]!.toFixed(1)}. Well above ${threads}, other processes took part, and times are too long.`,
);
