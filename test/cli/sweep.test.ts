/** `lnasc run --sweep`: what experiments of a spec share, that each ends as if it had been run alone, and what is said of them together. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../cli/exit-status.js";
import { UsageError } from "../../cli/failure.js";
import { plannedRuns } from "../../cli/run/planned-runs.js";
import { type CompiledSpec, oneExperiment, sweptExperiments } from "../../cli/spec.js";
import type { Report, RunsReport } from "../../runtime/experiment/report/index.js";
import { BASE, compileText } from "../compiler/host.js";
import { lnasc } from "./lnasc.js";
import { adapterBytes, interrupt, SHORT_SPEC, shortProject } from "./short-run.js";

const SPEC = `${SHORT_SPEC.replace("finalists     1", "finalists     1, beside none")}
experiment tight extends short { objective { subject to parameters <= 500 } }

sweep budgets = short, tight
`;

const TIGHT = "experiment tight extends base { objective { subject to parameters <= 3_000 } }\n";

interface Workshop {
  folder: string;
}
const sweeping = suite<Workshop>("lnasc run --sweep");
sweeping.before((context) => {
  context.folder = shortProject();
  writeFileSync(join(context.folder, "short.lnas"), SPEC);
});
sweeping.after(({ folder }) => rmSync(folder, { recursive: true, force: true }));

/** The run folder of an experiment in a folder of runs. */
const runOf = (runs: string, name: string) =>
  join(runs, readdirSync(runs).find((each) => each.startsWith(`${name}-`))!);
const reportOf = (folder: string) => JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as Report;

sweeping(
  "the second trains no super-network and ends as if it had been run alone, also after Ctrl-C; a table compares them",
  async ({ folder }) => {
    const words = ["run", "short.lnas", "--sweep", "budgets"];
    const stopped = await interrupt(words, folder, /^tight in [\s\S]*^ok search/m);
    assert.is(stopped.status, EXIT.interrupted, stopped.stderr);
    assert.match(stopped.stdout, /^report +runs\/short-/m);
    const swept = lnasc(words, folder);
    assert.is(swept.status, EXIT.ok, swept.stderr);
    assert.match(swept.stderr, /^short in [\s\S]*^== search: done before[\s\S]*^tight in /m);

    const alone = lnasc(["run", "short.lnas", "--experiment", "tight", "--runs-dir", "alone"], folder);
    assert.is(alone.status, EXIT.ok, alone.stderr);
    const [first, second, own] = [
      runOf(join(folder, "runs"), "short"),
      runOf(join(folder, "runs"), "tight"),
      runOf(join(folder, "alone"), "tight"),
    ];
    assert.equal(adapterBytes(second), adapterBytes(own));
    assert.is(readFileSync(join(second, "ranks.json"), "utf8"), readFileSync(join(own, "ranks.json"), "utf8"));
    const [together, apart] = [reportOf(second), reportOf(own)];
    assert.equal(together.arms, apart.arms);
    assert.equal(together.search, apart.search);
    assert.match(together.command!, /^lnasc run short\.lnas --experiment tight$/);

    const log = readFileSync(join(second, "events.jsonl"), "utf8").trimEnd().split("\n");
    const events = log.map((line) => JSON.parse(line) as { type: string; stage?: string });
    assert.not(events.some(({ type, stage }) => type === "progress" && stage === "super-network"));
    const superNetwork = together.stages.find(({ stage }) => stage === "super-network")!;
    assert.match(superNetwork.taken!.run, /^short-[0-9a-f]{8}$/);
    assert.is(
      superNetwork.taken!.wallClockMs,
      reportOf(first).stages.find(({ stage }) => stage === "super-network")!.wallClockMs,
    );
    assert.ok(together.time.search >= superNetwork.taken!.wallClockMs);

    assert.match(swept.stdout, /^experiment +at most +parameters +backbone as it is +uniform +searched +time$/m);
    assert.match(swept.stdout, /^short +896 +\d+ +0\.\d{4} +0\.\d{4} +0\.\d{4} +\d+\.\d s$/m);
    assert.match(swept.stdout, /^tight +500 +\d+ .* s, \d+\.\d s of it by other runs$/m);
    assert.match(swept.stdout, /^tight: (In this one pair|The search did not)/m);
  },
);

sweeping("--json ends with the comparison; finished runs are taken as they are", ({ folder }) => {
  const before = readFileSync(join(runOf(join(folder, "runs"), "tight"), "report.json"), "utf8");
  const { status, stdout, stderr } = lnasc(["run", "short.lnas", "--sweep", "budgets", "--json"], folder);
  assert.is(status, EXIT.ok, stderr);
  const lines = stdout.trimEnd().split("\n");
  const { experiments, runs } = JSON.parse(lines.at(-1)!) as RunsReport;
  assert.equal(
    experiments.map(({ label, seeds, maxParameters, over }) => [label, seeds, maxParameters, over]),
    [
      ["short", [7], 896, "retraining seeds"],
      ["tight", [7], 500, "retraining seeds"],
    ],
  );
  assert.ok(experiments.every(({ parameters, maxParameters }) => parameters[0]! <= maxParameters!));
  assert.ok(runs[1]!.takenMilliseconds > 0 && runs[0]!.takenMilliseconds === 0);
  assert.not(lines.some((line) => (JSON.parse(line) as { type?: string }).type === "stage started"));
  assert.is(readFileSync(join(runOf(join(folder, "runs"), "tight"), "report.json"), "utf8"), before);
});

sweeping("what goes together with it, and which sweeps there are, is said", ({ folder }) => {
  const { status, stderr } = lnasc(["run", "short.lnas", "--sweep", "budgets", "--experiment", "tight"], folder);
  assert.is(status, EXIT.usage, stderr);
  assert.match(stderr, /'--sweep <name>' cannot be used with .*--experiment/);
  const told = (text: string, choose: (spec: CompiledSpec) => unknown) => {
    const { experiments, sweeps } = compileText(text);
    const spec = { experiments: experiments.map((experiment) => ({ ...experiment, specFolder: "." })), sweeps };
    try {
      choose(spec);
    } catch (error) {
      assert.instance(error, UsageError);
      return (error as UsageError).message;
    }
    return "nothing";
  };
  const swept = `${BASE}${TIGHT}sweep budgets = base, tight\n`;
  const one = ({ experiments, sweeps }: CompiledSpec) => oneExperiment(experiments, undefined, sweeps);
  assert.is(
    told(swept, one),
    "the spec holds 2 experiments; choose one with --experiment: base, tight; or several with --sweep: budgets",
  );
  assert.is(told(`${BASE}${TIGHT}`, one), "the spec holds 2 experiments; choose one with --experiment: base, tight");
  const named = (spec: CompiledSpec) => sweptExperiments(spec, "budget");
  assert.is(told(swept, named), "there is no sweep budget; the spec has budgets");
  assert.match(told(BASE, named), "there is no sweep budget; the spec has none: declare `sweep <name> =");
});

sweeping("with seeds every experiment runs once under each, and takes from those of the same seed", () => {
  const { experiments } = compileText(
    `${BASE}experiment tight extends base { objective { subject to parameters <= 3_000 } }\n`,
  );
  const compiled = experiments.map((experiment) => ({ ...experiment, specFolder: "." }));
  const runs = plannedRuns(compiled, [0, 1], "runs");
  assert.equal(
    runs.map(({ experiment: { ir }, seed }) => [ir.name, ir.seed, seed]),
    [
      ["base", 0, 0],
      ["tight", 0, 0],
      ["base", 1, 1],
      ["tight", 1, 1],
    ],
  );
  const folders = runs.map(({ experiment: { ir, irHash } }) => join("runs", `${ir.name}-${irHash.slice(0, 8)}`));
  assert.is(new Set(folders).size, 4);
  assert.equal(
    runs.map(({ sharing }) => sharing),
    [[folders[1]], [folders[0]], [folders[3]], [folders[2]]],
  );
  assert.equal(
    plannedRuns(compiled, undefined, "runs").map(({ experiment: { irHash } }) => irHash),
    compiled.map(({ irHash }) => irHash),
  );
});

sweeping.run();
