import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../cli/exit-status.js";
import { measuredRate, readRate, rememberedRate } from "../../cli/plan/rates.js";
import type { Plan } from "../../compiler/plan/index.js";
import { measurementsFile } from "../../runtime/executors/measurements.js";
import { measureRate } from "../../runtime/executors/rate.js";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import { REPOSITORY } from "../golden.js";
import { lnasc } from "./lnasc.js";

const plan = suite("lnasc plan");

const handwriting = join("examples", "handwriting", "handwriting.lnas");
const receipts = join("examples", "llama-3.2-11b-vision", "receipts.lnas");

const planned = (...words: readonly string[]): Plan => {
  const { status, stdout, stderr } = lnasc(["plan", ...words, "--format", "json"]);
  assert.is(status, EXIT.ok, stderr);
  return (JSON.parse(stdout) as Plan[])[0]!;
};

async function inEmptyFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "lnas-plan-"));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

plan("--json is --format json; Markdown has a heading", () => {
  assert.is(lnasc(["plan", handwriting, "--json"]).stdout, lnasc(["plan", handwriting, "--format", "json"]).stdout);
  assert.match(lnasc(["plan", handwriting, "--format", "markdown"]).stdout, /^### handwriting\n/);
  assert.is(lnasc(["plan", handwriting, "--format", "html"]).status, EXIT.usage);
});

plan("sizes come from the data, from options, or are assumed with a note", () => {
  assert.is(planned(handwriting).example.from, "data");
  assert.equal(planned(handwriting).examples, { train: 2048, reward: 2048, validation: 512, test: 1500 });
  const { tokens, images, from } = planned(handwriting, "--tokens", "40", "--images", "2").example;
  assert.equal({ tokens, images, from }, { tokens: 40, images: 2, from: "given" });
  assert.equal(planned(receipts).example.positions, { vision: 6432, projector: 6404, language: 512 });
  assert.is(planned(receipts).example.from, "assumed");
  assert.match(lnasc(["plan", receipts]).stderr, "the plan does without the data: there is no such file");
  for (const words of [
    ["--tokens", "0"],
    ["--tokens", "many"],
    ["--images", "-1"],
  ])
    assert.is(lnasc(["plan", handwriting, ...words]).status, EXIT.usage, words.join(" "));
});

plan("a sweep trains what its experiments have in common once", () => {
  const budgets = join("examples", "handwriting", "budgets.lnas");
  const { stdout } = lnasc(["plan", budgets, "--rate", "2TFLOP/s"]);
  const plans = JSON.parse(lnasc(["plan", budgets, "--format", "json"]).stdout) as Plan[];
  const flops = plans.flatMap(({ work }) => work).reduce((sum, stage) => sum + stage.flops, 0);
  const [network] = plans[0]!.work.filter(({ stage }) => stage === "super-network");
  const said =
    /^sweep budgets \(tight, middle, loose\): at most ([\d.]+) TFLOP, (.+) at that rate\. 1 super-network in place of 3 is trained; run apart they take ([\d.]+) TFLOP\.$/m;
  const [, together, , apart] = said.exec(stdout) ?? [];
  assert.ok(Math.abs(Number(apart) - flops / 1e12) < 0.06, `${apart} TFLOP, ${flops}`);
  assert.ok(Math.abs(Number(together) - (flops - 2 * network!.flops) / 1e12) < 0.06, `${together} TFLOP`);
  assert.match(lnasc(["plan", budgets, "--format", "markdown"]).stdout, /^sweep budgets /m);
  assert.not.match(lnasc(["plan", handwriting]).stdout, /^sweep/m);
});

plan("times are FLOPs over the rate given", () => {
  const { rate, work } = planned(handwriting, "--rate", "2TFLOP/s");
  assert.equal(rate, { flopsPerSecond: 2e12, of: "as given" });
  for (const { flops, seconds } of work) assert.is(seconds, flops / 2e12);
  for (const wrong of ["fast", "0GFLOP/s", "3", "-1TFLOP/s"])
    assert.is(lnasc(["plan", handwriting, "--rate", wrong]).status, EXIT.usage, wrong);
  assert.is(lnasc(["plan", handwriting, "--rate", "1TFLOP/s", "--measure"]).status, EXIT.usage);
  assert.is(readRate("1.5 GFLOP/s").flopsPerSecond, 1.5e9);
});

plan("a rate is measured once and remembered for this machine; plans alone write nothing", async () => {
  await inEmptyFolder(async (folder) => {
    const file = join(folder, "deep", "measurements.json");
    assert.is(rememberedRate(file), undefined);
    assert.not(existsSync(join(folder, "deep")));
    const measured = await measuredRate(() => undefined, file);
    assert.ok(measured.flopsPerSecond > 1e6);
    assert.equal(rememberedRate(file), measured);
    writeFileSync(file, readFileSync(file, "utf8").replaceAll("logical", "other"));
    assert.is(rememberedRate(file), undefined);
    writeFileSync(file, "{ not JSON");
    assert.is(rememberedRate(file), undefined);
  });
  assert.is(measurementsFile({ LNAS_CACHE: "/a", XDG_CACHE_HOME: "/b" }), join("/a", "measurements.json"));
  assert.is(measurementsFile({ XDG_CACHE_HOME: "/b" }), join("/b", "lnas", "measurements.json"));
});

plan("every engine can be measured", async () => {
  assert.ok((await measureRate(referenceExecutor(), { rows: 4, width: 8, milliseconds: 0 })) > 0);
});

plan("a spec with several experiments has a plan for each", async () => {
  await inEmptyFolder(async (folder) => {
    const text = readFileSync(join(REPOSITORY, receipts), "utf8");
    const second = "experiment longer extends receipts { train final { steps 9_000 } }";
    writeFileSync(join(folder, "two.lnas"), `${text}\n${second}\n`);
    const { stdout } = lnasc(["plan", "two.lnas", "--json"], folder);
    assert.equal(
      (JSON.parse(stdout) as Plan[]).map(({ name, work }) => [
        name,
        work.find(({ stage }) => stage === "retraining")?.trainingSteps,
      ]),
      [
        ["receipts", 5 * 3 * 4000],
        ["longer", 5 * 3 * 9000],
      ],
    );
  });
});

plan.run();
