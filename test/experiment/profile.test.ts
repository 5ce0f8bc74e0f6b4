/** Profiles of runs: a trace that viewers open, figures that add up, and results as without a profile. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { onnxExecutor } from "../../runtime/executors/onnx/engine.js";
import { opTimesIn } from "../../runtime/executors/onnx/op-times.js";
import { profiledExecutor } from "../../runtime/executors/profiled.js";
import type { RunEvent } from "../../runtime/experiment/events.js";
import { type ExecuteOptions, executeProgram } from "../../runtime/experiment/execute.js";
import type { ProfileSummary } from "../../runtime/experiment/profile/index.js";
import { Trace, type TraceEvent } from "../../runtime/experiment/profile/trace.js";
import { onSpans, type Span, timed } from "../../runtime/formats/spans.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { Interrupted } from "../../runtime/training/interrupted.js";
import { transformerStep } from "../executors/transformer-step.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
import { tinyProgram } from "./tiny-program.js";

interface Context {
  folder: string;
  backbone: Backbone;
  run(name: string, change?: Partial<ExecuteOptions>): Promise<string>;
}
const test = suite<Context>("profile");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-profile-"));
  context.backbone = tinyBackbone(join(context.folder, "backbone"));
  context.run = async (name, change = {}) => {
    const runFolder = join(context.folder, "runs", name);
    const options = { specFolder: context.folder, runFolder, engine: "onnx", engineOptions: { threads: 1 }, ...change };
    await executeProgram(tinyProgram(context.backbone), options);
    return runFolder;
  };
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

const traceIn = (runFolder: string): readonly TraceEvent[] =>
  (JSON.parse(readFileSync(join(runFolder, "profile", "trace.json"), "utf8")) as { traceEvents: TraceEvent[] })
    .traceEvents;
const summaryIn = (runFolder: string): ProfileSummary =>
  JSON.parse(readFileSync(join(runFolder, "profile", "profile.json"), "utf8")) as ProfileSummary;

/** What a viewer asks of a trace: see the Trace Event Format of Chrome. */
function assertValid(events: readonly TraceEvent[]): void {
  assert.ok(events.length > 0);
  for (const event of events) {
    assert.ok(typeof event.name === "string" && event.name.length > 0, JSON.stringify(event));
    assert.ok(event.ph === "X" || event.ph === "M");
    assert.ok(Number.isInteger(event.pid) && Number.isInteger(event.tid));
    assert.ok(Number.isFinite(event.ts) && event.ts >= 0, JSON.stringify(event));
    if (event.ph === "X") assert.ok(Number.isFinite(event.dur) && event.dur! >= 0, JSON.stringify(event));
  }
  const named = events.filter(({ name }) => name === "thread_name").map(({ tid }) => tid);
  // Complete events of one track lie beside or within each other; else a viewer draws nonsense.
  for (const tid of new Set(events.filter(({ ph }) => ph === "X").map((event) => event.tid))) {
    assert.ok(named.includes(tid), `track ${tid} has no name`);
    const open: number[] = [];
    for (const { ts, dur = 0 } of events.filter((event) => event.ph === "X" && event.tid === tid)) {
      while (open.length > 0 && open.at(-1)! <= ts + 0.2) open.pop();
      if (open.length > 0) assert.ok(ts + dur <= open.at(-1)! + 0.2, `track ${tid} at ${ts}`);
      open.push(ts + dur);
    }
  }
}

const on = (events: readonly TraceEvent[], track: string) =>
  events.filter(({ ph, cat }) => ph === "X" && cat === track);

test("a profiled run has a valid trace, figures that add up, and the results of one that is not", async ({ run }) => {
  const events: RunEvent[] = [];
  const plain = await run("plain");
  const profiled = await run("profiled", { profile: true, onEvent: (event) => events.push(event) });
  for (const file of ["ranks.json", join("out", "adapter", "adapter_model.safetensors")])
    assert.equal(readFileSync(join(profiled, file)), readFileSync(join(plain, file)), file);
  assert.not(existsSync(join(plain, "profile")));
  assert.equal(readdirSync(join(profiled, "profile")).sort(), ["profile.json", "profile.md", "trace.json"]);
  assert.ok(events.some(({ type }) => type === "profile written"));

  const trace = traceIn(profiled);
  assertValid(trace);
  const finished = events.flatMap((event) => (event.type === "stage finished" ? [event.stage] : []));
  const stages = on(trace, "stages").filter(({ name }) => !name.endsWith(": done before"));
  assert.equal([...new Set(stages.map(({ name }) => name))].sort(), [...new Set(finished)].sort());
  assert.is(on(trace, "steps").filter(({ name }) => name.startsWith("super-network, step")).length, 24);
  for (const track of ["data", "engine", "ops", "engine idle", "checkpoints"])
    assert.ok(on(trace, track).length > 0, track);

  const { shares, wallClockMs, rateFlopsPerSecond, graphs, ops } = summaryIn(profiled);
  const all = Object.values(shares).reduce((sum, share) => sum + share, 0);
  assert.ok(Math.abs(all - wallClockMs) < 0.01 * wallClockMs, `${all} of ${wallClockMs}`);
  for (const share of Object.values(shares)) assert.ok(share >= 0);
  assert.ok(rateFlopsPerSecond! > 1e8);
  const runs = graphs.reduce((sum, graph) => sum + graph.runs, 0);
  assert.ok(on(trace, "engine").length > runs, "runs and compilations");
  const step = graphs.find(({ graph }) => graph === "super-network step")!;
  assert.ok(step.runs >= 24 && step.flopsEach > 1e4 && step.flopsPerSecond > 0 && step.fraction! > 0);
  assert.ok(ops.length > 3 && ops.length <= 20);
  assert.ok(ops.reduce((sum, { share }) => sum + share, 0) <= 1.000001);
  const product = ops.find(({ op }) => op === "matmul")!;
  assert.ok(product.flopsEach > 0 && product.flopsPerSecond! > 0 && product.fraction! > 0 && product.count > 0);
  const page = readFileSync(join(profiled, "profile", "profile.md"), "utf8");
  assert.match(page, /\| engine: runs of graphs +\| +[\d.]+ \| +[\d.]+ % \|/);
  assert.match(page, /\| matmul +\| \[[\d, ]+\]/);
});

test("an engine that cannot tell of ops has the times of its graphs", async ({ run }) => {
  const folder = await run("reference", { engine: "reference", profile: true });
  assertValid(traceIn(folder));
  const { ops, graphs } = summaryIn(folder);
  assert.equal(ops, []);
  assert.ok(graphs.every(({ runs, millisecondsEach }) => runs > 0 && millisecondsEach > 0));
  assert.match(readFileSync(join(folder, "profile", "profile.md"), "utf8"), /does not tell how long single ops take/);
});

test("a run that is stopped leaves its profile too", async ({ run, folder }) => {
  const abort = new AbortController();
  const onEvent = (event: RunEvent) => {
    if (event.type === "progress" && event.step > 5) abort.abort();
  };
  await run("stopped", { profile: true, signal: abort.signal, onEvent }).then(
    () => assert.unreachable(),
    (error) => assert.instance(error, Interrupted),
  );
  const stopped = join(folder, "runs", "stopped");
  assertValid(traceIn(stopped));
  assert.ok(
    on(traceIn(stopped), "stages").some(({ name }) => name === "super-network"),
    "the stage it was in",
  );
  assert.is(summaryIn(stopped).rateFlopsPerSecond, null);
});

test("state goes on where the profiled executable ends, and every op has its FLOPs", async ({ folder }) => {
  const { graph, feeds } = transformerStep({
    batch: 2,
    tokens: 16,
    hidden: 32,
    heads: 2,
    layers: 2,
    rank: 4,
    vocabulary: 31,
  });
  const plain = await (await onnxExecutor({ threads: 1 })).compile(graph);
  const executor = profiledExecutor(await onnxExecutor({ threads: 1 }), (index) => join(folder, `ops-${index}`));
  const profiled = await executor.compile(graph, { label: "step" });
  const start = Float32Array.from({ length: (await plain.readState("packed")).length }, (_, i) => Math.sin(i) / 10);
  for (const executable of [plain, profiled]) await executable.writeState("packed", start);
  for (let step = 0; step < 9; step++) assert.equal(await profiled.run(feeds), await plain.run(feeds), `step ${step}`);
  assert.equal(await profiled.readState("packed"), await plain.readState("packed"));
  await profiled.dispose();
  await executor.close();
  const [profile] = executor.graphs;
  assert.is(profile!.runs, 9);
  assert.is(profile!.ops?.runs.length, 4);
  const [first] = profile!.ops!.runs;
  const sum = first!.ops.reduce((flops, op) => flops + op.flops, 0);
  // Passes leave ops out and products take others in; nearly all is products.
  assert.ok(sum > 0.7 * profile!.flops && sum < 1.1 * profile!.flops, `${sum} of ${profile!.flops}`);
  assert.ok(
    first!.ops.every(({ startMs, durationMs }) => startMs >= 0 && startMs + durationMs <= first!.durationMs + 1),
  );
});

test("onnxruntime's events are read by op; nodes of one op count its FLOPs once", () => {
  const node = (name: string, ts: number) => ({
    cat: "Node",
    pid: 1,
    tid: 1,
    dur: 10,
    ts,
    ph: "X",
    name: `${name}_kernel_time`,
  });
  const run = (ts: number) => ({ cat: "Session", pid: 1, tid: 1, dur: 100, ts, ph: "X", name: "model_run", args: {} });
  const events = [1000, 2000].flatMap((ts) => [
    node("matmul [2, 3] 36 #4/0", ts + 5),
    node("matmul [2, 3] 36 #4/1", ts + 20),
    node("copy of a result/2", ts + 50),
    run(ts),
  ]);
  assert.equal(opTimesIn(JSON.stringify([null, { ph: "X" }, ...events])), {
    runs: [
      {
        durationMs: 0.1,
        ops: [
          { op: "matmul", shape: "[2, 3]", flops: 36, startMs: 0.005, durationMs: 0.01 },
          { op: "matmul", shape: "[2, 3]", flops: 0, startMs: 0.02, durationMs: 0.01 },
          { op: "copy of a result", shape: "", flops: 0, startMs: 0.05, durationMs: 0.01 },
        ],
      },
    ],
  });
});

test("spans reach those who listen, failed work too; nobody listens by default", async () => {
  assert.is(await timed("data", "unheard", () => 4), 4);
  const heard: Span[] = [];
  const end = onSpans((span) => heard.push(span));
  await timed("data", "failing", async () => {
    throw new Error("no");
  }).catch(() => {});
  end();
  await timed("data", "late", () => 0);
  assert.equal(
    heard.map(({ kind, name }) => [kind, name]),
    [["data", "failing"]],
  );
});

test("a trace that would be too large for viewers is cut, and says so", () => {
  const trace = new Trace("long", 0);
  for (let index = 0; index < 250_003; index++) trace.add("engine", { name: "run", start: index, end: index + 0.5 });
  const text = trace.json();
  assert.match(text.slice(0, 200), /"leftOut":3/);
});

test.run();
