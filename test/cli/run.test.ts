/** `lnasc run` on the handwriting example, shortened to seconds: few examples, few steps, few targets. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../cli/exit-status.js";
import { lnasc } from "./lnasc.js";
import { adapterBytes, interrupt, SHORT_SPEC, shortProject } from "./short-run.js";

interface Workshop {
  folder: string;
}
const running = suite<Workshop>("lnasc run");

running.before((context) => {
  context.folder = shortProject();
  writeFileSync(join(context.folder, "short.lnas"), SHORT_SPEC);
});
running.after(({ folder }) => rmSync(folder, { recursive: true, force: true }));

/** The only run folder in a folder of runs. */
function runFolder(runs: string): string {
  const [name, ...others] = readdirSync(runs);
  assert.equal(others, []);
  return join(runs, name!);
}

running("--profile prints where the time went, and leaves a trace", ({ folder }) => {
  const { status, stdout, stderr } = lnasc(["run", "short.lnas", "--profile", "--runs-dir", "profiled"], folder);
  assert.is(status, EXIT.ok, stderr);
  const profile = join(runFolder(join(folder, "profiled")), "profile");
  assert.ok(stdout.endsWith(readFileSync(join(profile, "profile.md"), "utf8")));
  assert.match(
    stdout,
    /\n# Profile\n\nonnxruntime-node .*GFLOP\/s[\s\S]*\| super-network step +\| +\d+ \|[\s\S]*\| matmul /,
  );
  assert.match(stderr, /^profile in .*trace\.json/m);
  const { traceEvents } = JSON.parse(readFileSync(join(profile, "trace.json"), "utf8")) as { traceEvents: object[] };
  assert.ok(traceEvents.length > 50);
});

running("goes from text to adapter, keeps the very program, and finds finished stages again", ({ folder }) => {
  const first = lnasc(["run", "short.lnas"], folder);
  assert.is(first.status, EXIT.ok, first.stderr);
  const run = runFolder(join(folder, "runs"));
  assert.match(run, /short-[0-9a-f]{8}$/);
  assert.not.match(first.stdout + first.stderr, "\u001b");
  for (const stage of ["backbone", "dataset", "super-network", "search", "export"])
    assert.match(first.stderr, new RegExp(`^ok ${stage} \\(`, "m"));
  assert.match(first.stdout, /^uniform +\d/m);
  assert.match(first.stdout, "cross_attn.q_proj");
  lnasc(["compile", "short.lnas", "--out", "out"], folder);
  assert.is(
    readFileSync(join(run, "program.ts"), "utf8"),
    readFileSync(join(folder, "out", "short.search.ts"), "utf8"),
  );
  assert.is(readFileSync(join(run, "ir.json"), "utf8"), readFileSync(join(folder, "out", "short.ir.json"), "utf8"));
  const adapter = adapterBytes(run);
  const second = lnasc(["run", "short.lnas"], folder);
  assert.is(second.status, EXIT.ok, second.stderr);
  assert.match(second.stderr, "== search: done before");
  assert.is(second.stdout, first.stdout);
  assert.equal(adapterBytes(run), adapter);
  assert.is(lnasc(["report"], folder).stdout, readFileSync(join(run, "report.md"), "utf8"));
  assert.match(lnasc(["report"], folder).stdout, /^lnasc run short\.lnas$/m);
  assert.is(lnasc(["report", run, "--format", "html"], folder).stdout, readFileSync(join(run, "report.html"), "utf8"));
  const written = lnasc(["report", run, "--json", "--out", "found/report.json"], folder);
  assert.is(written.stdout, "");
  assert.match(written.stderr, "written: found/report.json");
  assert.equal(
    JSON.parse(readFileSync(join(folder, "found", "report.json"), "utf8")),
    JSON.parse(readFileSync(join(run, "report.json"), "utf8")),
  );
});

running(
  "Ctrl-C stops cleanly and says how to go on; the same command ends with the same adapter",
  async ({ folder }) => {
    const words = ["run", "short.lnas", "--runs-dir", "stopped"];
    const stopped = await interrupt(words, folder, "ok dataset");
    assert.is(stopped.status, EXIT.interrupted, stopped.stderr);
    assert.match(
      stopped.stderr,
      /^Stopped during .*\. What is done is saved in stopped.*; the same command goes on\.$/m,
    );
    const run = runFolder(join(folder, "stopped"));
    assert.not(existsSync(join(run, "lock")));
    assert.is(lnasc(words, folder).status, EXIT.ok);
    assert.equal(adapterBytes(run), adapterBytes(runFolder(join(folder, "runs"))));
  },
);

running("--seeds repeats the job for each seed and pairs the results; --json is for programs", ({ folder }) => {
  const { status, stdout, stderr } = lnasc(["run", "short.lnas", "--seeds", "7,8", "--json"], folder);
  assert.is(status, EXIT.ok, stderr);
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const comparison = lines.at(-1) as {
    runs: { seed: number }[];
    differences: { against: string; seeds: number }[];
    agreement: { equalModules: number };
  };
  assert.equal(
    comparison.runs.map(({ seed }) => seed),
    [7, 8],
  );
  assert.equal(comparison.differences.map(({ against, seeds }) => [against, seeds]).at(-1), ["uniform", 2]);
  assert.ok(comparison.agreement.equalModules >= 0 && comparison.agreement.equalModules <= 1);
  assert.is(lines.filter(({ type }) => type === "run finished").length, 2);
  // Seed 7 is the spec's own: its run is the one that is already there.
  assert.ok(lines.some(({ type, stage }) => type === "stage reused" && stage === "search"));
  assert.is(readdirSync(join(folder, "runs")).length, 2);
});

running("the spec's time budget stops it with a status of its own", ({ folder }) => {
  const spec = SHORT_SPEC.replace("steps 8", "steps 100_000").replace("export", "budget { wall_clock 1s }\n  export");
  writeFileSync(join(folder, "long.lnas"), spec);
  const { status, stderr } = lnasc(["run", "long.lnas", "--runs-dir", "long"], folder);
  assert.is(status, EXIT.timeBudget, stderr);
  assert.match(stderr, /^warning: the time budget is used up/m);
});

running("data at fault are named with file and line, without a stack", ({ folder }) => {
  const file = join(folder, "data", "test.jsonl");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace("test.png", "missing.png"));
  const { status, stderr } = lnasc(["run", "short.lnas", "--runs-dir", "faulty"], folder);
  writeFileSync(file, text);
  assert.is(status, EXIT.user);
  assert.match(stderr, /^error: .*\n {2}at .*test\.jsonl:1\n {2}remedy: /m);
  assert.not.match(stderr, /\n +at .*\.js:\d+/);
});

running.run();
