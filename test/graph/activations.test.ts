/** Activations made of other ops, against their definitions and central differences. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import { geluTanh, quickGelu } from "../../runtime/graph/activations.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { gradients } from "../../runtime/graph/gradient.js";

const test = suite("activations");

const DEFINITIONS = [
  [quickGelu, (x: number) => x / (1 + Math.exp(-1.702 * x))],
  [geluTanh, (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))],
] as const;

for (const [activation, definition] of DEFINITIONS)
  test(activation.name, async () => {
    const b = new GraphBuilder();
    const x = b.input("x", [13]);
    const y = activation(b, x);
    const [dx] = gradients(b, b.sum(y, [0]), [x]);
    const compiled = await referenceExecutor({ float64: true }).compile(b.finish({ y, dx: dx! }));
    const data = Float64Array.from({ length: 13 }, (_, at) => at - 6);
    const result = await compiled.run({ x: { shape: [13], dtype: "f32", data } });
    const h = 1e-5;
    data.forEach((at, index) => {
      assert.ok(Math.abs(result.y!.data[index]! - definition(at)) < 1e-12, `${at}`);
      const slope = (definition(at + h) - definition(at - h)) / (2 * h);
      assert.ok(Math.abs(result.dx!.data[index]! - slope) < 1e-8, `slope at ${at}`);
    });
  });

test.run();
