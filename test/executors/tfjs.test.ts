/**
 * The tfjs engine on each of its devices against the reference engine: every op, a training step, what its backends get wrong by themselves,
 * and that it leaves nothing behind. Devices that are not here are skipped, with the reason.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EngineUnavailableError, ExecutionError, type Executor, type Fetches } from "../../runtime/executors/index.js";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import type { Device } from "../../runtime/executors/tfjs/device/names.js";
import { type TfjsExecutor, tfjsExecutor } from "../../runtime/executors/tfjs/engine.js";
import { requirePackages } from "../../runtime/executors/tfjs/packages.js";
import { plainProducts } from "../../runtime/executors/tfjs/plain-products.js";
import { DeviceThread } from "../../runtime/executors/tfjs/thread.js";
import { threadsFor } from "../../runtime/executors/tfjs/threads.js";
import type { WeightInfo, WeightStore } from "../../runtime/formats/weights.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { opNames } from "../../runtime/graph/ops/index.js";
import { tensorsOf } from "../../runtime/graph/rewrite.js";
import type { Graph, HostTensor, Shape } from "../../runtime/graph/types.js";
import { caseGraph } from "../engines/case-graph.js";
import { worstError } from "../engines/worst-error.js";
import { indices, opCases, values } from "../graph/op-cases.js";
import { openTested, testedEngines } from "./engines.js";
import { transformerStep } from "./transformer-step.js";

const test = suite("the tfjs engine");
const exact = referenceExecutor({ float64: true });
const opened = new Map<Device, TfjsExecutor>();
for (const row of testedEngines.filter(({ engine }) => engine === "tfjs")) {
  const engine = await openTested(row);
  if (typeof engine === "string") console.log(`skipped: ${engine}`);
  else opened.set(row.device as Device, engine as TfjsExecutor);
}
const here = (device: Device): typeof test | typeof test.skip => (opened.has(device) ? test : test.skip);

async function results(engine: Executor, graph: Graph, feeds: Record<string, HostTensor>): Promise<Fetches> {
  const compiled = await engine.compile(graph);
  const fetches = await compiled.run(feeds);
  await compiled.dispose();
  return fetches;
}

async function assertAgrees(device: Device, graph: Graph, feeds: Record<string, HostTensor>, what: string) {
  const worst = worstError(await results(opened.get(device)!, graph, feeds), await results(exact, graph, feeds));
  assert.ok(worst <= 1e-5, `${what} on ${device} is off by ${worst}`);
}

const sizes = { batch: 2, tokens: 5, hidden: 8, heads: 2, layers: 2, rank: 3, vocabulary: 11 };

/** Losses of three steps, and the packed state after them. */
async function trained(engine: Executor) {
  const { graph, feeds } = transformerStep(sizes);
  const compiled = await engine.compile(graph);
  const { length } = await compiled.readState("packed");
  await compiled.writeState("packed", values([length], -0.5, 0.5, 3).data);
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) losses.push((await compiled.run(feeds)).loss!.data[0]!);
  const state = await compiled.readState("packed");
  assert.is((await compiled.readState("step"))[0], 3);
  await compiled.dispose();
  return { losses, state };
}
const expected = await trained(exact);

for (const device of ["wasm", "cpu", "webgpu"] as const) {
  here(device)(`${device}: every op agrees with the reference`, async () => {
    for (const op of opNames) {
      const { graph, feeds } = caseGraph(op, opCases[op], 1);
      await assertAgrees(device, graph, feeds, op);
    }
  });

  here(device)(`${device}: three AdamW steps of a transformer with LoRA`, async () => {
    const got = await trained(opened.get(device)!);
    got.losses.forEach((loss, step) => {
      assert.ok(Math.abs(loss - expected.losses[step]!) <= 1e-5, `loss ${loss} against ${expected.losses[step]}`);
    });
    const worst = Math.max(...Array.from(got.state, (x, i) => Math.abs(x - expected.state[i]!)));
    // Adam divides by the root of a squared gradient: where that is small, so is what rounding may do to the state.
    assert.ok(worst <= 1e-3, `the state is off by ${worst}`);
    console.log(`${device}: losses within 1e-5, state within ${worst.toExponential(1)} of the reference`);
  });

  here(device)(`${device}: a run leaves no tensor behind, nor does an executable, nor a run that fails`, async () => {
    const engine = opened.get(device)!;
    const before = await engine.liveTensors();
    const { graph, feeds } = transformerStep(sizes, false);
    const compiled = await engine.compile(graph);
    const counts: number[] = [];
    for (let step = 0; step < 4; step++) {
      await compiled.run(feeds);
      counts.push(await engine.liveTensors());
    }
    assert.equal(new Set(counts).size, 1, counts.join());
    assert.ok(counts[0]! > before);
    await compiled.run({ ...feeds, ids: { ...feeds.ids!, shape: [1] } }).then(
      () => assert.unreachable(),
      () => {},
    );
    assert.is(await engine.liveTensors(), counts[0]);
    await compiled.dispose();
    assert.is(await engine.liveTensors(), before);
  });

  here(device)(`${device}: the largest of several equal values is the first`, async () => {
    const b = new GraphBuilder();
    const x: HostTensor = { shape: [2, 70], dtype: "f32", data: new Float32Array(140).fill(1) };
    x.data[3] = x.data[40] = x.data[69] = x.data[70 + 50] = x.data[70 + 51] = 2;
    const [y] = Object.values(
      await results(opened.get(device)!, b.finish({ y: b.argmax(b.input("x", [2, 70])) }), { x }),
    );
    assert.equal(Array.from(y!.data), [3, 50]);
  });

  here(device)(`${device}: values of five and six axes`, async () => {
    const b = new GraphBuilder();
    const x = b.input("x", [2, 2, 1, 3, 2]);
    const repeated = b.broadcastTo(x, [2, 2, 3, 3, 2]);
    const outputs = {
      repeated: b.mul(repeated, b.input("y", [3, 3, 2])),
      turned: b.transpose(repeated, [4, 2, 0, 3, 1]),
      piece: b.slice(b.pad(repeated, 3, 1, 0), 1, 1, 2),
      summed: b.sum(repeated, [0, 2]),
      six: b.add(b.reshape(repeated, [2, 2, 3, 1, 3, 2]), b.input("z", [2, 1, 2])),
    };
    const feeds = { x: values([2, 2, 1, 3, 2]), y: values([3, 3, 2]), z: values([2, 1, 2]) };
    await assertAgrees(device, b.finish(outputs), feeds, "rank 5");
  });

  here(device)(`${device}: an index outside its table is an error, wherever it is used`, async () => {
    const b = new GraphBuilder();
    const ids = b.input("ids", [2], "i32");
    const turned = b.reshape(ids, [2, 1]);
    const graphs: Record<string, Graph> = {
      gather: b.finish({ y: b.gather(b.input("table", [3, 2]), turned) }),
      scatterAdd: b.finish({ y: b.scatterAdd(3, ids, b.input("rows", [2, 2])) }),
      oneHot: b.finish({ y: b.oneHot(turned, 3) }),
      crossEntropy: b.finish({ y: b.crossEntropy(b.input("logits", [2, 3]), ids) }),
    };
    for (const [op, graph] of Object.entries(graphs)) {
      const compiled = await opened.get(device)!.compile(graph, { label: "lookup" });
      const inputs = tensorsOf(graph).filter(({ op, dtype }) => op === "input" && dtype === "f32");
      const feeds = Object.fromEntries(inputs.map(({ name, shape }) => [name, values(shape)]));
      await compiled.run({ ...feeds, ids: indices([2], 0, 2) });
      for (const wrong of [-1, 3]) {
        const error = await compiled.run({ ...feeds, ids: indices([2], 0, wrong) }).catch((cause) => cause);
        assert.instance(error, ExecutionError);
        assert.match(error.message, new RegExp(`lookup: ${op}: index ${wrong} is not within 0..2`));
      }
      await compiled.dispose();
    }
  });
}

/** Shapes on which the fused product of the wasm backend is wrong: an inner size above 48 with a batch or a transpose. */
const products: readonly (readonly [x: Shape, y: Shape, ta: boolean, tb: boolean])[] = [
  [[3, 100], [100, 5], false, false],
  [[3, 100], [5, 100], false, true],
  [[100, 3], [100, 5], true, false],
  [[100, 3], [5, 100], true, true],
  [[2, 3, 100], [2, 100, 5], false, false],
  [[2, 3, 100], [2, 5, 100], false, true],
  [[2, 100, 3], [2, 100, 5], true, false],
  [[2, 1, 3, 100], [3, 5, 100], false, true],
  [[1, 2, 100, 3], [2, 1, 100, 1], true, false],
];

for (const device of ["wasm", "cpu", "webgpu"] as const)
  here(device)(`${device}: long products with a bias and a relu, batched and transposed`, async () => {
    for (const [left, right, transposeA, transposeB] of products) {
      const b = new GraphBuilder();
      const product = b.matmul(b.input("x", left), b.input("y", right), { transposeA, transposeB });
      const biased = b.add(product, b.input("bias", [product.shape.at(-1)!]));
      const outputs = { biased, rectified: b.maximum(biased, 0), negative: b.maximum(b.neg(biased), 0) };
      const feeds = { x: values(left), y: values(right, -1, 1, 3), bias: values([product.shape.at(-1)!], 5, 15) };
      await assertAgrees(device, b.finish(outputs), feeds, `[${left}] x [${right}]`);
    }
  });

here("wasm")("wasm: products have no transpose flags, and a frozen weight is transposed once", async () => {
  const { graph } = transformerStep(sizes);
  const flagged = (of: Graph) =>
    tensorsOf(of).filter(({ op, attributes }) => op === "matmul" && (attributes.transposeA || attributes.transposeB));
  assert.ok(flagged(graph).length > 0);
  assert.equal(flagged(plainProducts(graph)), []);
  const b = new GraphBuilder();
  const y = b.matmul(b.input("x", [2, 3]), b.weight("w", [4, 3]), { transposeB: true });
  const weights: WeightStore = {
    names: ["w"],
    info: (name): WeightInfo => ({ name, shape: [4, 3], dtype: "F32", file: "w", byteOffset: 0, byteLength: 48 }),
    read: () => Float32Array.from({ length: 12 }, (_, i) => i),
  };
  const engine = opened.get("wasm")!;
  const before = await engine.liveTensors();
  const compiled = await engine.compile(b.finish({ y }), { weights });
  assert.is(await engine.liveTensors(), before + 1);
  const { data } = (await compiled.run({ x: { shape: [2, 3], dtype: "f32", data: Float32Array.of(1, 0, 0, 0, 0, 1) } }))
    .y!;
  assert.equal(Array.from(data), [0, 3, 6, 9, 2, 5, 8, 11]);
  await compiled.dispose();
});

test("executables of several devices run side by side, and calls on one wait for each other", async () => {
  const engines = [...opened.values(), await tfjsExecutor({ device: "cpu" })];
  const graphs = await Promise.all(
    engines.map((engine) => {
      const b = new GraphBuilder();
      const total = b.add(b.state("total", [3]), b.matmul(b.input("x", [1, 3]), b.input("w", [3, 3])));
      return engine.compile(b.finish({ total }, { total: b.reshape(total, [3]) }));
    }),
  );
  const feeds = { x: values([1, 3]), w: values([3, 3]) };
  const runs = await Promise.all(
    Array.from({ length: 20 }, (_, step) => step % graphs.length).map((which) => graphs[which]!.run(feeds)),
  );
  runs.forEach((run, step) => {
    const first = runs[step % graphs.length]!.total!.data;
    const times = 1 + Math.floor(step / graphs.length);
    run.total!.data.forEach((x, i) => {
      assert.ok(Math.abs(x - times * first[i]!) <= 1e-5 * times);
    });
  });
  await engines.at(-1)!.close();
  const error = await graphs
    .at(-1)!
    .run(feeds)
    .catch((cause) => cause);
  assert.instance(error, ExecutionError);
  assert.match(error.message, /cpu device was lost/);
});

here("wasm")(
  "wasm: graphs of large products run on several threads, with the same results to the last bit",
  async () => {
    const b = new GraphBuilder();
    const product = (size: number) => b.matmul(b.input(`x${size}`, [size, 256]), b.input(`y${size}`, [256, 256]));
    const [small, large] = [b.finish({ y: product(16) }), b.finish({ y: product(512) })];
    assert.equal([threadsFor(small, 8), threadsFor(large, 2), threadsFor(large, 8)], [1, 2, 8]);
    const notices: string[] = [];
    const runs: Fetches[] = [];
    for (const threads of [1, 2]) {
      const engine = await tfjsExecutor({ device: "wasm", threads, notice: (message) => notices.push(message) });
      assert.match(engine.description, threads === 1 ? /wasm$/ : /wasm, up to 2 threads$/);
      runs.push(await results(engine, large, { x512: values([512, 256]), y512: values([256, 256]) }));
      await engine.close();
    }
    assert.equal(notices, []);
    assert.equal(runs[0], runs[1]);
  },
);

here("wasm")("wasm: memory that is not there is an error that says what to lower", async () => {
  const b = new GraphBuilder();
  const wide = b.matmul(b.input("column", [40_000, 1]), b.input("row", [1, 40_000]));
  const graph = b.finish({ y: b.sum(b.exp(wide), [0, 1]) });
  const compiled = await opened.get("wasm")!.compile(graph, { label: "wide" });
  const error = await compiled.run({ column: values([40_000, 1]), row: values([1, 40_000]) }).catch((cause) => cause);
  assert.instance(error, ExecutionError);
  assert.match(error.message, /wide: the tfjs engine's wasm device is out of memory/);
  assert.match(error.remedy, /Lower the batch/);
  await compiled.dispose();
  await trained(opened.get("wasm")!);
});

here("wasm")("wasm: threads that do not start are said", async () => {
  const thread = new DeviceThread({ device: "wasm", threads: 20 });
  const error = await thread.ask("open", {}).catch((cause) => cause);
  assert.match(error.message, /^8 of 20 threads started$/);
  await thread.stop();
});

here("webgpu")("webgpu: without a driver the engine is unavailable, and says what brings one", async () => {
  const names = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"];
  const before = names.map((name) => process.env[name]);
  for (const name of names) process.env[name] = "/nowhere/driver.json";
  try {
    const error = await tfjsExecutor({ device: "webgpu" }).catch((cause) => cause);
    assert.instance(error, EngineUnavailableError);
    assert.match(error.message, /does not start on webgpu: Dawn finds no graphics driver/);
    assert.match(error.remedy, /Vulkan driver/);
  } finally {
    names.forEach((name, i) => {
      if (before[i] === undefined) delete process.env[name];
      else process.env[name] = before[i];
    });
  }
});

here("webgpu")("webgpu: what a buffer cannot hold is an error, and the engine goes on", async () => {
  const b = new GraphBuilder();
  const wide = b.matmul(b.input("column", [40_000, 1]), b.input("row", [1, 40_000]));
  const compiled = await opened.get("webgpu")!.compile(b.finish({ y: b.sum(wide, [0, 1]) }), { label: "wide" });
  const error = await compiled.run({ column: values([40_000, 1]), row: values([1, 40_000]) }).catch((cause) => cause);
  assert.instance(error, ExecutionError);
  assert.match(error.message, /wide: the tfjs engine's webgpu device is out of memory: Buffer size/);
  assert.match(error.remedy, /Lower the batch/);
  await compiled.dispose();
  const x = values([2]);
  const c = new GraphBuilder();
  await assertAgrees("webgpu", c.finish({ y: c.exp(c.input("x", [2])) }), { x }, "exp");
});

test("a package that is not there is named with the command that brings it", () => {
  for (const device of ["wasm", "webgpu", "cpu"] as const)
    try {
      requirePackages(device, ["/nowhere"]);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, EngineUnavailableError);
      assert.match((error as EngineUnavailableError).message, /tfjs-core is not installed/);
      assert.match(
        (error as EngineUnavailableError).remedy,
        /^npm install --ignore-scripts @tensorflow\/tfjs-core@4\.22\.0 /,
      );
    }
});

test.run();
