import { test } from "uvu";
import * as assert from "uvu/assert";
import { consecutiveBatches, shuffledBatches } from "../../runtime/training/batches.js";

test("every epoch holds every example once, in its own order, and batches cross its end", () => {
  const order = shuffledBatches(10, 4, 7);
  const seen = Array.from({ length: 5 }, (_, step) => [...order(step)]).flat();
  const first = seen.slice(0, 10);
  const second = seen.slice(10, 20);
  const all = Array.from({ length: 10 }, (_, index) => index);
  assert.equal([...first].sort(), all);
  assert.equal([...second].sort(), all);
  assert.not.equal(first, second);
});

test("a step's batch does not depend on the steps asked before", () => {
  const forward = shuffledBatches(100, 16, 3);
  for (let step = 0; step < 40; step++) forward(step);
  for (const step of [0, 17, 39]) assert.equal(forward(step), shuffledBatches(100, 16, 3)(step));
  assert.not.equal(shuffledBatches(100, 16, 3)(0), shuffledBatches(100, 16, 4)(0));
});

test("fewer examples than a batch holds", () => {
  assert.is(shuffledBatches(3, 8, 1)(0).length, 8);
  assert.throws(() => shuffledBatches(0, 8, 1), /batches of 8 from 0/);
});

test("evaluation goes through everything once", () => {
  assert.equal(
    consecutiveBatches(5, 2).map((batch) => [...batch]),
    [[0, 1], [2, 3], [4]],
  );
});

test.run();
