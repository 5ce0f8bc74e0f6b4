/** `lnasc doctor`: engines that crash, hang or give wrong results; what is remembered; GPUs. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import picocolors from "picocolors";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tryEngines } from "../../cli/doctor/devices.js";
import { nvidiaGpus } from "../../cli/doctor/gpus.js";
import { type Examination, examine, rank } from "../../cli/examination.js";
import { EXIT } from "../../cli/exit-status.js";
import { doctorText } from "../../cli/render/doctor.js";
import { type EngineRow, engineRows } from "../../runtime/executors/index.js";
import { readMeasurements } from "../../runtime/executors/measurements.js";
import { lnasc } from "./lnasc.js";

const doctor = suite<{ folder: string }>("lnasc doctor");
doctor.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-doctor-"));
});
doctor.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const plain = picocolors.createColors(false);
const row: EngineRow = { name: "onnx", devices: ["cpu"], precisions: [], threads: 1 };
const OPENED = 'process.send({ said: "opened", version: "1", description: "an engine", notices: [] });';
const calibrated = (stepMilliseconds: number, difference = 1e-7) =>
  `process.send({ said: "calibrated", stepMilliseconds: ${stepMilliseconds}, difference: ${difference} });`;
const RATES = `process.send({ said: "rate", flopsPerSecond: 2e9 }); process.send({ said: "short rate", precision: "bf16", flopsPerSecond: 4e9 });`;
const DONE = 'process.send({ said: "done" }); process.disconnect();';

/** A program that stands for an engine on a device. */
function program(folder: string, text: string): string {
  const file = join(folder, `engine-${readdirSync(folder).length}.cjs`);
  writeFileSync(file, text);
  return file;
}

async function tried(folder: string, text: string, limitMs?: number) {
  const options = { measure: true, rows: [row], program: program(folder, text), ...(limitMs && { limitMs }) };
  const [engine] = await tryEngines(options);
  return engine!.devices[0]!;
}

doctor(
  "an engine that crashes while it is opened is absent; the next one is tried all the same",
  async ({ folder }) => {
    const crashed = await tried(folder, 'console.error("free(): invalid pointer"); process.abort();');
    assert.is(crashed.available, false);
    assert.match(JSON.stringify(crashed), /the process that tried it was ended by SIGABRT/);
    assert.match(JSON.stringify(await tried(folder, "process.exit(7);")), /ended with status 7/);
    const both = await tryEngines({
      measure: false,
      rows: [{ ...row, devices: ["bad", "good"] }],
      program: program(folder, `if (process.argv[3] === "bad") process.abort(); ${OPENED} ${DONE}`),
    });
    assert.equal(
      both.map(({ available, version, devices }) => [available, version, devices.map((device) => device.available)]),
      [[true, "1", [false, true]]],
    );
  },
);

doctor("what an engine said before it crashed or hung counts", async ({ folder }) => {
  const crash = await tried(folder, `${OPENED} ${calibrated(5)} setTimeout(() => process.abort(), 300);`);
  assert.ok(crash.available && crash.measured?.stepMilliseconds === 5 && crash.measured.f32FlopsPerSecond === null);
  assert.match(crash.available ? (crash.problem ?? "") : "", /SIGABRT/);
  const begun = performance.now();
  const hung = await tried(folder, `${OPENED} setInterval(() => {}, 1000);`, 700);
  assert.ok(performance.now() - begun < 10_000);
  assert.ok(hung.available && hung.measured === null);
  assert.is(hung.available && hung.problem, "it took longer than 0.7 s");
});

doctor(
  "engines are ranked by time, as good ones in the order of the table, wrong ones not at all",
  async ({ folder }) => {
    const measured = (name: string, text: string) =>
      tryEngines({
        measure: true,
        rows: [{ ...row, name: name as EngineRow["name"] }],
        program: program(folder, text),
      });
    const engines = [
      ...(await measured("onnx", `${OPENED} ${calibrated(10.5)} ${RATES} ${DONE}`)),
      ...(await measured("tensorflow", `${OPENED} ${calibrated(10)} ${RATES} ${DONE}`)),
      ...(await measured("tfjs", `${OPENED} ${calibrated(1, 1e-3)} ${RATES} ${DONE}`)),
      ...(await measured("reference", `${OPENED} ${calibrated(5)} ${RATES} ${DONE}`)),
    ];
    assert.equal(
      rank(engines).map(({ engine }) => engine),
      ["reference", "tensorflow", "onnx"],
    );
    assert.equal(
      rank(engines.slice(0, 2)).map(({ engine }) => engine),
      ["onnx", "tensorflow"],
    );
    const [first] = engines[0]!.devices;
    assert.is(first?.available && first.measured?.bf16FlopsPerSecond, 4e9);
  },
);

doctor("what is measured is remembered for auto and plan; wrong results are a problem", async ({ folder }) => {
  const file = join(folder, "cache", "measurements.json");
  const good = { measure: true, rows: [row], program: program(folder, `${OPENED} ${calibrated(12)} ${RATES} ${DONE}`) };
  const examination = await examine(folder, good, file);
  assert.is(examination.keptIn, file);
  assert.equal(readMeasurements(file), {
    ranking: [{ engine: "onnx", device: "cpu", version: "1", stepMilliseconds: 12 }],
    rate: { engine: "an engine", flopsPerSecond: 2e9 },
  });
  const text = doctorText(examination, plain);
  assert.match(
    text,
    /ok {2}onnx cpu {2}1 {2}up to 1 thread {2}12\.0 ms a step {2}f32 2\.00 GFLOP\/s {2}bf16 4\.00 GFLOP\/s/,
  );
  assert.match(text, /auto uses onnx on cpu\nkept in /);

  const wrong = { ...good, program: program(folder, `${OPENED} ${calibrated(12, 0.5)} ${RATES} ${DONE}`) };
  const problem = await examine(folder, wrong, join(folder, "none", "measurements.json"));
  assert.equal([problem.ranking, problem.keptIn], [[], null]);
  assert.match(doctorText(problem, plain), /warning: results of onnx on cpu differ from the reference by 5\.0e-1/);
  assert.not(existsSync(join(folder, "none")));

  writeFileSync(join(folder, "file"), "");
  const unkept = await examine(folder, good, join(folder, "file", "measurements.json"));
  assert.is(unkept.keptIn, null);
  assert.match(unkept.problems.join(), /the measurements are not remembered: /);
  assert.match(doctorText(unkept, plain), /\nfastest: onnx on cpu\n/);
});

doctor("the onnx engine is really measured, and agrees with the reference", async ({ folder }) => {
  const rows = engineRows()
    .filter(({ name }) => name === "onnx")
    .map((engine) => ({ ...engine, devices: ["cpu"] }));
  const { engines, ranking } = await examine(folder, { measure: true, rows }, join(folder, "measurements.json"));
  const [device] = engines[0]!.devices;
  assert.ok(device?.available && device.measured !== null, JSON.stringify(device));
  assert.ok(device.measured.difference < 1e-5 && device.measured.agrees);
  assert.ok(device.measured.stepMilliseconds > 0.1 && device.measured.f32FlopsPerSecond! > 1e8);
  assert.is(device.measured.bf16FlopsPerSecond, null, "onnx has no bf16 on a CPU");
  assert.is(device.problem, null);
  assert.is(ranking.length, 1);
});

doctor("with --no-measure it looks and remembers nothing; absent devices have a remedy", ({ folder }) => {
  const cache = join(folder, "cache");
  const { status, stdout, stderr } = lnasc(["doctor", "--no-measure", "--json"], folder, "", { LNAS_CACHE: cache });
  assert.is(status, EXIT.ok, stderr);
  assert.match(stderr, /opening onnx on cpu/);
  const { engines, ranking, keptIn } = JSON.parse(stdout) as Examination;
  assert.equal([ranking, keptIn], [[], null]);
  assert.not(existsSync(join(cache, "measurements.json")));
  assert.equal(
    engines.map(({ name }) => name),
    engineRows().map(({ name }) => name),
  );
  const devices = engines.flatMap(({ name, devices }) => devices.map((device) => ({ ...device, name })));
  assert.ok(devices.some(({ name, device, available }) => name === "onnx" && device === "cpu" && available));
  for (const device of devices) if (!device.available) assert.ok((device.remedy ?? "").length > 10, device.reason);
  // Not installed in that cache folder.
  const tensorflow = devices.find(({ name, device }) => name === "tensorflow" && device === "cpu");
  assert.match(JSON.stringify(tensorflow), /not installed.*lnasc backend install tensorflow/);
  const text = lnasc(["doctor", "--no-measure", "--quiet"], folder, "", { LNAS_CACHE: cache });
  assert.match(
    text.stdout,
    /^lnas +\d[\s\S]*engines\n {2}ok {2}onnx cpu[\s\S]* {2}-- {2}tensorflow cpu: .*\n {6}remedy: /,
  );
  assert.is(text.stderr, "");
});

doctor("GPUs are those that nvidia-smi lists; without it there is none", async ({ folder }) => {
  assert.equal(await nvidiaGpus(join(folder, "nvidia-smi")), []);
  const tool = join(folder, "nvidia-smi");
  writeFileSync(
    tool,
    "#!/bin/sh\necho 'NVIDIA H100 80GB HBM3, 570.86.15, 81559'\necho 'NVIDIA GB10, 580.95.05, [N/A]'\n",
  );
  chmodSync(tool, 0o755);
  assert.equal(await nvidiaGpus(tool), [
    { name: "NVIDIA H100 80GB HBM3", driver: "570.86.15", memoryBytes: 81559 * 2 ** 20 },
    { name: "NVIDIA GB10", driver: "580.95.05", memoryBytes: 0 },
  ]);
  writeFileSync(tool, "#!/bin/sh\necho 'NVIDIA-SMI has failed' \nexit 9\n");
  assert.equal(await nvidiaGpus(tool), []);
});

doctor.run();
