/** How often a report claims something where there is nothing, and how often it sees what is there. Simulated: no training. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { corrected, difference } from "../../runtime/experiment/report/differences.js";
import { selectionFree } from "../../runtime/experiment/report/selection-free.js";
import { verdictOf } from "../../runtime/experiment/report/verdict.js";
import { randomStream } from "../../runtime/random/random.js";
import { pairedDifference, summarize } from "../../runtime/search/statistics.js";
import { studentTwoSided } from "../../runtime/search/student-t.js";

const EXPERIMENTS = 10_000;
const NO_TOKENS = { validation: [], test: [] };

interface World {
  readonly seeds: number;
  /** Finalists that validation chooses from. */
  readonly finalists: number;
  /** Deviation of a training, the same on validation and test: a lucky training is good on both. */
  readonly training: number;
  /** Deviation of each split on its own. */
  readonly split: number;
  /** What the first finalist gains in truth. */
  readonly gain?: number;
}

const draw = randomStream(17, "null experiments");

/** One experiment: finalists, uniform and random under shared seeds, all paired through what a seed does to every arm. */
function experiment({ seeds, finalists, training, split, gain = 0 }: World) {
  const ofSeed = Array.from({ length: seeds }, () => draw.normal());
  const arm = (name: string, shift: number) => {
    const losses = ofSeed.map((shared) => shared + shift + training * draw.normal());
    return {
      name,
      parameters: 1,
      validationLoss: losses.map((loss) => loss + split * draw.normal()),
      testLoss: losses.map((loss) => loss + split * draw.normal()),
      testExactMatch: [],
      testTokenAccuracy: [],
    };
  };
  const retrained = Array.from({ length: finalists }, (_, at) => arm(`finalist ${at}`, at === 0 ? -gain : 0));
  const [uniform, random] = [arm("uniform", 0), arm("random", 0)];
  const mean = (of: { readonly validationLoss: readonly number[] }) => summarize(of.validationLoss).mean;
  const searched = retrained.reduce((best, each) => (mean(each) < mean(best) ? each : best));
  return { retrained, searched, uniform, random };
}

/** What the report would say of it. */
function verdict(world: World) {
  const { searched, uniform, random } = experiment(world);
  const minus = (against: typeof uniform) => difference(searched, against, "test", NO_TOKENS, world.finalists)!;
  const overUniform = minus(uniform);
  const { kind } = verdictOf({
    searched,
    uniform,
    rivals: [uniform, random],
    overUniform,
    overRandom: minus(random),
    rivalsOverUniform: corrected([difference(random, uniform, "test", NO_TOKENS)!]),
    equalsPrior: false,
    chosenOrigin: "searched",
    finalists: world.finalists,
  });
  const { mean, standardError } = pairedDifference(searched.testLoss, uniform.testLoss);
  const naive = mean < 0 && studentTwoSided(mean / standardError, world.seeds - 1) <= 0.05;
  return { kind, overUniform, naive };
}

const NULL_WORLDS: readonly World[] = [
  { seeds: 3, finalists: 1, training: 1, split: 0.3 },
  { seeds: 4, finalists: 2, training: 1, split: 0 },
  { seeds: 5, finalists: 4, training: 1, split: 0.3 },
  { seeds: 8, finalists: 8, training: 1, split: 0 },
  { seeds: 5, finalists: 4, training: 0.3, split: 1 },
];

for (const world of NULL_WORLDS)
  test(`nothing to find, ${world.seeds} seeds, ${world.finalists} finalists: claims stay within the level`, () => {
    let [toldFromUniform, gains, naive] = [0, 0, 0];
    for (let at = 0; at < EXPERIMENTS; at++) {
      const said = verdict(world);
      if (said.overUniform.told) toldFromUniform++;
      if (said.kind === "better") gains++;
      if (said.naive) naive++;
    }
    const share = (count: number) => count / EXPERIMENTS;
    assert.ok(share(toldFromUniform) <= 0.06, `told from uniform: ${share(toldFromUniform)}`);
    assert.ok(share(gains) <= 0.03, `claims a gain: ${share(gains)}`);
    console.log(
      `told from uniform ${share(toldFromUniform)}, gains ${share(gains)}; gains without correction ${share(naive)}`,
    );
    // Why the correction is there: chosen by validation among many, the luckiest training looks like a gain.
    if (world.finalists >= 4 && world.split < world.training)
      assert.ok(share(naive) > 0.05, `without correction: ${share(naive)}`);
  });

test("a real gain of three times a training's deviation is seen", () => {
  let [seen, better] = [0, 0];
  const experiments = 2000;
  for (let at = 0; at < experiments; at++) {
    const { kind, overUniform } = verdict({ seeds: 5, finalists: 2, training: 1, split: 0.3, gain: 3 });
    if (overUniform.told && overUniform.mean < 0) seen++;
    if (kind === "better") better++;
  }
  console.log(`gain told from uniform ${seen / experiments}, and from random too ${better / experiments}`);
  assert.ok(seen / experiments > 0.85, `${seen / experiments}`);
  assert.ok(better / experiments > 0.75, `${better / experiments}`);
});

test("over runs, a choice by validation shifts the chosen and leaves the figure free of selection where it is", () => {
  const [chosen, free]: [number[], number[]] = [[], []];
  for (let at = 0; at < 4000; at++) {
    const { retrained, searched, uniform } = experiment({ seeds: 4, finalists: 4, training: 1, split: 0.3 });
    chosen.push(pairedDifference(searched.testLoss, uniform.testLoss).mean);
    free.push(selectionFree(retrained, uniform)!);
  }
  const [shifted, straight] = [summarize(chosen), summarize(free)];
  console.log(
    `chosen ${shifted.mean.toFixed(3)} ± ${shifted.standardError.toFixed(3)}, free of selection ${straight.mean.toFixed(3)} ± ${straight.standardError.toFixed(3)}`,
  );
  assert.ok(shifted.mean < -10 * shifted.standardError);
  assert.ok(Math.abs(straight.mean) < 3 * straight.standardError);
});

test.run();
