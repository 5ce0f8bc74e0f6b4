/** The smallest trainable problem: 0.5 x sum(c (w - t)²) over five weights in two segments, one of which decays. */
import type { Executable, Executor } from "../../runtime/executors/executor.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { packedLayout, unpackTensor } from "../../runtime/graph/packed.js";
import { type AdamW, TRAINING_STATE } from "../../runtime/training/adamw.js";
import { stepGraph } from "../../runtime/training/step-graph.js";

export const QUADRATIC_LAYOUT = packedLayout([
  { name: "w1", shape: [2] },
  { name: "w2", shape: [3], weightDecay: false },
]);
export const QUADRATIC_START = Float64Array.of(0.5, 0.1, -1, 2, 0.3);
export const QUADRATIC_ADAMW: AdamW = {
  learningRate: 0.05,
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-8,
  weightDecay: 0.1,
  clipNorm: 1.5,
};

/** The step compiled; the target t is fed as `target` [5]. */
export function compileQuadratic(executor: Executor, optimizer: AdamW): Promise<Executable> {
  const b = new GraphBuilder();
  const parameters = b.state(TRAINING_STATE.parameters, [QUADRATIC_LAYOUT.size]);
  const trainables = [...unpackTensor(b, parameters, QUADRATIC_LAYOUT).values()];
  const curvature = b.constant(Float32Array.of(1, 4, 0.25, 9, 2), [5]);
  const away = b.sub(b.concat(trainables, 0), b.input("target", [5]));
  const loss = b.mul(b.sum(b.mul(curvature, b.mul(away, away)), [0]), 0.5);
  return executor.compile(stepGraph(b, { loss, parameters, layout: QUADRATIC_LAYOUT, trainables, optimizer }));
}
