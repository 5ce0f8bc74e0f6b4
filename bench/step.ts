/**
 * `npm run bench:step [shape ...] [--rank r] [--eager] [--engine name] [--engine-option name=value]`: one training step beside PyTorch + PEFT, eager and behind torch.compile, on the same
 * weights, batch and threads, in one run, taking turns A B C A B C. Prints medians, quartiles, ratios, and the least time that the step's
 * matrix products take on this machine. `--eager` leaves torch.compile out, which takes a minute or two for each row. Python with
 * tools/requirements.txt: LNAS_PYTHON, else a virtual environment that is made once in the cache folder.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { columns } from "../compiler/columns.js";
import { openExecutor } from "../runtime/executors/index.js";
import { measureRate } from "../runtime/executors/rate.js";
import { startPeer } from "./peer.js";
import { quantile } from "./statistics.js";
import { prepareStep, type Targets } from "./step-ours.js";
import { BATCH, configOf, SEQUENCE, type ShapeName, STEP_SHAPES } from "./step-shapes.js";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rank: { type: "string", multiple: true },
    rounds: { type: "string" },
    threads: { type: "string" },
    engine: { type: "string" },
    device: { type: "string" },
    "engine-option": { type: "string", multiple: true },
    eager: { type: "boolean" },
  },
});
const shapes = (positionals.length > 0 ? positionals : ["XS", "S", "M"]) as ShapeName[];
const ranks = (options.rank ?? ["32"]).map(Number);
const rounds = Number(options.rounds ?? 10);
const threads = Number(options.threads ?? Math.min(2, availableParallelism()));
/** Of each turn the first step is not counted: threads of the other side may still be spinning, and caches are cold. */
const STEPS_PER_TURN = 4;
const median = (values: readonly number[]): number => quantile(values, 0.5);
const peers = options.eager === true ? (["eager"] as const) : (["eager", "compiled"] as const);

const engine = await openExecutor(options.engine ?? "onnx", {
  threads,
  ...(options.device === undefined ? {} : { device: options.device }),
  settings: Object.fromEntries((options["engine-option"] ?? []).map((setting) => setting.split("=", 2))),
});
const peer = startPeer(threads);
const rates = [await measureRate(engine), (await peer.ask<{ flopsPerSecond: number }>({ do: "rate" })).flopsPerSecond];
console.log(
  `${cpus()[0]?.model}, ${threads} threads; ${engine.description}; ${JSON.stringify(await peer.ask({ do: "versions" }))}`,
);
console.log(
  `products of f32 matrices: ${rates.map((rate) => (rate / 1e9).toFixed(0)).join(" GFLOP/s ours, ")} GFLOP/s PyTorch's; the faster is the limit`,
);
console.log(
  `B=${BATCH}, T=${SEQUENCE}, 4 tiles; ms a step, median (quartiles); ${rounds} rounds of ${STEPS_PER_TURN} steps each, taking turns; ratio: ours to theirs, median (fastest)\n`,
);

const rows: string[][] = [];
for (const shape of shapes) {
  const folder = mkdtempSync(join(tmpdir(), "lnas-bench-"));
  for (const rank of ranks)
    for (const targets of ["all", "language"] as const satisfies readonly Targets[])
      rows.push(await row(shape, folder, rank, targets));
  rmSync(folder, { recursive: true, force: true });
}
peer.close();
const head = [
  ...["shape", "targets", "rank", "modules", "ours", "PyTorch + PEFT", "ratio", "torch.compile", "ratio"],
  ...["limit", "of it", "losses agree to", "frozen part, once a batch"],
];
console.log(columns([head, ...rows]).join("\n"));
console.log(
  `\nload average at the end: ${loadavg()[0]!.toFixed(1)}. Well above ${threads}, other processes took part; the ratio of the fastest steps then tells most.`,
);

async function row(shape: ShapeName, folder: string, rank: number, targets: Targets): Promise<string[]> {
  const config = configOf(STEP_SHAPES[shape]);
  const setting = { folder, config, rank, targets, batch: BATCH, sequence: SEQUENCE, threads };
  const { modules } = await peer.ask<{ modules: number }>({ do: "prepare", ...setting });
  const ours = await prepareStep(engine, folder, targets, rank);
  const first = await peer.ask<{ losses: number[] }>({ do: "run", steps: 1 });
  const firstOurs = (await ours.step()).loss;
  for (const which of peers) await peer.ask({ do: "run", steps: 3, compiled: which === "compiled" });
  for (let i = 0; i < 3; i++) await ours.step();
  const times: Record<"ours" | "eager" | "compiled", number[]> = { ours: [], eager: [], compiled: [] };
  for (let round = 0; round < rounds; round++) {
    const mine: number[] = [];
    for (let i = 0; i < STEPS_PER_TURN; i++) mine.push((await ours.step()).milliseconds);
    times.ours.push(...mine.slice(1));
    for (const which of peers) {
      const command = { do: "run", steps: STEPS_PER_TURN, compiled: which === "compiled" };
      times[which].push(...(await peer.ask<{ milliseconds: number[] }>(command)).milliseconds.slice(1));
    }
  }
  await ours.dispose();
  const show = (all: readonly number[]) =>
    all.length === 0
      ? "-"
      : `${median(all).toFixed(1)} (${quantile(all, 0.25).toFixed(1)}-${quantile(all, 0.75).toFixed(1)})`;
  const ratio = (theirs: readonly number[]) =>
    theirs.length === 0
      ? "-"
      : `${(median(times.ours) / median(theirs)).toFixed(2)} (${(Math.min(...times.ours) / Math.min(...theirs)).toFixed(2)})`;
  const least = (1000 * ours.productFlops) / Math.max(...rates);
  const apart = Math.abs(firstOurs - first.losses[0]!);
  return [
    ...[shape, targets, String(rank), String(modules)],
    ...[show(times.ours), show(times.eager), ratio(times.eager), show(times.compiled), ratio(times.compiled)],
    ...[least.toFixed(1), `${((100 * least) / median(times.ours)).toFixed(0)} %`, apart.toExponential(0)],
    ours.frozenMs > 0 ? ours.frozenMs.toFixed(0) : "",
  ];
}
