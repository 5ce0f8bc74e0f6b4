/**
 * Does the report keep quiet where there is nothing to find? `npm run bench:null [-- --seeds 10 --folder <folder>]`
 *
 * The handwriting example with its answers dealt out anew in every split, shortened, under search seeds of its own each; and the no-op control, a
 * controller whose learning rate is 1e-9. Prints what each report says, how many claim a gain, and the comparison of all runs. `--folder` keeps
 * the runs (a second call goes on with them).
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Report } from "../runtime/experiment/report/index.js";
import { writeNullTask } from "./null/task.js";

const LNASC = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const { values } = parseArgs({
  options: { seeds: { type: "string", default: "10" }, folder: { type: "string" } },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, seed) => seed);
const folder = values.folder ?? mkdtempSync(join(tmpdir(), "lnas-null-"));

/** Runs a spec under seeds; returns the reports in their order, and what the command printed at its end. */
function runAll(spec: string, runs: string, under: readonly number[]): { reports: Report[]; said: string } {
  const words = [LNASC, "run", spec, "--runs-dir", runs, "--seeds", under.join(","), "--quiet"];
  const said = execFileSync(process.execPath, words, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const reports = readdirSync(runs).map(
    (run) => JSON.parse(readFileSync(join(runs, run, "report.json"), "utf8")) as Report,
  );
  return { reports: reports.sort((a, b) => a.manifest.seed - b.manifest.seed), said };
}

const began = performance.now();
try {
  const specs = writeNullTask(folder);
  const { reports, said } = runAll(specs.search, join(folder, "runs", "search"), seeds);
  console.log(said);
  console.log("seed  verdict                 searched - uniform           p      example / seed error  moved");
  for (const { manifest, verdict, differences, movedFromPrior } of reports) {
    const { mean, standardError, p, exampleError, seedError } = differences.find(({ arm }) => arm === "searched")!;
    console.log(
      [
        String(manifest.seed).padStart(4),
        verdict.padEnd(22),
        `${mean.toFixed(4).padStart(8)} ± ${standardError.toFixed(4)}`.padEnd(27),
        p!.toFixed(3),
        `${exampleError?.toFixed(4)} / ${seedError.toFixed(4)}`.padEnd(20),
        `${(100 * movedFromPrior).toFixed(0)} %`,
      ].join("  "),
    );
  }
  const gains = reports.filter(({ verdict }) => verdict === "better").length;
  const uniformIsWorse = reports.filter(({ differences }) =>
    differences.some(({ arm, told, mean }) => arm === "searched" && told && mean < 0),
  ).length;
  const losses = reports.filter(({ verdict }) => verdict === "worse than uniform").length;
  console.log(
    `\n${gains} of ${reports.length} reports claim a gain; ${uniformIsWorse} say that the searched ranks beat uniform, ${losses} that uniform beats them (5 % level each).`,
  );
  const control = runAll(specs["learning rate 1e-9"], join(folder, "runs", "control"), seeds.slice(0, 1)).reports[0]!;
  console.log(`no-op control (learning rate 1e-9): ${control.verdict}: ${control.headline}`);
  console.log(`\n${((performance.now() - began) / 60_000).toFixed(1)} min`);
} finally {
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
}
