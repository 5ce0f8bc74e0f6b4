/** Which engine `auto` opens, with and without what was measured on this machine. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Candidate, openFirst } from "../../runtime/executors/auto.js";
import { engineVersion, openExecutor } from "../../runtime/executors/index.js";
import {
  keepMeasurements,
  type MeasuredEngine,
  machineName,
  measurementsFile,
  readMeasurements,
} from "../../runtime/executors/measurements.js";

const test = suite<{ file: string; folder: string }>("auto");
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-auto-"));
  context.file = join(context.folder, "deep", "measurements.json");
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const measured = (engine: string, device = "cpu", version = "1"): MeasuredEngine => ({
  engine,
  device,
  version,
  stepMilliseconds: 1,
});

/** What is opened and said where engines `absent` do not open. */
async function choice(ranking: readonly MeasuredEngine[], absent: readonly string[] = []) {
  const said: string[] = [];
  const opened = await openFirst<Candidate>(
    {
      order: ["first", "second"],
      has: (engine, device) => ["first", "second", "third"].includes(engine) && ["cpu", "gpu"].includes(device),
      version: async () => "1",
      open: async (candidate) => {
        if (absent.includes(candidate.engine)) throw new Error(`no ${candidate.engine}`);
        return candidate;
      },
      notice: (message) => said.push(message),
    },
    ranking,
  );
  return { opened: [opened.engine, opened.device], said };
}

test("without measurements the fixed order decides, and what is not the first choice is said", async () => {
  assert.equal(await choice([]), { opened: ["first", undefined], said: [] });
  const { opened, said } = await choice([], ["first"]);
  assert.equal(opened, ["second", undefined]);
  assert.equal(said, ["no first; using the second engine, which is slow"]);
  const nothing = await choice([], ["first", "second"]).catch((cause) => cause);
  assert.instance(nothing, AggregateError);
  assert.is(nothing.message, "no first; no second");
});

test("the fastest that was measured is opened on its device, else the next", async () => {
  const ranking = [measured("third", "gpu"), measured("first")];
  assert.equal(await choice(ranking), { opened: ["third", "gpu"], said: [] });
  assert.equal(await choice(ranking, ["third"]), {
    opened: ["first", "cpu"],
    said: ["no third; using the first engine on cpu"],
  });
});

test("a ranking of another version, or of devices that there are not, is not used", async () => {
  const { opened, said } = await choice([measured("third", "gpu", "0.9"), measured("second")]);
  assert.equal(opened, ["first", undefined]);
  assert.match(said.join(), /measured third 0\.9, now it is 1: its ranking is not used; run lnasc doctor again/);
  assert.equal(await choice([measured("third", "abacus"), measured("second")]), {
    opened: ["first", undefined],
    said: [],
  });
  assert.equal((await choice([measured("fourth")])).opened, ["first", undefined]);
});

test("measurements are kept for this machine, each beside the others; damaged ones are ignored", ({ file }) => {
  assert.equal(readMeasurements(file), { ranking: [] });
  keepMeasurements({ rate: { engine: "e", flopsPerSecond: 5 } }, file);
  keepMeasurements({ ranking: [measured("second")] }, file);
  assert.equal(readMeasurements(file), { rate: { engine: "e", flopsPerSecond: 5 }, ranking: [measured("second")] });
  const good = readFileSync(file, "utf8");
  writeFileSync(file, good.replaceAll(machineName(), "another processor"));
  assert.equal(readMeasurements(file), { ranking: [] });
  keepMeasurements({ ranking: [measured("first")] }, file);
  assert.match(readFileSync(file, "utf8"), /another processor/);
  for (const [from, to] of [
    ['"device"', '"place"'],
    ['"stepMilliseconds": 1', '"stepMilliseconds": -1'],
    ['"stepMilliseconds": 1', '"stepMilliseconds": "fast"'],
    ['"ranking": [', '"ranking": [null,'],
  ] as const) {
    writeFileSync(file, good.replace(from, to));
    assert.equal(readMeasurements(file).ranking, [], to);
  }
  for (const damaged of ["", "{", "[]", "null", `{"${machineName()}": 4}`, '{"a":'.repeat(1e5)]) {
    writeFileSync(file, damaged);
    assert.equal(readMeasurements(file), { ranking: [] });
  }
});

test("openExecutor takes the ranking of the cache folder", async ({ folder }) => {
  const before = process.env.LNAS_CACHE;
  process.env.LNAS_CACHE = folder;
  try {
    assert.is((await openExecutor("auto")).name, "onnx");
    const version = await engineVersion("reference");
    keepMeasurements({ ranking: [measured("reference", "cpu", version), measured("onnx")] });
    assert.is((await openExecutor("auto")).name, "reference");
    writeFileSync(measurementsFile(), "{ damaged");
    assert.is((await openExecutor("auto")).name, "onnx");
    const said: string[] = [];
    keepMeasurements({ ranking: [measured("onnx", "cpu", "0.1.0")] });
    assert.is((await openExecutor("auto", { notice: (message) => said.push(message) })).name, "onnx");
    assert.match(said.join(), /measured onnx 0\.1\.0, now it is 1\./);
  } finally {
    if (before === undefined) delete process.env.LNAS_CACHE;
    else process.env.LNAS_CACHE = before;
  }
});

test.run();
