/** How the onnx engine gets at weights: by offset in their own files, of every type and from every place, packed and mapped. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openExecutor } from "../../runtime/executors/index.js";
import { leavesOf } from "../../runtime/executors/leaves.js";
import { lowerGraph } from "../../runtime/executors/onnx/lower-graph.js";
import { PACKED_BYTES, placeWeights, WEIGHT_FORMS, weightForm } from "../../runtime/executors/onnx/weights.js";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import { float32ToBfloat16 } from "../../runtime/formats/half.js";
import { openWeights, type SafetensorsStore } from "../../runtime/formats/safetensors.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import type { Graph, HostTensor, TypedArray } from "../../runtime/graph/types.js";
import { values } from "../graph/op-cases.js";

const test = suite("weights of the onnx engine");
const [rows, columns] = [6, 8];
const shape = [rows, columns];

type Stored = readonly [name: string, dtype: string, shape: readonly number[], data: ArrayBufferView];

/** A shard whose header has any length, so that values may start at any byte, as other writers than ours allow. */
function writeShard(file: string, tensors: readonly Stored[]): void {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const [name, dtype, size, { byteLength }] of tensors) {
    header[name] = { dtype, shape: size, data_offsets: [offset, offset + byteLength] };
    offset += byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.byteLength));
  const bytes = tensors.map(([, , , view]) => Buffer.from(view.buffer, view.byteOffset, view.byteLength));
  writeFileSync(file, Buffer.concat([length, json, ...bytes]));
}

/** Halves of small integers are exact: 2^k steps of the mantissa. */
function float16Of(numbers: ArrayLike<number>): Uint16Array {
  return Uint16Array.from(numbers, (value) => {
    if (value === 0) return 0;
    const exponent = Math.floor(Math.log2(Math.abs(value)));
    const mantissa = Math.round((Math.abs(value) / 2 ** exponent - 1) * 1024);
    return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | mantissa;
  });
}

const numbers = Float32Array.from({ length: rows * columns }, (_, i) => ((i * 7) % 19) - 9);

/** A folder with a checkpoint of three shards, one of them elsewhere and linked to, as in a Hugging Face cache. */
function checkpoint(folder: string): SafetensorsStore {
  const [model, blobs] = [join(folder, "snapshot"), join(folder, "blobs")];
  mkdirSync(model);
  mkdirSync(blobs);
  const shards: Record<string, readonly Stored[]> = {
    "model-1.safetensors": [
      ["odd", "U8", [3], Uint8Array.of(1, 2, 3)],
      ["f32", "F32", shape, numbers],
    ],
    "model-2.safetensors": [
      ["bf16", "BF16", shape, float32ToBfloat16(numbers)],
      ["f16", "F16", shape, float16Of(numbers)],
    ],
    "model-3.safetensors": [
      ["i64", "I64", [columns], BigInt64Array.from({ length: columns }, (_, i) => BigInt(i - 3))],
      ["table", "BF16", [9, columns], float32ToBfloat16(values([9, columns]).data)],
    ],
  };
  for (const [name, tensors] of Object.entries(shards)) writeShard(join(blobs, name), tensors);
  for (const name of Object.keys(shards)) symlinkSync(join("..", "blobs", name), join(model, name));
  const map = Object.fromEntries(
    Object.entries(shards).flatMap(([name, tensors]) => tensors.map(([tensor]) => [tensor, name])),
  );
  writeFileSync(join(model, "model.safetensors.index.json"), JSON.stringify({ weight_map: map }));
  return openWeights(model);
}

/** Every weight as a factor, a shared one, a table, and in another shape than it is stored in. */
function everyUse(): { readonly graph: Graph; readonly feeds: Record<string, HostTensor> } {
  const b = new GraphBuilder();
  const x = b.input("x", [4, columns]);
  const weight = (name: string, size = shape) => b.weight(name, size);
  const [bf16, f16] = [weight("bf16"), weight("f16")];
  const hidden = b.matmul(x, bf16, { transposeB: true });
  const graph = b.finish({
    f32: b.matmul(x, weight("f32"), { transposeB: true }),
    bf16: b.add(hidden, 1),
    again: b.matmul(b.tanh(hidden), bf16),
    f16: b.mul(f16, 2),
    sum: b.add(bf16, f16),
    i64: b.mul(x, weight("i64", [columns])),
    u8: b.neg(weight("odd", [3])),
    rows: b.gather(weight("table", [9, columns]), b.input("ids", [2, 2], "i32")),
    pieces: b.sub(b.slice(f16, 0, 0, 2), b.slice(f16, 0, 4, 6)),
    turned: b.reshape(bf16, [columns, rows]),
    itself: bf16,
  });
  const ids: HostTensor = { shape: [2, 2], dtype: "i32", data: Int32Array.of(0, 8, 3, 3) };
  return { graph, feeds: { x: values([4, columns]), ids } };
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "lnas-test-"));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function assertSame(got: TypedArray, expected: TypedArray, what: string): void {
  assert.is(got.length, expected.length, what);
  for (let i = 0; i < got.length; i++)
    assert.ok(
      Math.abs(got[i]! - expected[i]!) <= 2e-6 * (1 + Math.abs(expected[i]!)),
      `${what}[${i}]: ${got[i]} against ${expected[i]}`,
    );
}

for (const form of WEIGHT_FORMS)
  test(`${form}: shards of every type, linked from another folder, at any byte`, () =>
    inFolder(async (folder) => {
      const weights = checkpoint(folder);
      const { graph, feeds } = everyUse();
      const expected = await (await referenceExecutor().compile(graph, { weights })).run(feeds);
      const engine = await openExecutor("onnx", { threads: 1, settings: { weights: form } });
      const compiled = await engine.compile(graph, { weights });
      for (let run = 0; run < 2; run++)
        for (const [name, { data, shape: size }] of Object.entries(await compiled.run(feeds))) {
          assert.equal(size, expected[name]!.shape, name);
          assertSame(data, expected[name]!.data, name);
        }
      await compiled.dispose();
    }));

test("weights that are stored as floats are not read but named by their offset", () =>
  inFolder(async (folder) => {
    const store = checkpoint(folder);
    const { graph } = everyUse();
    const read: string[] = [];
    const { placed, root } = placeWeights(leavesOf(graph).weights, {
      ...store,
      read: (name) => {
        read.push(name);
        return store.read(name);
      },
    });
    assert.equal(read.sort(), ["i64", "odd"]);
    assert.ok(root !== undefined && folder.startsWith(root));
    const { model } = lowerGraph(graph, placed, "weights");
    const outside = model.initializers.filter(({ data }) => !(data instanceof Uint8Array)).map(({ name }) => name);
    assert.equal(outside.sort(), ["bf16", "f16", "f32", "table"].map((name) => `weight/${name}`).sort());
  }));

test("mapped weights are cast where they are used, packed ones once, and of a table only the rows looked up", () =>
  inFolder(async (folder) => {
    const b = new GraphBuilder();
    const [w, table] = [b.weight("bf16", shape), b.weight("table", [9, columns])];
    const hidden = b.matmul(b.input("x", [4, columns]), w, { transposeB: true });
    const graph = b.finish({ y: b.matmul(hidden, w), rows: b.gather(table, b.input("ids", [2], "i32")) });
    const { placed } = placeWeights(leavesOf(graph).weights, checkpoint(folder));
    const casts = (form: "packed" | "mapped") =>
      lowerGraph(graph, placed, "casts", { form })
        .model.nodes.filter(({ opType }) => opType === "Cast")
        .map(({ inputs }) => inputs[0]!);
    assert.equal(casts("packed").sort(), ["weight/bf16", "weight/table"]);
    const mapped = casts("mapped");
    assert.is(mapped.filter((name) => name === "weight/bf16").length, 2);
    assert.not(mapped.includes("weight/table"));
  }));

test("the form of weights follows their size", () => {
  const sized = (elements: number) => {
    const b = new GraphBuilder();
    return weightForm(leavesOf(b.finish({ y: b.weight("w", [elements]) })).weights);
  };
  assert.is(sized(PACKED_BYTES / 4), "packed");
  assert.is(sized(PACKED_BYTES / 4 + 1), "mapped");
});

test.run();
