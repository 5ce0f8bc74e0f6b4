import { test } from "uvu";
import * as assert from "uvu/assert";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import { adamWFeeds, TRAINING_STATE } from "../../runtime/training/adamw.js";
import { compileQuadratic, QUADRATIC_ADAMW, QUADRATIC_LAYOUT, QUADRATIC_START } from "./quadratic.js";

// torch 2.15, float64: AdamW(lr .05, betas (.9, .98), weight_decay .1 on w1 and 0 on w2) after clip_grad_norm_(1.5); for each step the loss
// before the update, the gradient norm before clipping, the weights after it.
const FROM_TORCH: readonly (readonly [number, number, readonly number[]])[] = [
  [
    21.16,
    15.95054857990784,
    [0.5474999893663025, 0.04950000063295833, -0.9500000053168494, 1.9500000003938407, 0.2500000088614149],
  ],
  [
    19.977341149821456,
    15.45767177371795,
    [0.5946605248260721, -0.0007546802203753852, -0.8999822252104499, 1.90000271310686, 0.2003013067827952],
  ],
  [
    18.837501210686742,
    14.96621942211003,
    [0.641392167420657, -0.05077061515654124, -0.849934007458303, 1.8500103337500087, 0.15124215471888136],
  ],
  [
    17.740288905898193,
    14.476296278467665,
    [0.6875825082052844, -0.10055478944344708, -0.7998420900755352, 1.8000254041797488, 0.10332895441593823],
  ],
  [
    16.685410653718733,
    13.988007759285678,
    [0.7330897821724448, -0.15011462296485517, -0.7496925888668298, 1.7500508655758937, 0.05731041773735445],
  ],
  [
    15.672403395755564,
    13.501450150877462,
    [0.7777347811822091, -0.1994579960528462, -0.6994709818700241, 1.7000901187915374, 0.014256752588890656],
  ],
];

const target = { shape: [5], dtype: "f32", data: Float32Array.of(1, -2, 3, 0.5, 0) } as const;
const close = (actual: number, expected: number, tolerance: number, what: string) =>
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, ${expected}`,
  );

for (const [float64, tolerance] of [
  [true, 1e-11],
  [false, 2e-5],
] as const)
  test(`six steps equal PyTorch's, ${float64 ? "float64" : "float32"}`, async () => {
    const executable = await compileQuadratic(referenceExecutor({ float64 }), QUADRATIC_ADAMW);
    await executable.writeState(TRAINING_STATE.parameters, QUADRATIC_START);
    for (const [step, [loss, norm, weights]] of FROM_TORCH.entries()) {
      const scalars = adamWFeeds(QUADRATIC_ADAMW, QUADRATIC_LAYOUT, step, QUADRATIC_ADAMW.learningRate);
      const fetched = await executable.run({ target, ...scalars });
      close(fetched.loss!.data[0]!, loss, tolerance, `loss ${step}`);
      close(fetched.gradient_norm!.data[0]!, norm, tolerance, `norm ${step}`);
      const found = await executable.readState(TRAINING_STATE.parameters);
      weights.forEach((weight, index) => {
        close(found[index]!, weight, tolerance, `weight ${index} after step ${step}`);
      });
    }
  });

/** AdamW written out for one weight; the global norm is given. */
function plainAdamW(gradients: readonly number[], start: number, decays: boolean): number {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = QUADRATIC_ADAMW;
  let [w, m, v] = [start, 0, 0];
  gradients.forEach((gradient, index) => {
    if (decays) w -= learningRate * weightDecay * w;
    m = beta1 * m + (1 - beta1) * gradient;
    v = beta2 * v + (1 - beta2) * gradient ** 2;
    const step = index + 1;
    w -= (learningRate * (m / (1 - beta1 ** step))) / (Math.sqrt(v / (1 - beta2 ** step)) + epsilon);
  });
  return w;
}

test("without a clipping limit a weight follows the written-out rule", async () => {
  const optimizer = { ...QUADRATIC_ADAMW, clipNorm: 0 };
  const executable = await compileQuadratic(referenceExecutor({ float64: true }), optimizer);
  await executable.writeState(TRAINING_STATE.parameters, QUADRATIC_START);
  const gradients: number[] = [];
  for (let step = 0; step < 5; step++) {
    const [w] = await executable.readState(TRAINING_STATE.parameters);
    gradients.push(1 * (w! - 1));
    await executable.run({ target, ...adamWFeeds(optimizer, QUADRATIC_LAYOUT, step, optimizer.learningRate) });
  }
  const [w] = await executable.readState(TRAINING_STATE.parameters);
  close(w!, plainAdamW(gradients, QUADRATIC_START[0]!, true), 1e-12, "w");
});

test.run();
