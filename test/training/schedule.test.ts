import { test } from "uvu";
import * as assert from "uvu/assert";
import { learningRateFactor, type Schedule, warmupSteps } from "../../runtime/training/schedule.js";

// transformers 4.57.6: get_cosine_schedule_with_warmup, get_cosine_with_min_lr_schedule_with_warmup (min_lr_rate 0.1),
// get_constant_schedule_with_warmup; 3 warm-up steps of 10.
const FROM_TRANSFORMERS: readonly (readonly [Schedule, readonly number[]])[] = [
  [
    { kind: "cosine", warmup: 0.3, floor: 0 },
    [
      0, 0.3333333333333333, 0.6666666666666666, 1, 0.9504844339512095, 0.8117449009293668, 0.6112604669781572,
      0.38873953302184283, 0.18825509907063326, 0.04951556604879048,
    ],
  ],
  [
    { kind: "cosine", warmup: 0.3, floor: 0.1 },
    [
      0, 0.3333333333333333, 0.6666666666666666, 1, 0.9554359905560885, 0.8305704108364301, 0.6501344202803414,
      0.44986557971965857, 0.26942958916356996, 0.14456400944391146,
    ],
  ],
  [{ kind: "constant", warmup: 0.3, floor: 0 }, [0, 0.3333333333333333, 0.6666666666666666, 1, 1, 1, 1, 1, 1, 1]],
];

test("factors equal those of transformers at every step", () => {
  for (const [schedule, expected] of FROM_TRANSFORMERS)
    expected.forEach((factor, step) => {
      assert.ok(Math.abs(learningRateFactor(schedule, step, 10) - factor) < 1e-15, `${schedule.kind} step ${step}`);
    });
});

test("warm-up steps are rounded up, and a share that is exact stays exact", () => {
  const schedule = (warmup: number): Schedule => ({ kind: "cosine", warmup, floor: 0 });
  assert.is(warmupSteps(schedule(0.03), 300), 9);
  assert.is(warmupSteps(schedule(0.03), 310), 10);
  assert.is(warmupSteps(schedule(0.07), 100), 7);
  assert.is(warmupSteps(schedule(0), 300), 0);
});

test("beyond its end a cosine stays at the floor", () => {
  assert.is(learningRateFactor({ kind: "cosine", warmup: 0.1, floor: 0.25 }, 50, 10), 0.25);
});

test.run();
