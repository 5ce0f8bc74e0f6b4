/**
 * `npm run bench:step [shape ...] [--rank r] [--batch b] [--sequence t] [--targets all|language] [--eager]`: one training step beside PyTorch + PEFT, eager and behind
 * torch.compile, on the same weights, batch and threads, in one run, taking turns A B C A B C. `--engine`, `--device` and `--engine-option name=value`
 * choose our side, `--peer-device cuda` and `--peer-precision tf32|bf16` PyTorch's. Prints medians, quartiles, ratios, and the least time that the
 * step's matrix products take on this machine. `--eager` leaves torch.compile out, which takes a minute or two for each row. Python with
 * tools/requirements.txt: LNAS_PYTHON, else a virtual environment that is made once in the cache folder.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { columns } from "../compiler/columns.js";
import { measureRate } from "../runtime/executors/rate.js";
import { openSides, type PeerMode, SIDE_OPTIONS } from "./sides.js";
import { quantile } from "./statistics.js";
import { prepareStep, type Targets } from "./step-ours.js";
import { BATCH, configOf, POSITIONS, SEQUENCE, type ShapeName, STEP_SHAPES } from "./step-shapes.js";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...SIDE_OPTIONS,
    rank: { type: "string", multiple: true },
    rounds: { type: "string" },
    batch: { type: "string" },
    sequence: { type: "string" },
    targets: { type: "string", multiple: true },
  },
});
const shapes = (positionals.length > 0 ? positionals : ["XS", "S", "M"]) as ShapeName[];
const ranks = (options.rank ?? ["32"]).map(Number);
const rounds = Number(options.rounds ?? 10);
const [batch, sequence] = [Number(options.batch ?? BATCH), Number(options.sequence ?? SEQUENCE)];
const adapted = (options.targets ?? ["all", "language"]) as Targets[];
/** Of each turn the first step is not counted: threads of the other side may still be spinning, and caches are cold. */
const STEPS_PER_TURN = 4;
const median = (values: readonly number[]): number => quantile(values, 0.5);

const { engine, peer, threads, modes, title } = await openSides(options);
const rates = [await measureRate(engine), (await peer.ask<{ flopsPerSecond: number }>({ do: "rate" })).flopsPerSecond];
console.log(title);
console.log(
  `products of matrices: ${rates.map((rate) => (rate / 1e9).toFixed(0)).join(" GFLOP/s ours, ")} GFLOP/s PyTorch's; the faster is the limit`,
);
console.log(
  `B=${batch}, T=${sequence}, 4 tiles; ms a step, median (quartiles); ${rounds} rounds of ${STEPS_PER_TURN} steps each, taking turns; ratio: ours to theirs, median (fastest)\n`,
);

const rows: string[][] = [];
for (const shape of shapes) {
  const folder = mkdtempSync(join(tmpdir(), "lnas-bench-"));
  for (const rank of ranks)
    for (const targets of adapted) {
      rows.push(await row(shape, folder, rank, targets));
      console.error(rows.at(-1)!.join("  "));
    }
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
  const config = configOf({ ...STEP_SHAPES[shape], positions: Math.max(sequence, POSITIONS) });
  const setting = { folder, config, rank, targets, batch, sequence, threads };
  const { modules } = await peer.ask<{ modules: number }>({ do: "prepare", ...setting });
  const ours = await prepareStep(engine, folder, targets, rank, { batch, sequence });
  const first = await peer.ask<{ losses: number[] }>({ do: "run", steps: 1 });
  const firstOurs = (await ours.step()).loss;
  for (const which of modes) await peer.ask({ do: "run", steps: 3, compiled: which === "compiled" });
  for (let i = 0; i < 3; i++) await ours.step();
  const times: Record<"ours" | PeerMode, number[]> = { ours: [], eager: [], compiled: [] };
  for (let round = 0; round < rounds; round++) {
    const mine: number[] = [];
    for (let i = 0; i < STEPS_PER_TURN; i++) mine.push((await ours.step()).milliseconds);
    times.ours.push(...mine.slice(1));
    for (const which of modes) {
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
