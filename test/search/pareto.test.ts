import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { hypervolume, kneeOf, nonDominatedSort, paretoFront, type TradeOff } from "../../runtime/search/pareto.js";

const points = (...pairs: [number, number][]): TradeOff[] => pairs.map(([cost, loss]) => ({ cost, loss }));
const dominates = (a: TradeOff, b: TradeOff) =>
  a.cost <= b.cost && a.loss <= b.loss && (a.cost < b.cost || a.loss < b.loss);
const some = fc.array(fc.record({ cost: fc.integer({ min: 0, max: 8 }), loss: fc.integer({ min: 0, max: 8 }) }), {
  maxLength: 24,
});

test("fronts are those of peeling by definition", () => {
  fc.assert(
    fc.property(some, (given) => {
      const expected = new Int32Array(given.length).fill(-1);
      for (let front = 0; expected.includes(-1); front++) {
        const open = [...given.keys()].filter((at) => expected[at] === -1);
        for (const at of open.filter((each) => !open.some((other) => dominates(given[other]!, given[each]!))))
          expected[at] = front;
      }
      assert.equal(nonDominatedSort(given), expected);
    }),
    { numRuns: 1000, seed: 11 },
  );
});

test("a front is monotone, dominates all that is not on it, and none of its points another", () => {
  fc.assert(
    fc.property(some, (given) => {
      const front = paretoFront(given);
      for (let at = 1; at < front.length; at++)
        assert.ok(front[at]!.cost > front[at - 1]!.cost && front[at]!.loss < front[at - 1]!.loss);
      for (const point of given)
        assert.ok(
          front.some((other) => dominates(other, point) || (other.cost === point.cost && other.loss === point.loss)),
        );
    }),
    { numRuns: 1000, seed: 12 },
  );
});

test("hypervolume, computed by hand", () => {
  // Three steps below (4, 5): (2-1)x(5-4) + (3-2)x(5-2) + (4-3)x(5-1) = 1 + 3 + 4.
  assert.is(hypervolume(points([1, 4], [2, 2], [3, 1]), { cost: 4, loss: 5 }), 8);
  // What is dominated, repeated, or not better than the reference adds nothing.
  assert.is(hypervolume(points([1, 4], [2, 2], [2, 2], [3, 3], [3, 1], [4, 0], [0, 5]), { cost: 4, loss: 5 }), 8);
  assert.is(hypervolume(points([1, 2]), { cost: 3, loss: 5 }), 6);
  assert.is(hypervolume([], { cost: 3, loss: 5 }), 0);
});

test("hypervolume is the area counted cell by cell", () => {
  fc.assert(
    fc.property(some, (given) => {
      let cells = 0;
      for (let cost = 0; cost < 8; cost++)
        for (let loss = 0; loss < 8; loss++)
          if (given.some((point) => point.cost <= cost && point.loss <= loss)) cells++;
      assert.is(hypervolume(given, { cost: 8, loss: 8 }), cells);
    }),
    { numRuns: 500, seed: 13 },
  );
});

test("the knee is where the front bends most; a straight front has none", () => {
  // Scaled by 10 and 8, depths below the line from (0, 8) to (10, 0): 0, .425, .5, .275, 0.
  assert.equal(kneeOf(points([0, 8], [2, 3], [4, 0.8], [7, 0.2], [10, 0])), { cost: 4, loss: 0.8 });
  assert.is(kneeOf(points([0, 2], [1, 1], [2, 0])), null);
  assert.is(kneeOf(points([0, 2], [2, 0])), null);
  assert.is(kneeOf(points([1, 1])), null);
  assert.is(kneeOf([]), null);
  // Bulging upwards: every point is above the line.
  assert.is(kneeOf(points([0, 2], [1, 1.9], [2, 0])), null);
});

test.run();
