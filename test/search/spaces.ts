/** Small spaces that tests can go through one by one. */
import { type ChoiceVector, type SearchSpace, spaceOf } from "../../runtime/search/rank-space.js";

/** A space of modules `m0`, `m1`, ...: the cost of a rank (input + output size) and the ranks of each. */
export function spaceFrom(modules: readonly (readonly [cost: number, ranks: readonly number[]])[]): SearchSpace {
  const facts = modules.map(([cost], at) => ({
    path: `m${at}`,
    inFeatures: Math.floor(cost / 2),
    outFeatures: Math.ceil(cost / 2),
    kind: `kind${at % 2}`,
    part: "language",
    layer: Math.floor(at / 2),
  }));
  return spaceOf(Object.fromEntries(modules.map(([, ranks], at) => [`m${at}`, ranks])), [], facts);
}

/** Every point of a space. */
export function* everyChoice(space: SearchSpace): Generator<ChoiceVector> {
  const choices = new Uint8Array(space.genes.length);
  for (;;) {
    yield Uint8Array.from(choices);
    let gene = 0;
    while (gene < choices.length && choices[gene]! + 1 === space.genes[gene]!.choices.length) choices[gene++] = 0;
    if (gene === choices.length) return;
    choices[gene]!++;
  }
}
