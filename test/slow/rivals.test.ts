/**
 * The handwriting example with every controller as a rival and five seeds, an hour or two: whatever comes out, the reports must say what the data say.
 * Runs are kept in `.cache/rivals`, so that an interrupted suite goes on, and `npm run bench:arms -- .cache/rivals/*` shows them.
 */
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Report, RunsReport } from "../../runtime/experiment/report/index.js";
import { pairedDifference, summarize } from "../../runtime/search/index.js";
import { LNASC } from "./short-example.js";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
const SPEC = join(REPOSITORY, "examples", "handwriting", "rivals.lnas");
const RUNS = join(REPOSITORY, ".cache", "rivals");
const SEEDS = [0, 1, 2, 3, 4];
const RIVALS = [
  ..."uniform gradient_probe annealed_importance adalora eva darts successive_halving".split(" "),
  ..."natural_policy_gradient evolution nsga2 reinforce ppo random".split(" "),
];

function lnasc(...words: string[]): string {
  const { status, stdout } = spawnSync(process.execPath, [LNASC, ...words], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 28,
  });
  assert.is(status, 0, words.join(" "));
  return stdout;
}

/** Parameters of an adapter, counted from the header of its safetensors file. */
function parametersIn(file: string): number {
  const handle = openSync(file, "r");
  const bytes = (length: number, position: number) => {
    const buffer = Buffer.alloc(length);
    readSync(handle, buffer, 0, length, position);
    return buffer;
  };
  const header = JSON.parse(bytes(Number(bytes(8, 0).readBigUInt64LE()), 8).toString()) as Record<
    string,
    { readonly shape: readonly number[] }
  >;
  closeSync(handle);
  return Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .reduce((sum, [, { shape }]) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

const test = suite<{ folders: string[]; reports: Report[] }>("rivals");
test.before((context) => {
  lnasc("run", SPEC, "--experiment", "rivals", "--seeds", SEEDS.join(","), "--runs-dir", RUNS, "--quiet");
  const named = readdirSync(RUNS).map((name) => join(RUNS, name));
  const reportOf = (folder: string) => JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as Report;
  context.folders = named.filter((folder) => reportOf(folder).name === "rivals");
  context.reports = context.folders.map(reportOf);
});

test("every rival is trained as often as the search, under the limit; the exported adapter too", ({
  folders,
  reports,
}) => {
  assert.equal(reports.map(({ manifest }) => manifest.seed).sort(), SEEDS);
  reports.forEach((report, at) => {
    const { arms, maxParameters } = report;
    for (const name of [...RIVALS, "searched"]) {
      const arm = arms.find((each) => each.name === name)!;
      assert.is(arm.testLoss.length, 2, name);
      assert.ok(arm.parameters <= maxParameters!, name);
    }
    const adapter = join(folders[at]!, "adapter", "adapter_model.safetensors");
    assert.is(parametersIn(adapter), report.parameters);
  });
});

test("the comparison of all seeds claims what its pairs say, and no more", ({ folders, reports }) => {
  const text = lnasc("report", ...folders);
  const comparison = JSON.parse(lnasc("report", ...folders, "--format", "json")) as RunsReport;
  const told = (rival: string) => comparison.differences.find(({ against }) => against === rival)!;
  console.log(text);
  const of = (arm: string) =>
    reports.map(({ arms }) => summarize(arms.find(({ name }) => name === arm)!.testLoss).mean);
  for (const rival of RIVALS) {
    const { mean, standardError } = pairedDifference(of("searched"), of(rival));
    const said = told(rival);
    assert.ok(Math.abs(said.mean - mean) < 1e-9 && Math.abs(said.seedError - standardError) < 1e-9, rival);
    // Other test examples are uncertain too, and no interval is narrower than a normal one.
    assert.ok(said.exampleError! > 0 && said.standardError >= said.exampleError!, rival);
    if (said.told) assert.ok(Math.abs(mean) > 1.96 * said.standardError, rival);
  }
  const uniform = told("uniform");
  const isBetter = uniform.told && uniform.mean < 0;
  assert.is(
    /^(The search beats uniform|The chosen ranks beat uniform|No better than random)/.test(comparison.headline),
    isBetter,
  );
  assert.is(/^Uniform ranks beat/.test(comparison.headline), uniform.told && uniform.mean > 0);
});

test.run();
