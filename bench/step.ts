/**
 * `npm run bench:step [shape ...] [--rank r]`: one training step beside PyTorch + PEFT, on the same weights, batch and threads, in
 * one run, alternating A B A B. Prints medians, spread and ratio. Python with tools/requirements.txt: LNAS_PYTHON, else a virtual
 * environment that is made once in the cache folder.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { openExecutor } from "../runtime/executors/index.js";
import { pythonWithHuggingFace } from "../tools/python-environment.js";
import { prepareStep, type Targets } from "./step-ours.js";
import { BATCH, configOf, SEQUENCE, type ShapeName, STEP_SHAPES } from "./step-shapes.js";

interface Peer {
  ask<T>(command: Readonly<Record<string, unknown>>): Promise<T>;
  close(): void;
}

function startPeer(threads: number): Peer {
  const child = spawn(pythonWithHuggingFace(), [join("bench", "step_peer.py")], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async <T>(command: Readonly<Record<string, unknown>>): Promise<T> => {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("the Python peer ended; see its message above");
      return JSON.parse(value) as T;
    },
    close: () => child.stdin.end(),
  };
}

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const quantile = (values: readonly number[], q: number): number => sorted(values)[Math.floor(q * (values.length - 1))]!;
const median = (values: readonly number[]): number => quantile(values, 0.5);

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { rank: { type: "string", multiple: true }, rounds: { type: "string" }, threads: { type: "string" } },
});
const shapes = (positionals.length > 0 ? positionals : ["XS", "S", "M"]) as ShapeName[];
const ranks = (options.rank ?? ["8", "32"]).map(Number);
const rounds = Number(options.rounds ?? 10);
const threads = Number(options.threads ?? Math.min(2, availableParallelism()));
/** Of each turn the first step is not counted: threads of the other side may still be spinning, and caches are cold. */
const STEPS_PER_TURN = 4;

const engine = await openExecutor("onnx", { threads });
const peer = startPeer(threads);
console.log(
  `${cpus()[0]?.model}, ${threads} threads; ${engine.description}; ${JSON.stringify(await peer.ask({ do: "versions" }))}`,
);
console.log(
  `B=${BATCH}, T=${SEQUENCE}, 4 tiles; ms a step, median (quartiles); ${rounds} rounds of ${STEPS_PER_TURN} steps each, alternating`,
);
console.log(
  "shape targets   rank  modules  nodes        ours               PyTorch + PEFT     ratio (quartiles)  fastest   loss ours / theirs",
);

for (const shape of shapes) {
  const folder = mkdtempSync(join(tmpdir(), "lnas-bench-"));
  for (const rank of ranks)
    for (const targets of ["all", "language"] as const satisfies readonly Targets[]) {
      const { modules } = await peer.ask<{ modules: number }>({
        do: "prepare",
        folder,
        config: configOf(STEP_SHAPES[shape]),
        rank,
        targets,
        batch: BATCH,
        sequence: SEQUENCE,
        threads,
      });
      const ours = await prepareStep(engine, folder, targets, rank);
      const first = await peer.ask<{ losses: number[] }>({ do: "run", steps: 3 });
      const firstOurs = (await ours.step()).loss;
      for (let i = 0; i < 2; i++) await ours.step();
      const times = { ours: [] as number[], peer: [] as number[], ratio: [] as number[] };
      for (let round = 0; round < rounds; round++) {
        const mine: number[] = [];
        for (let i = 0; i < STEPS_PER_TURN; i++) mine.push((await ours.step()).milliseconds);
        const { milliseconds } = await peer.ask<{ milliseconds: number[] }>({ do: "run", steps: STEPS_PER_TURN });
        times.ours.push(...mine.slice(1));
        times.peer.push(...milliseconds.slice(1));
        times.ratio.push(median(mine.slice(1)) / median(milliseconds.slice(1)));
      }
      const show = (all: readonly number[], digits = 1) =>
        `${median(all).toFixed(digits)} (${quantile(all, 0.25).toFixed(digits)}-${quantile(all, 0.75).toFixed(digits)})`;
      console.log(
        [
          shape.padEnd(5),
          targets.padEnd(9),
          String(rank).padStart(4),
          String(modules).padStart(8),
          String(ours.nodes).padStart(6),
          show(times.ours).padStart(20),
          show(times.peer).padStart(20),
          `${(median(times.ours) / median(times.peer)).toFixed(2)} (${quantile(times.ratio, 0.25).toFixed(2)}-${quantile(times.ratio, 0.75).toFixed(2)})`.padStart(
            19,
          ),
          (Math.min(...times.ours) / Math.min(...times.peer)).toFixed(2).padStart(8),
          `${firstOurs.toFixed(5)} / ${first.losses[0]!.toFixed(5)}`.padStart(20),
          ours.frozenMs > 0 ? `  frozen part ${ours.frozenMs.toFixed(0)} ms once a batch` : "",
        ].join(" "),
      );
      await ours.dispose();
    }
  rmSync(folder, { recursive: true, force: true });
}
peer.close();
console.log(
  `load average at the end: ${loadavg()[0]!.toFixed(1)}. Well above ${threads}, other processes took part; the ratio of the fastest steps then tells most.`,
);
