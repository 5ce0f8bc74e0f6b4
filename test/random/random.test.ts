import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomStream } from "../../runtime/random/random.js";

test("a stream depends on seed, purpose and counters, and on nothing else", () => {
  const draw = (...key: [number, string, ...number[]]) => {
    const stream = randomStream(...key);
    return [stream.uniform(), stream.integer(1000), stream.normal()];
  };
  assert.equal(draw(7, "order", 3), draw(7, "order", 3));
  const others = [draw(8, "order", 3), draw(7, "mask", 3), draw(7, "order", 4), draw(7, "order", 3, 0)];
  for (const other of others) assert.not.equal(other, draw(7, "order", 3));
});

test("the distributions have their moments", () => {
  const stream = randomStream(1, "moments");
  const count = 20000;
  let sum = 0;
  let squares = 0;
  let uniforms = 0;
  const hits = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const x = stream.normal();
    sum += x;
    squares += x * x;
    uniforms += stream.uniform();
    hits[stream.integer(3)]!++;
  }
  assert.ok(Math.abs(sum / count) < 0.03);
  assert.ok(Math.abs(squares / count - 1) < 0.05);
  assert.ok(Math.abs(uniforms / count - 0.5) < 0.01);
  for (const hit of hits) assert.ok(Math.abs(hit / count - 1 / 3) < 0.015);
});

test("a permutation holds every index once and moves", () => {
  const order = randomStream(2, "permutation").permutation(100);
  assert.equal(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
  assert.not.equal(
    [...order],
    [...order].sort((a, b) => a - b),
  );
});

test.run();
