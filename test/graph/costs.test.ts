/** The cost columns of the op table: floating-point operations and bytes, by hand for a few ops and sane for all. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { bytesMovedBy, flopsOf, opNames } from "../../runtime/graph/ops/index.js";
import { tensorsOf } from "../../runtime/graph/rewrite.js";
import type { Tensor } from "../../runtime/graph/types.js";
import { opCases } from "./op-cases.js";

const test = suite("costs");

/** Ops that only give a buffer another shape, name or time. */
const WITHOUT_BUFFER = ["reshape", "stopGradient", "after"];

test("every op states finite costs, and bytes unless it moves nothing", () => {
  for (const op of opNames)
    for (const { inputs, build } of opCases[op]) {
      const b = new GraphBuilder();
      const leaves = Object.fromEntries(
        Object.entries(inputs).map(([name, { shape, dtype }]) => [name, b.input(name, shape, dtype)]),
      );
      const found = tensorsOf({ outputs: { out: build(b, leaves) }, updates: {} }).filter((node) => node.op === op);
      assert.ok(found.length > 0, op);
      for (const node of found) {
        assert.ok(Number.isSafeInteger(flopsOf(node)) && flopsOf(node) >= 0, `${op}: ${flopsOf(node)} operations`);
        assert.ok(Number.isSafeInteger(bytesMovedBy(node)), `${op}: ${bytesMovedBy(node)} bytes`);
        assert.is(bytesMovedBy(node) === 0, WITHOUT_BUFFER.includes(op), `${op}: ${bytesMovedBy(node)} bytes`);
      }
    }
});

const costs = (node: Tensor) => [flopsOf(node), bytesMovedBy(node)];

test("bytes are inputs once and the result once, but for ops that read less", () => {
  const b = new GraphBuilder();
  const [x, y, i] = [b.input("x", [8, 6]), b.input("y", [6, 4]), b.input("i", [3], "i32")];
  assert.equal(costs(b.matmul(x, y)), [2 * 8 * 6 * 4, 4 * (48 + 24 + 32)]);
  assert.equal(costs(b.add(x, b.input("row", [6]))), [48, 4 * (48 + 6 + 48)]);
  assert.equal(costs(b.slice(x, 0, 2, 5)), [0, 2 * 4 * 18], "a slice reads what it writes");
  assert.equal(costs(b.gather(x, i)), [0, 4 * (2 * 18 + 3)], "a gather reads the rows asked for, and the indices");
  assert.equal(costs(b.reshape(x, [6, 8])), [0, 0]);
  assert.equal(costs(b.softmax(x)), [5 * 48, 2 * 4 * 48]);
});

test.run();
