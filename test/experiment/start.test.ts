/** A super-network that starts from that of an earlier run: through the program, and component by component. */
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adaptedModules, extractRanks, initialParameters, loraLayout } from "../../runtime/adapters/index.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import { networkFiles } from "../../runtime/experiment/input-files.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { TRAINING_STATE } from "../../runtime/training/adamw.js";
import { readCheckpoint } from "../../runtime/training/checkpoint.js";
import { carryOver } from "../../runtime/training/embed-ranks.js";
import { Interrupted } from "../../runtime/training/interrupted.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
import { type TinyProgram, tinyProgram } from "./tiny-program.js";

const test = suite<{ folder: string; backbone: Backbone }>("a super-network's start");
test.before(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-start-"));
  context.backbone = tinyBackbone(join(context.folder, "backbone"));
  await run(context, "first");
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

/** Runs the tiny program until its super-network is trained; says what that stage said. */
async function run(
  { folder, backbone }: { folder: string; backbone: Backbone },
  name: string,
  program: TinyProgram = {},
): Promise<string> {
  const abort = new AbortController();
  let summary = "not run";
  const { modules } = backbone.description;
  const ranks = program.ranks ?? [0, 1, 2];
  await executeProgram(tinyProgram(backbone, program), {
    ...{ specFolder: folder, runFolder: join(folder, "runs", name), engine: "onnx", engineOptions: { threads: 1 } },
    sources: {
      ir: JSON.stringify({
        adapter: { scale: 2, targets: [{ ranks, modules: modules.filter(({ part }) => part === "language") }] },
      }),
    },
    signal: abort.signal,
    onEvent: (event) => {
      if (event.type !== "stage finished" || event.stage !== "super-network") return;
      summary = event.summary;
      abort.abort();
    },
  }).catch((error) => {
    if (!(error instanceof Interrupted)) throw error;
  });
  return summary;
}

function parametersIn(folder: string, name: string): Float32Array {
  const [, record, file] = networkFiles(join(folder, "runs", name));
  const { key } = JSON.parse(readFileSync(record!, "utf8")) as { key: string };
  return Float32Array.from(readCheckpoint(file!, key)!.state[TRAINING_STATE.parameters]!);
}
const furthest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, x, at) => Math.max(most, Math.abs(x - b[at]!)), 0);
/** A training that leaves everything where it starts. */
const STILL = { superNetworkSteps: 1, learningRate: 1e-12 };

test("it has the parameters that the earlier one ended with; anew it has not", async (context) => {
  const { folder } = context;
  const earlier = parametersIn(folder, "first");
  const summary = await run(context, "next", { ...STILL, start: "runs/first" });
  assert.match(summary, /^1 steps from where that of first was, /);
  assert.ok(furthest(parametersIn(folder, "next"), earlier) < 1e-9);
  await run(context, "anew", STILL);
  assert.ok(furthest(parametersIn(folder, "anew"), earlier) > 0.01);
  const { hashes } = JSON.parse(readFileSync(join(folder, "runs", "next", "manifest.json"), "utf8")) as {
    hashes: Record<string, string>;
  };
  assert.match(hashes["start/super-network.ckpt"]!, /^[0-9a-f]{64}$/);
});

test("at other ranks it has the components that both have", async (context) => {
  const { folder, backbone } = context;
  await run(context, "wider", { ...STILL, start: "runs/first", ranks: [0, 4] });
  const modules = backbone.description.modules.filter(({ part }) => part === "language");
  const at = (rank: number) => Object.fromEntries(modules.map(({ path }) => [path, rank]));
  const wider = extractRanks(adaptedModules(modules, at(4)), parametersIn(folder, "wider"), at(2));
  assert.ok(furthest(wider, parametersIn(folder, "first")) < 1e-9);
});

test("only what the file holds counts: a run that was moved is the same start, another content is not", async (context) => {
  const { folder } = context;
  cpSync(join(folder, "runs", "first"), join(folder, "runs", "moved"), { recursive: true });
  assert.is(await run(context, "next", { ...STILL, start: "runs/first" }), await run(context, "next", STILL_MOVED));
  const [, , file] = networkFiles(join(folder, "runs", "moved"));
  const bytes = readFileSync(file!);
  writeFileSync(file!, Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]));
  const message = async (program: TinyProgram) =>
    run(context, "refused", { ...STILL, ...program }).then(
      () => "no error",
      (error: Error) => error.message,
    );
  assert.match(await message(STILL_MOVED), /super-network\.ckpt is missing or damaged/);
  renameSync(file!, `${file}.away`);
  assert.match(await message(STILL_MOVED), /super-network\.ckpt is missing or damaged/);
  const ir = join(folder, "runs", "moved", "ir.json");
  const scaled = readFileSync(ir, "utf8").replace('"scale":2', '"scale":3');
  renameSync(`${file}.away`, file!);
  writeFileSync(file!, bytes);
  writeFileSync(ir, scaled);
  assert.match(await message(STILL_MOVED), /the scale 3, this one 2/);
  writeFileSync(ir, '{"adapter":{"scale":2}}');
  assert.match(await message(STILL_MOVED), /its ir\.json cannot be read/);
  // Nothing that a record names is read outside of its run.
  writeFileSync(
    join(folder, "runs", "moved", "stages", "super-network.json"),
    '{"key":"k","files":{"../../elsewhere":"0"}}',
  );
  assert.match(await message(STILL_MOVED), /its record is damaged/);
  assert.match(await message({ start: "runs/none" }), /there is no such file/);
});
const STILL_MOVED = { ...STILL, start: "runs/moved" };

test("components are carried over one by one, whatever the ranks on both sides", () => {
  const module = fc.record({
    inFeatures: fc.integer({ min: 1, max: 4 }),
    outFeatures: fc.integer({ min: 1, max: 4 }),
    before: fc.integer({ min: 0, max: 3 }),
    now: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(module, { minLength: 1, maxLength: 4 }), (drawn) => {
      const modules = drawn.map((each, at) => ({ ...each, path: `m${at}` }));
      const of = (rank: (each: (typeof modules)[number]) => number) =>
        Object.fromEntries(modules.map((each) => [each.path, rank(each)]));
      const earlier = adaptedModules(
        modules,
        of(({ before }) => before),
      );
      const elastic = adaptedModules(
        modules,
        of(({ now }) => now),
      );
      const packed = Float32Array.from({ length: loraLayout(earlier).size }, (_, at) => at + 1);
      const initial = initialParameters(elastic, 5).map((value) => -Math.abs(value));
      const start = carryOver(initial, elastic, earlier, packed);
      const shared = of(({ before, now }) => Math.min(before, now));
      assert.equal(extractRanks(elastic, start, shared), extractRanks(earlier, packed, shared));
      // What came over is above 0, the rest is as it was.
      const count = start.filter((value) => value > 0).length;
      assert.is(count, loraLayout(adaptedModules(modules, shared)).size);
      assert.ok(start.every((value, at) => value > 0 || value === initial[at]));
    }),
    { numRuns: 200 },
  );
  assert.throws(() => carryOver(new Float32Array(0), [], [], new Float32Array(1)), /1 parameters, not 0/);
});

test.run();
