/**
 * `npm run bench:scoring [shape ...] [--candidates n] [--examples n] [--eager]` and the options of bench:step for both sides: 32 candidate architectures on a fixed validation set of 32 examples, beside a PyTorch loop over the same
 * candidates in the gate form (a LoRA of the largest rank whose components are switched by vectors, forward only, without gradients), eager
 * and behind torch.compile. Both sides have the same weights, adapter, examples, batches of 16 and threads, and take turns. Ours keeps what
 * no adapter changes; PyTorch runs the model as PEFT's users do.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { columns } from "../compiler/columns.js";
import { openBackbone } from "../runtime/models/index.js";
import { randomStream } from "../runtime/random/random.js";
import { type Candidate, prepareScoring } from "./scoring-ours.js";
import { openSides, type PeerMode, SIDE_OPTIONS } from "./sides.js";
import { quantile } from "./statistics.js";
import { configOf, SEQUENCE, type ShapeName, STEP_SHAPES } from "./step-shapes.js";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...SIDE_OPTIONS,
    rounds: { type: "string" },
    candidates: { type: "string" },
    examples: { type: "string" },
  },
});
const shapes = (positionals.length > 0 ? positionals : ["XS", "S", "M"]) as ShapeName[];
const rounds = Number(options.rounds ?? 3);
const [CANDIDATES, EXAMPLES] = [Number(options.candidates ?? 32), Number(options.examples ?? 32)];
const BATCH = 16;
const RANKS = [0, 8, 16, 32];
const median = (values: readonly number[]): number => quantile(values, 0.5);

const { engine, peer, threads, modes, title } = await openSides(options);
console.log(title);
console.log(
  `${CANDIDATES} candidates of ranks ${RANKS.join(", ")} on ${EXAMPLES} examples, ${SEQUENCE} tokens, 4 tiles; seconds for all, median (fastest) of ${rounds} rounds, taking turns; the first round of each side is not counted\n`,
);

const rows: string[][] = [];
for (const shape of shapes) {
  const folder = mkdtempSync(join(tmpdir(), "lnas-bench-"));
  for (const targets of ["all", "language"] as const) {
    const setting = { folder, config: configOf(STEP_SHAPES[shape]), rank: Math.max(...RANKS), targets, threads };
    await peer.ask({ do: "prepare", ...setting, batch: EXAMPLES, sequence: SEQUENCE });
    const adapter = join(folder, `adapter-${targets}`);
    await peer.ask({ do: "save_adapter", folder: adapter });
    const ours = await prepareScoring(engine, folder, adapter, RANKS, { examples: EXAMPLES, batch: BATCH / 4 });
    const modules = openBackbone(folder).description.modules.filter(
      ({ part }) => targets === "all" || part === "language",
    );
    const candidates = Array.from({ length: CANDIDATES }, (_, at): Candidate => {
      const random = randomStream(1, "candidate", at);
      return Object.fromEntries(modules.map(({ path }) => [path, RANKS[random.integer(RANKS.length)]!]));
    });
    const command = (which: string) => ({ do: "score", candidates, batch: BATCH, compiled: which === "compiled" });
    type Scored = { readonly milliseconds: number; readonly losses: readonly number[] };
    const times: Record<"ours" | PeerMode, number[]> = { ours: [], eager: [], compiled: [] };
    let apart = 0;
    for (let round = 0; round <= rounds; round++) {
      const mine = await ours.score(candidates);
      for (const which of modes) {
        const theirs = await peer.ask<Scored>(command(which));
        if (round > 0) times[which].push(theirs.milliseconds / 1000);
        theirs.losses.forEach((loss, at) => {
          apart = Math.max(apart, Math.abs(loss - mine.losses[at]!));
        });
      }
      if (round > 0) times.ours.push(mine.milliseconds / 1000);
    }
    await ours.dispose();
    const show = (all: readonly number[]) =>
      all.length === 0 ? "-" : `${median(all).toFixed(2)} (${Math.min(...all).toFixed(2)})`;
    const ratio = (theirs: readonly number[]) =>
      theirs.length === 0
        ? "-"
        : `${(median(times.ours) / median(theirs)).toFixed(2)} (${(Math.min(...times.ours) / Math.min(...theirs)).toFixed(2)})`;
    rows.push([
      ...[shape, targets, show(times.ours), show(times.eager), ratio(times.eager)],
      ...[show(times.compiled), ratio(times.compiled), apart.toExponential(0)],
    ]);
  }
  rmSync(folder, { recursive: true, force: true });
}
peer.close();
const head = ["shape", "targets", "ours", "PyTorch gates", "ratio", "torch.compile", "ratio", "losses agree to"];
console.log(columns([head, ...rows]).join("\n"));
console.log(
  `\nload average at the end: ${loadavg()[0]!.toFixed(1)}. Well above ${threads}, other processes took part; the ratio of the fastest rounds then tells most.`,
);
