/** Every op's gradient against central differences, in double precision on the reference engine. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { GraphError } from "../../runtime/graph/errors.js";
import { gradients } from "../../runtime/graph/gradient.js";
import { type OpName, opNames, ops } from "../../runtime/graph/ops/index.js";
import { tensorsOf } from "../../runtime/graph/rewrite.js";
import type { HostTensor, Tensor } from "../../runtime/graph/types.js";
import { type OpCase, opCases, values } from "./op-cases.js";

const engine = referenceExecutor({ float64: true });
const test = suite("gradients");

/** The case's inputs as leaves, and a scalar loss that weighs every element of its result differently. */
function lossOf(b: GraphBuilder, { inputs, build }: OpCase): { loss: Tensor; leaves: Record<string, Tensor> } {
  const leaves = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => [name, b.input(name, shape, dtype)]),
  );
  const out = build(b, leaves);
  const result = out.dtype === "i32" ? b.cast(out) : out;
  const weights = values(result.shape, 0.3, 1.7, 23);
  const weighted = b.mul(result, b.constant(weights.data, weights.shape));
  return {
    loss: b.sum(
      weighted,
      weighted.shape.map((_, axis) => axis),
    ),
    leaves,
  };
}

async function checkCase(op: OpName, opCase: OpCase): Promise<void> {
  const b = new GraphBuilder();
  const { loss, leaves } = lossOf(b, opCase);
  const wrt = Object.entries(leaves).filter(([, leaf]) => leaf.dtype === "f32");
  const stopped = op === "stopGradient" ? ["x"] : [];
  const derived = gradients(
    b,
    loss,
    wrt.map(([, leaf]) => leaf),
  );
  const graph = b.finish({ loss, ...Object.fromEntries(wrt.map(([name], i) => [`d${name}`, derived[i]!])) });
  const compiled = await engine.compile(graph);
  const lossAt = async (inputs: Record<string, HostTensor>) => (await compiled.run(inputs)).loss!.data[0]!;
  const result = await compiled.run(opCase.inputs);
  for (const [name] of wrt) {
    const { data, shape, dtype } = opCase.inputs[name]!;
    const got = result[`d${name}`]!;
    assert.equal(got.shape, shape, `${op}: shape of the gradient of ${name}`);
    for (let i = 0; i < data.length; i++) {
      const h = 1e-5;
      const nudged = (step: number) =>
        lossAt({ ...opCase.inputs, [name]: { shape, dtype, data: (data as Float64Array).with(i, data[i]! + step) } });
      const difference = stopped.includes(name) ? 0 : ((await nudged(h)) - (await nudged(-h))) / (2 * h);
      const error = Math.abs(got.data[i]! - difference);
      assert.ok(
        error <= 1e-6 * (1 + Math.abs(difference)),
        `${op} d${name}[${i}]: ${got.data[i]} against ${difference}`,
      );
    }
  }
  await compiled.dispose();
}

for (const op of opNames)
  test(op, async () => {
    assert.ok(opCases[op].length > 0, "the op has a case");
    for (const opCase of opCases[op]) {
      const b = new GraphBuilder();
      const { loss, leaves } = lossOf(b, opCase);
      assert.ok(
        tensorsOf({ outputs: { loss }, updates: {} }).some((node) => node.op === op),
        "the case contains the op",
      );
      if (typeof ops[op].vjp === "string") assert.throws(() => gradients(b, loss, [leaves.x!]), isGraphErrorOf(op));
      else await checkCase(op, opCase);
    }
  });

function isGraphErrorOf(op: OpName): (error: Error) => boolean {
  return (error) => error instanceof GraphError && error.op === op;
}

test("a tensor the loss does not depend on has gradient zero", async () => {
  const b = new GraphBuilder();
  const [x, y] = [b.input("x", [2]), b.input("y", [3])];
  const [dy] = gradients(b, b.sum(x, [0]), [y]);
  const compiled = await engine.compile(b.finish({ dy: dy! }));
  assert.equal(Array.from((await compiled.run({ y: values([3]) })).dy!.data), [0, 0, 0]);
});

test("several uses of a tensor add up, and inner tensors can be asked for", async () => {
  const b = new GraphBuilder();
  const x = b.input("x", []);
  const square = b.mul(x, x);
  const [dx, dSquare] = gradients(b, b.add(b.mul(square, x), square), [x, square]);
  const compiled = await engine.compile(b.finish({ dx: dx!, dSquare: dSquare! }));
  const result = await compiled.run({ x: { shape: [], dtype: "f32", data: Float64Array.of(3) } });
  assert.is(result.dx!.data[0], 3 * 9 + 2 * 3);
  assert.is(result.dSquare!.data[0], 4);
});

test("frozen branches are not differentiated", () => {
  const b = new GraphBuilder();
  const [x, w, v] = [b.input("x", [4, 3]), b.weight("w", [3, 3]), b.state("v", [3, 2])];
  const loss = b.sum(b.matmul(b.tanh(b.matmul(x, w)), v), [0, 1]);
  const [dv] = gradients(b, loss, [v]);
  const products = tensorsOf(b.finish({ dv: dv! })).filter((node) => node.op === "matmul");
  assert.is(products.length, 2);
});

test("the pieces of a packed vector give one concatenated gradient", () => {
  const b = new GraphBuilder();
  const packed = b.state("packed", [100]);
  const pieces = Array.from({ length: 10 }, (_, i) => b.exp(b.slice(packed, 0, 10 * i, 10 * i + 10)));
  const [dPacked] = gradients(b, b.sum(b.concat(pieces, 0), [0]), [packed]);
  const kinds = tensorsOf(b.finish({ dPacked: dPacked! })).map((node) => node.op);
  assert.is(kinds.filter((op) => op === "pad").length, 0);
  assert.is(dPacked!.op, "concat");
});

test("a loss that is not a scalar is refused", () => {
  const b = new GraphBuilder();
  const x = b.input("x", [2]);
  assert.throws(() => gradients(b, x, [x]), /must be an f32 scalar/);
});

test.run();
