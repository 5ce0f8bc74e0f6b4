import { test } from "uvu";
import * as assert from "uvu/assert";
import { holm } from "../../runtime/search/holm.js";
import { studentQuantile, studentTwoSided } from "../../runtime/search/student-t.js";

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

test("quantiles are those of the tables", () => {
  // Two-sided 95 % by degrees of freedom, then 99 %.
  const table: readonly (readonly [number, number, number])[] = [
    [0.05, 1, 12.7062],
    [0.05, 2, 4.3027],
    [0.05, 3, 3.1824],
    [0.05, 4, 2.7764],
    [0.05, 9, 2.2622],
    [0.05, 30, 2.0423],
    [0.05, 1e6, 1.96],
    [0.01, 3, 5.8409],
    [0.01, 10, 3.1693],
  ];
  for (const [p, freedom, t] of table) near(studentQuantile(p, freedom), t, 1e-4);
});

test("with one and two degrees of freedom the probability has a closed form", () => {
  for (const t of [0.1, 1, 3, 50]) {
    near(studentTwoSided(t, 1), 1 - (2 / Math.PI) * Math.atan(t), 1e-13);
    near(studentTwoSided(-t, 2), 1 - t / Math.sqrt(2 + t * t), 1e-13);
  }
  assert.is(studentTwoSided(0, 5), 1);
  assert.is(studentTwoSided(Infinity, 5), 0);
});

test("quantile and probability undo each other, whole or broken degrees of freedom", () => {
  for (const freedom of [1, 2.5, 3, 7.3, 200])
    for (const p of [1e-6, 0.01, 0.05, 0.5, 1]) near(studentTwoSided(studentQuantile(p, freedom), freedom), p, 1e-10);
});

test("Holm's correction: the smallest times their number, never falling", () => {
  const adjusted = holm([0.04, 0.01, 0.03]);
  for (const [at, expected] of [0.06, 0.03, 0.06].entries()) near(adjusted[at]!, expected, 1e-12);
  assert.equal(holm([0.9, 0.8]), [1, 1]);
  assert.equal(holm([]), []);
});

test.run();
