/**
 * `npm run bench:language [-- --runs 20]`: how long the language's commands take, beside their goals. Each run of a command is a process of its
 * own; commands take turns, so that what else the machine does falls on all alike.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { keystrokes } from "./language-server.js";
import { longSpec } from "./language-text.js";
import { quantile } from "./statistics.js";

const LNASC = join("dist", "cli", "main.js");
const SPEC = "examples/llama-3.2-11b-vision/receipts.lnas";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "20" }, keys: { type: "string", default: "200" } },
});
const runs = Number(values.runs);
const folder = mkdtempSync(join(tmpdir(), "lnas-bench-"));

/** Runs a command to its end; throws when it fails. */
function milliseconds(words: readonly string[]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  const took = performance.now() - began;
  if (status !== 0) throw new Error(`${words.join(" ")} ended with ${status}\n${stderr}`);
  return took;
}

/** Has a child process print what it has used, behind its own output. */
const USAGE =
  "data:text/javascript,process.on('exit',()=>console.log('usage',JSON.stringify(process.resourceUsage())))";

/** The time of all processors that a command takes, and its memory at the highest. */
function usage(words: readonly string[]): { readonly cpuMs: number; readonly peakMiB: number } {
  const { stdout } = spawnSync(process.execPath, ["--import", USAGE, ...words], { encoding: "utf8" });
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(/^usage (.*)$/m.exec(stdout)![1]!) as NodeJS.ResourceUsage;
  return { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMiB: maxRSS / 1024 };
}
const cpu = (words: readonly string[]) =>
  `${quantile(
    Array.from({ length: 5 }, () => usage(words).cpuMs),
    0.5,
  ).toFixed(0)} ms`;

const row = (what: string, figure: string, goal = "", met?: boolean) =>
  console.log(
    `${what.padEnd(58)} ${figure.padEnd(34)} ${goal.padEnd(24)} ${met === undefined ? "" : met ? "met" : "MISSED"}`,
  );
const times = (all: readonly number[]) =>
  `${quantile(all, 0.5).toFixed(0)} ms (p99 ${quantile(all, 0.99).toFixed(0)}, least ${quantile(all, 0).toFixed(0)})`;

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
console.log(
  `lnas ${version}, node ${process.version}; ${cpus()[0]?.model}, ${availableParallelism()} processors, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
);
console.log(`medians of ${runs} processes each, taking turns; load average ${loadavg()[0]!.toFixed(1)} at the start\n`);

const commands = {
  start: ["-e", "0"],
  version: [LNASC, "--version"],
  check: [LNASC, "check", "--quiet", SPEC],
  compile: [LNASC, "compile", "--quiet", SPEC, "--out", folder],
} as const;
const measured: Record<keyof typeof commands, number[]> = { start: [], version: [], check: [], compile: [] };
for (let run = 0; run < runs; run++)
  for (const [name, words] of Object.entries(commands))
    measured[name as keyof typeof commands].push(milliseconds(words));
const median = (name: keyof typeof commands) => quantile(measured[name], 0.5);
row("process start, node -e 0", times(measured.start));
row("process start, lnasc --version", times(measured.version));
row("check of 520 modules, in all", times(measured.check), "< 400 ms", median("check") < 400);
const beyond = median("check") - median("start");
row("  beyond node -e 0", `${beyond.toFixed(0)} ms`, "< 150 ms", beyond < 150);
row("  beyond lnasc --version", `${(median("check") - median("version")).toFixed(0)} ms`);
row("  processor time", cpu(commands.check));
row("compile of 520 modules, in all", times(measured.compile), "< 1000 ms", median("compile") < 1000);
row("  processor time", cpu(commands.compile));

// Files of a project of their own, with the backbone that they name.
writeFileSync(join(folder, "package.json"), "{}");
mkdirSync(join(folder, "backbone"));
cpSync("examples/handwriting/backbone/config.json", join(folder, "backbone", "config.json"));
console.log();
for (const lines of [25_000, 50_000, 100_000]) {
  const file = join(folder, `${lines}.lnas`);
  const text = longSpec(lines);
  writeFileSync(file, text);
  const words = [LNASC, "check", "--quiet", file];
  const all = Array.from({ length: Math.max(3, Math.round(runs / 4)) }, () => milliseconds(words));
  const speed = text.length / quantile(all, 0.5) / 1000;
  row(
    `check of ${lines.toLocaleString("en")} lines, ${(text.length / 1e6).toFixed(2)} MB`,
    `${times(all)}, ${speed.toFixed(2)} MB/s`,
    lines === 100_000 ? ">= 1 MB/s" : "",
    lines === 100_000 ? speed >= 1 : undefined,
  );
  const { cpuMs, peakMiB } = usage(words);
  row("  processor time; memory at its highest", `${cpuMs.toFixed(0)} ms; ${peakMiB.toFixed(0)} MiB`);
}

console.log();
const text = longSpec(1000);
const file = join(folder, "thousand.lnas");
writeFileSync(file, text);
if (!/^ {2}lsp\b/m.test(spawnSync(process.execPath, [LNASC, "--help"], { encoding: "utf8" }).stdout))
  console.log("language server: this lnasc has no command `lsp`, so there is nothing to measure");
else {
  const keys = (await keystrokes([LNASC, "lsp", "--stdio"], file, text, Number(values.keys))).slice(10);
  const what = `diagnostics after a keystroke, ${text.split("\n").length.toLocaleString("en")} lines`;
  const [typical, worst] = [quantile(keys, 0.5), quantile(keys, 0.99)];
  row(what, times(keys), "< 100 ms, p99 < 200 ms", typical < 100 && worst < 200);
}
rmSync(folder, { recursive: true, force: true });
console.log(
  `\nload average ${loadavg()[0]!.toFixed(1)} at the end; above ${availableParallelism()}, other processes took part`,
);
