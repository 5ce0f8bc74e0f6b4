import { test } from "uvu";
import * as assert from "uvu/assert";
import { randomStream } from "../../runtime/random/random.js";
import { studentQuantile, studentTwoSided } from "../../runtime/search/student-t.js";
import { twoPartQuantile, twoPartTwoSided } from "../../runtime/search/two-part-t.js";

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

test("one part, or two of which one is zero, is Student's t", () => {
  const one = [{ variance: 0.3, degreesOfFreedom: 4 }];
  const alone = [{ variance: 0, degreesOfFreedom: 900 }, ...one];
  for (const parts of [one, alone]) {
    near(twoPartQuantile(0.05, parts), studentQuantile(0.05, 4), 1e-12);
    near(twoPartTwoSided(2.5, parts), studentTwoSided(2.5, 4), 1e-12);
  }
});

test("the critical value is the parts' weighted by the parts, and p is where it lies", () => {
  const parts = [
    { variance: 3, degreesOfFreedom: 2 },
    { variance: 1, degreesOfFreedom: 1000 },
  ];
  const critical = 0.75 * 4.3027 + 0.25 * 1.9623;
  near(twoPartQuantile(0.05, parts), critical, 1e-4);
  for (const p of [1e-9, 1e-3, 0.05, 0.5]) {
    const t = twoPartQuantile(p, parts);
    near(twoPartTwoSided(t, parts) / p, 1, 1e-6);
    near(twoPartTwoSided(-t, parts) / p, 1, 1e-6);
  }
  near(twoPartTwoSided(0, parts), 1, 1e-6);
  assert.is(twoPartTwoSided(Infinity, parts), 0);
});

/** Shares of null experiments at |t| beyond the critical values, by Cochran and Cox and by Satterthwaite. */
function rates(seeds: number, ratio: number, level: number): readonly [number, number] {
  const draw = randomStream(11, `null experiments ${seeds} ${ratio}`);
  const [experiments, many] = [4000, 1500];
  const few = seeds - 1;
  const chiSquare = () => {
    let sum = 0;
    for (let at = 0; at < few; at++) sum += draw.normal() ** 2;
    return sum / few;
  };
  let [told, satterthwaite] = [0, 0];
  for (let at = 0; at < experiments; at++) {
    const mean = Math.sqrt(ratio + 1) * draw.normal();
    const ofSeeds = ratio * chiSquare();
    const variance = ofSeeds + 1;
    const t = Math.abs(mean) / Math.sqrt(variance);
    const parts = [
      { variance: ofSeeds, degreesOfFreedom: few },
      { variance: 1, degreesOfFreedom: many },
    ];
    if (t > twoPartQuantile(level, parts)) told++;
    if (studentTwoSided(t, variance ** 2 / (ofSeeds ** 2 / few + 1 / many)) <= level) satterthwaite++;
  }
  return [told / experiments, satterthwaite / experiments];
}

test("with three to five seeds the level holds whatever the parts' sizes, where Satterthwaite's does not", () => {
  let worst = 0;
  for (const seeds of [3, 4, 5])
    for (const ratio of [0.25, 1, 4, 10, 30]) {
      const [told, satterthwaite] = rates(seeds, ratio, 0.05);
      // Three standard errors of the simulation above the level.
      assert.ok(told <= 0.05 + 3 * Math.sqrt((0.05 * 0.95) / 4000), `${seeds} seeds, ratio ${ratio}: ${told}`);
      worst = Math.max(worst, satterthwaite);
    }
  assert.ok(worst > 0.07, `Satterthwaite at worst: ${worst}`);
});

test.run();
