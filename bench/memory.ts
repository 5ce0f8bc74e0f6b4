/**
 * `npm run bench:memory [shape ...]`: peak resident memory of a training step beside PyTorch + PEFT (eager), each in a process of its own that
 * does nothing else: the same weights, batch, ranks and threads. Both figures are the operating system's and hold the whole process,
 * interpreter and libraries included; what PyTorch's process takes before it has a model is printed too.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { columns } from "../compiler/columns.js";
import type { MemoryCase } from "./memory-run.js";
import { startPeer } from "./peer.js";
import { configOf, SEQUENCE, type ShapeName, STEP_SHAPES } from "./step-shapes.js";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { rank: { type: "string" }, threads: { type: "string" } },
});
const shapes = (positionals.length > 0 ? positionals : ["XS", "S", "M"]) as ShapeName[];
const rank = Number(options.rank ?? 32);
const threads = Number(options.threads ?? Math.min(2, availableParallelism()));
const BATCHES = [4, 16];
const STEPS = 4;

/** The peak of a fresh PyTorch process after some steps; none: after its imports. */
async function peerPeak(setting: Readonly<Record<string, unknown>> | undefined): Promise<number> {
  const peer = startPeer(threads);
  if (setting !== undefined) {
    await peer.ask({ do: "prepare", ...setting });
    await peer.ask({ do: "run", steps: STEPS });
  }
  const { bytes } = await peer.ask<{ bytes: number }>({ do: "memory" });
  peer.close();
  return bytes;
}

function ourPeak(question: MemoryCase): number {
  const script = join(fileURLToPath(import.meta.url), "..", "memory-run.js");
  const child = spawnSync(process.execPath, [script, JSON.stringify(question)], { encoding: "utf8" });
  if (child.status !== 0) throw new Error(child.stderr);
  return (JSON.parse(child.stdout) as { bytes: number }).bytes;
}

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
const rows: string[][] = [];
const idle = await peerPeak(undefined);
for (const shape of shapes)
  for (const batch of BATCHES)
    for (const targets of ["all", "language"] as const) {
      const folder = mkdtempSync(join(tmpdir(), "lnas-bench-"));
      const setting = {
        folder,
        config: configOf(STEP_SHAPES[shape]),
        rank,
        targets,
        batch,
        sequence: SEQUENCE,
        threads,
      };
      // The first process makes the model, which takes memory of its own; a second one is measured.
      const maker = startPeer(threads);
      await maker.ask({ do: "prepare", ...setting });
      maker.close();
      const theirs = await peerPeak(setting);
      const ours = ourPeak({ folder, targets, rank, batch, sequence: SEQUENCE, steps: STEPS, threads });
      rows.push([shape, targets, String(batch), mib(ours), mib(theirs), (ours / theirs).toFixed(2)]);
      console.error(rows.at(-1)!.join(" "));
      rmSync(folder, { recursive: true, force: true });
    }
console.log(`${cpus()[0]?.model}, ${threads} threads; rank ${rank}, ${SEQUENCE} tokens, 4 tiles; MiB at the peak`);
console.log(`PyTorch, transformers and PEFT imported, no model: ${mib(idle)} MiB\n`);
console.log(columns([["shape", "targets", "batch", "ours", "PyTorch + PEFT", "ratio"], ...rows]).join("\n"));
