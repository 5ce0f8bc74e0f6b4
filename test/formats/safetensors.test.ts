import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16 } from "../../runtime/formats/half.js";
import { openSafetensors, openWeights, readIntegers } from "../../runtime/formats/safetensors.js";
import { writeSafetensors } from "../../runtime/formats/safetensors-writer.js";
import { WeightError } from "../../runtime/formats/weights.js";

const suite = makeSuite<{ folder: string }>("safetensors");
suite.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-safetensors-"));
});
suite.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const F32 = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });

/** A file from a header (an object or raw text) and a number of value bytes. */
function fileOf(folder: string, header: object | string | Buffer, dataBytes: number, headerLength?: bigint): string {
  const text =
    header instanceof Buffer ? header : Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(headerLength ?? BigInt(text.length));
  const file = join(folder, "model.safetensors");
  writeFileSync(file, Buffer.concat([length, text, Buffer.alloc(dataBytes)]));
  return file;
}

function failure(action: () => unknown): WeightError {
  try {
    action();
  } catch (error) {
    assert.instance(error, WeightError);
    assert.ok((error as WeightError).remedy.length > 10 && (error as WeightError).place !== undefined);
    return error as WeightError;
  }
  throw new assert.Assertion({ message: "nothing was thrown", generated: false, operator: "throws" } as never);
}

suite("what is written is read back, in both float forms, always as the same bytes", ({ folder }) => {
  const tensors = {
    "b.weight": { shape: [2, 3], data: Float32Array.of(1, -2.5, 3e-5, 4e8, 0, -0) },
    ids: { shape: [2], data: Int32Array.of(7, -100) },
    "a.bias": F32(0.1, 0.2),
  };
  const file = join(folder, "x.safetensors");
  writeSafetensors(file, tensors, "F32", { made: "here" });
  const first = readFileSync(file);
  const store = openSafetensors(file);
  assert.equal(store.names, ["ids", "a.bias", "b.weight"]);
  assert.equal(store.metadata, { format: "pt", made: "here" });
  assert.equal(store.read("b.weight"), tensors["b.weight"].data);
  assert.equal(readIntegers(store, "ids"), tensors.ids.data);
  assert.equal(store.info("b.weight").shape, [2, 3]);
  writeSafetensors(file, Object.fromEntries(Object.entries(tensors).reverse()), "F32", { made: "here" });
  assert.equal(readFileSync(file), first);
  writeSafetensors(file, tensors, "BF16");
  assert.is(openSafetensors(file).info("a.bias").dtype, "BF16");
  assert.equal(openSafetensors(file).read("a.bias"), Float32Array.of(0.10009765625, 0.2001953125));
  assert.equal(readdirSync(folder), ["x.safetensors"], "no temporary file is left");
});

suite("half precision", () => {
  assert.equal(
    float16ToFloat32(Uint16Array.of(0x3c00, 0xc000, 0x7bff, 1, 0x7c00)),
    Float32Array.of(1, -2, 65504, 2 ** -24, Number.POSITIVE_INFINITY),
  );
  assert.ok(Number.isNaN(float16ToFloat32(Uint16Array.of(0x7e00))[0]));
  // Ties go to the even neighbour: 1 + 2^-8 lies between 1 and 1 + 2^-7; 1 + 3·2^-8 between 1 + 2^-7 and 1 + 2^-6.
  assert.equal(
    bfloat16ToFloat32(float32ToBfloat16([1 + 2 ** -8, 1 + 3 * 2 ** -8, -1e39])),
    Float32Array.of(1, 1 + 2 ** -6, Number.NEGATIVE_INFINITY),
  );
  assert.ok(Number.isNaN(bfloat16ToFloat32(float32ToBfloat16([Number.NaN]))[0]));
});

const entry = (begin: number, end: number, shape: readonly number[] = [(end - begin) / 4], dtype = "F32") => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

suite("damaged files are refused on opening, with the tensor at fault", ({ folder }) => {
  const cases: readonly [what: RegExp, header: object | string | Buffer, dataBytes: number, length?: bigint][] = [
    [/header claims 9223372036854775807 bytes/, {}, 0, 2n ** 63n - 1n],
    [/truncated: the header claims 99 bytes/, {}, 0, 99n],
    [/not valid JSON/, '{"a": ', 0],
    [/not a JSON object/, "[]", 0],
    [/tensor a: truncated: its bytes end at 16, but the file holds 15/, { a: entry(0, 16) }, 15],
    [/tensor b: its bytes overlap those of a/, { a: entry(0, 8), b: entry(4, 12) }, 12],
    [/tensor b: 4 bytes before it belong to no tensor/, { a: entry(0, 8), b: entry(12, 16) }, 16],
    [/4 bytes at the end of the file belong to no tensor/, { a: entry(0, 8) }, 12],
    [/tensor a: F32\[3\] takes 12 bytes, its data_offsets span 8/, { a: entry(0, 8, [3]) }, 8],
    [/tensor a: data_offsets \[8, 0\] run backwards/, { a: entry(8, 0, [2]) }, 8],
    [/tensor a: dtype F8_E4M3 is not supported/, { a: entry(0, 8, [8], "F8_E4M3") }, 8],
    [
      /tensor a: its header entry lacks a dtype or a shape/,
      { a: { dtype: "F32", shape: [-1], data_offsets: [0, 0] } },
      0,
    ],
    [/tensor a: its header entry lacks data_offsets/, { a: { dtype: "F32", shape: [1], data_offsets: [0, 1.5] } }, 8],
    [
      /tensor a: the name appears twice/,
      `{"a":${JSON.stringify(entry(0, 4))},"\\u0061":${JSON.stringify(entry(4, 8))}}`,
      8,
    ],
    [/__metadata__ is not a map of strings/, { __metadata__: { format: 1 } }, 0],
    [/__metadata__ is not a map of strings/, { __metadata__: [] }, 0],
    [/__metadata__ is not a map of strings/, { __metadata__: null }, 0],
    [
      /tensor a: its header entry has data_offsets twice/,
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8],"data_offsets":[0,4]}}',
      4,
    ],
    // Numbers that are none, negative, infinite, or more than a number can count.
    [/not valid JSON/, '{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}', 4],
    [/tensor a: its header entry lacks a dtype or a shape/, { a: entry(0, 4, [Number.NaN]) }, 4],
    [/tensor a: its header entry lacks a dtype or a shape/, { a: entry(0, 4, [1e300]) }, 4],
    [/tensor a: its header entry lacks data_offsets/, { a: entry(-4, 0, [1]) }, 4],
    [/tensor a: F32\[94906267, 94906267\] takes 36028798063501150 bytes/, { a: entry(0, 4, [94906267, 94906267]) }, 4],
    [/tensor a: dtype toString is not supported/, { a: entry(0, 4, [1], "toString") }, 4],
    [/tensor a: its header entry lacks a dtype or a shape/, { a: null }, 0],
    // Text that is not UTF-8, or does not begin with a brace, or nests as deep as a stack.
    [/not valid JSON/, Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 0],
    [/not valid JSON/, "\ufeff{}", 0],
    [/not valid JSON/, "[".repeat(1_000_000), 0],
    [/not valid JSON/, '{"a":'.repeat(100_000), 0],
  ];
  for (const [what, header, dataBytes, length] of cases)
    assert.match(failure(() => openSafetensors(fileOf(folder, header, dataBytes, length))).message, what);
  writeFileSync(join(folder, "short.safetensors"), "abc");
  assert.match(failure(() => openSafetensors(join(folder, "short.safetensors"))).message, /3 bytes are too few/);
  assert.match(failure(() => openSafetensors(join(folder, "none.safetensors"))).message, /no such file/);
});

suite("a header of a gigabyte is refused by its length, without memory for it", ({ folder }) => {
  const file = join(folder, "model.safetensors");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(1_000_000_000n);
  writeFileSync(file, length);
  // A file with a hole: it is that long, and takes no room.
  truncateSync(file, 1_200_000_000);
  const before = process.memoryUsage().rss;
  assert.match(failure(() => openSafetensors(file)).message, /the header claims 1000000000 bytes/);
  assert.ok(process.memoryUsage().rss - before < 50e6);
});

suite("bytes that went after the file was opened are missed, not read from elsewhere", ({ folder }) => {
  const file = fileOf(folder, { a: entry(0, 8), b: entry(8, 16) }, 16);
  const store = openSafetensors(file);
  truncateSync(file, statSync(file).size - 4);
  assert.equal(store.read("a"), new Float32Array(2));
  assert.match(failure(() => store.read("b")).message, /ended while it was being read/);
});

suite("a file cut anywhere is refused", ({ folder }) => {
  const file = join(folder, "x.safetensors");
  writeSafetensors(file, { a: F32(1, 2, 3), b: F32(4) });
  const whole = readFileSync(file);
  for (let size = 0; size < whole.length; size += 5) {
    writeFileSync(file, whole.subarray(0, size));
    failure(() => openSafetensors(file));
  }
});

suite("a missing tensor is answered with the nearest name", ({ folder }) => {
  const file = fileOf(folder, { "model.layers.0.q_proj.weight": entry(0, 4) }, 4);
  const store = openSafetensors(file);
  assert.match(failure(() => store.info("model.layer.0.q_proj.weight")).message, /nearest name is model\.layers\.0/);
  assert.match(failure(() => store.read("elsewhere")).message, /no tensor elsewhere$/);
});

suite("shards are read through the index", ({ folder }) => {
  const index = (map: Record<string, unknown>) =>
    writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map: map }));
  assert.match(failure(() => openWeights(folder)).message, /neither model\.safetensors nor/);
  writeSafetensors(join(folder, "m-1.safetensors"), { a: F32(1) });
  writeSafetensors(join(folder, "m-2.safetensors"), { b: F32(2, 3) });
  index({ a: "m-1.safetensors", b: "m-2.safetensors" });
  const store = openWeights(folder);
  assert.equal([...store.names].sort(), ["a", "b"]);
  assert.equal(store.read("b"), Float32Array.of(2, 3));
  index({ a: "m-1.safetensors", b: "m-1.safetensors" });
  assert.match(failure(() => openWeights(folder)).message, /tensor b is listed in m-1\.safetensors but is not there/);
  index({ a: "../m-1.safetensors" });
  assert.match(failure(() => openWeights(folder)).message, /not the name of a safetensors file in this folder/);
  index({ a: "m-3.safetensors" });
  const missing = failure(() => openWeights(folder));
  assert.match(missing.message, /lists m-3\.safetensors \(for tensor a, among others\), which is not there/);
  assert.match(missing.place ?? "", /index\.json$/);
  for (const shard of [4, null, "..\\m-1.safetensors/", "m\0.safetensors/x"]) {
    index({ a: shard });
    failure(() => openWeights(folder));
  }
  writeSafetensors(join(folder, "m-2.safetensors"), { a: F32(1), b: F32(2, 3) });
  index({ a: "m-1.safetensors", b: "m-2.safetensors" });
  assert.match(failure(() => openWeights(folder)).message, /tensor a is in m-1\.safetensors too/);
});

suite.run();
