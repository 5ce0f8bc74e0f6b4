/**
 * `npm run bench:growth`: how time and memory of a super-network grow with modules, rank, tiles, tokens, batch and candidates: the shape M with one
 * factor changed at a time, each case in a process of its own. Prints a table and draws docs/growth.svg.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { columns } from "../compiler/columns.js";
import { type Factor, type GrowthCase, type GrowthResult, SIZES, USUAL } from "./growth-cases.js";
import { growthPicture, type Series } from "./growth-picture.js";
import { writeRandomBackbone } from "./random-backbone.js";
import { configOf, STEP_SHAPES } from "./step-shapes.js";

const threads = Math.min(2, availableParallelism());
const PICTURE = join("docs", "growth.svg");

function measured(sizes: Omit<GrowthCase, "folder" | "threads">): GrowthResult {
  const folder = mkdtempSync(join(tmpdir(), "lnas-bench-"));
  writeRandomBackbone(folder, configOf({ ...STEP_SHAPES.M, positions: sizes.tokens, tiles: sizes.tiles }));
  const question: GrowthCase = { ...sizes, folder, threads };
  const script = join(fileURLToPath(import.meta.url), "..", "growth-run.js");
  const child = spawnSync(process.execPath, [script, JSON.stringify(question)], { encoding: "utf8" });
  rmSync(folder, { recursive: true, force: true });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout) as GrowthResult;
}

const series: Series[] = [];
for (const factor of Object.keys(SIZES) as Factor[]) {
  const points = SIZES[factor].map((size) => {
    const { stepMs, scoringMs, peakBytes } = measured({ ...USUAL, [factor]: size });
    return { size, milliseconds: factor === "candidates" ? scoringMs : stepMs, mebibytes: peakBytes / 2 ** 20 };
  });
  series.push({ factor, of: factor === "candidates" ? "scoring" : "training step", points });
}

console.log(
  `${cpus()[0]?.model}, ${threads} threads; shape M; usually ${Object.entries(USUAL)
    .filter(([, size]) => size > 0)
    .map(([factor, size]) => `${factor} ${size}`)
    .join(", ")}\n`,
);
const rows = series.flatMap(({ factor, of, points }) =>
  points.map(({ size, milliseconds, mebibytes }, at) => {
    const before = points[at - 1];
    // The exponent of growth between neighbours: 1 is proportional.
    const exponent = (now: number, then: number) => (Math.log(now / then) / Math.log(size / before!.size)).toFixed(2);
    return [
      ...[factor, String(size), of, milliseconds.toFixed(1), before ? exponent(milliseconds, before.milliseconds) : ""],
      ...[mebibytes.toFixed(0), before ? exponent(mebibytes, before.mebibytes) : ""],
    ];
  }),
);
const head = ["factor", "size", "time of", "ms", "exponent", "peak MiB", "exponent"];
console.log(columns([head, ...rows]).join("\n"));
console.log(`\nload average at the end: ${loadavg()[0]!.toFixed(1)}`);
writeFileSync(PICTURE, growthPicture(series));
console.log(`drawn: ${PICTURE}`);
