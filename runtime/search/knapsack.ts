/**
 * The exact multiple-choice knapsack: one choice for every gene, largest total value, total cost within the budget.
 *
 * Dynamic programming over the non-dominated (cost, value) states, gene by gene, where a state is dropped as soon as
 * the linear relaxation of the remaining genes (Sinha and Zoltners 1979: upper hulls merged by efficiency) cannot lift
 * it above a known solution. Genes whose choice the relaxation leaves in no doubt come first, so that few states ever
 * live (Pisinger 1995, "A minimal algorithm for the multiple-choice knapsack problem").
 *
 * Worst case: O(genes x choices^2 x W) time and O(genes x W) memory with W = budget / gcd of the costs, the textbook
 * bound. In practice the bound leaves some hundreds of states: 520 genes of 5 choices take milliseconds whatever the
 * size of the budget.
 */

/**
 * Costs and values of one gene's choices, of equal length. Costs are non-negative integers, values finite; neither need
 * be sorted.
 */
export interface KnapsackGene {
  readonly costs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

export interface KnapsackSolution {
  /** For every gene the index of its choice. */
  readonly choices: Uint8Array;
  readonly cost: number;
  readonly value: number;
}

/** One choice that no cheaper choice of its gene matches, with its index in the gene. */
interface Item {
  readonly index: number;
  readonly cost: number;
  readonly value: number;
}

/** A step between neighbours on a gene's upper hull. */
interface HullStep {
  readonly gene: number;
  readonly cost: number;
  readonly value: number;
  readonly item: number;
}

/**
 * Choices sorted by cost, dominated ones (no cheaper and no better than another) left out; the first is the cheapest.
 */
function undominated({ costs, values }: KnapsackGene): Item[] {
  const items = Array.from({ length: costs.length }, (_, index) => ({
    index,
    cost: costs[index]!,
    value: values[index]!,
  }));
  items.sort((a, b) => a.cost - b.cost || b.value - a.value || a.index - b.index);
  const kept: Item[] = [];
  for (const item of items) if (kept.length === 0 || item.value > kept.at(-1)!.value) kept.push(item);
  return kept;
}

/** The steps of the upper hull over cost; their efficiencies (value / cost) fall. */
function hullSteps(gene: number, items: readonly Item[]): HullStep[] {
  const hull: number[] = [];
  const slope = (a: number, b: number) => (items[b]!.value - items[a]!.value) / (items[b]!.cost - items[a]!.cost);
  items.forEach((_, at) => {
    while (hull.length >= 2 && slope(hull.at(-2)!, hull.at(-1)!) <= slope(hull.at(-1)!, at)) hull.pop();
    hull.push(at);
  });
  return hull.slice(1).map((item, at) => {
    const from = items[hull[at]!]!;
    return { gene, item, cost: items[item]!.cost - from.cost, value: items[item]!.value - from.value };
  });
}

/** Live states of the dynamic programme after some genes, sorted by cost, values rising. */
interface Layer {
  readonly costs: Float64Array;
  readonly values: Float64Array;
  /** Index in the layer before, and of the item taken. */
  readonly parents: Int32Array;
  readonly items: Uint8Array;
}

/**
 * Solves the problem exactly (to 1e-12 of the sum of the largest absolute values). Deterministic, also among equal
 * values. Null when even the cheapest choices cost more than the budget.
 */
export function solveKnapsack(genes: readonly KnapsackGene[], limit: number): KnapsackSolution | null {
  const items = genes.map(undominated);
  const floorCost = items.reduce((sum, list) => sum + list[0]!.cost, 0);
  if (floorCost > limit) return null;
  // Costs above the floor are multiples of their greatest common divisor: room that none can fill only loosens the
  // bounds.
  const unit = items.flatMap((list) => list.map(({ cost }) => cost - list[0]!.cost)).reduce(greatestCommonDivisor, 0);
  const budget = unit === 0 ? floorCost : floorCost + unit * Math.floor((limit - floorCost) / unit);
  const steps = items.flatMap((list, gene) => hullSteps(gene, list));
  steps.sort((a, b) => b.value / b.cost - a.value / a.cost || a.gene - b.gene || a.item - b.item);
  const greedy = fillGreedily(genes.length, steps, budget - floorCost);
  const tolerance = 1e-12 * items.reduce((sum, list) => sum + Math.max(...list.map(({ value }) => Math.abs(value))), 0);

  const order = byCertainty(items, greedy.hullItem, greedy.breakEfficiency);
  const placeOf = new Int32Array(genes.length);
  order.forEach((gene, place) => {
    placeOf[gene] = place;
  });

  let restCost = floorCost;
  let restValue = items.reduce((sum, list) => sum + list[0]!.value, 0);
  let best: { readonly value: number; readonly taken: Int32Array } = {
    value: restValue + greedy.gained,
    taken: greedy.items,
  };
  const layers: Layer[] = [];
  let layer: Layer = {
    costs: Float64Array.of(0),
    values: Float64Array.of(0),
    parents: Int32Array.of(-1),
    items: new Uint8Array(1),
  };
  for (const [place, gene] of order.entries()) {
    restCost -= items[gene]![0]!.cost;
    restValue -= items[gene]![0]!.value;
    const open = steps.filter((step) => placeOf[step.gene]! > place);
    const merged = extend(layer, items[gene]!, budget - restCost);
    layer = prune(merged, open, restValue, budget - restCost, best.value + tolerance);
    if (layer.costs.length === 0) break;
    layers.push(layer);
    for (let probe = 1; probe <= PROBES; probe++) {
      const state = Math.ceil((layer.costs.length * probe) / PROBES) - 1;
      const rest = fillGreedily(genes.length, open, budget - restCost - layer.costs[state]!);
      const value = layer.values[state]! + restValue + rest.gained;
      if (value > best.value) best = { value, taken: decisions(layers, order, state, rest.items) };
    }
  }
  const chosen = items.map((list, gene) => list[best.taken[gene]!]!);
  return {
    choices: Uint8Array.from(chosen, ({ index }) => index),
    cost: chosen.reduce((sum, { cost }) => sum + cost, 0),
    value: chosen.reduce((sum, { value }) => sum + value, 0),
  };
}

/**
 * States of each layer that are completed greedily, in the hope of a better known solution; the last one is the layer's
 * best.
 */
const PROBES = 4;

/** What led to a state of the last layer; genes still open are taken from `open`. */
function decisions(layers: readonly Layer[], order: readonly number[], state: number, open: Int32Array): Int32Array {
  const taken = Int32Array.from(open);
  let at = state;
  for (let place = layers.length - 1; place >= 0; place--) {
    taken[order[place]!] = layers[place]!.items[at]!;
    at = layers[place]!.parents[at]!;
  }
  return taken;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * The relaxation's solution and a feasible one near it: steps are taken in falling efficiency; the first that does not
 * fit is the break; later ones that fit are still taken, unless a step below them in the same gene was not.
 */
function fillGreedily(genes: number, steps: readonly HullStep[], slack: number) {
  const taken = new Int32Array(genes);
  const hullItem = new Int32Array(genes);
  const blocked = new Uint8Array(genes);
  let left = slack;
  let breakEfficiency = 0;
  let broken = false;
  let gained = 0;
  for (const step of steps) {
    if (!broken && step.cost > left) {
      broken = true;
      breakEfficiency = step.value / step.cost;
    }
    if (blocked[step.gene] !== 0 || step.cost > left) {
      blocked[step.gene] = 1;
      continue;
    }
    left -= step.cost;
    gained += step.value;
    taken[step.gene] = step.item;
    if (!broken) hullItem[step.gene] = step.item;
  }
  return { items: taken, hullItem, breakEfficiency, gained };
}

/**
 * Genes in falling order of what another choice than the relaxation's would lose at the break's price for a unit of
 * cost.
 */
function byCertainty(
  items: readonly (readonly Item[])[],
  hullItem: ArrayLike<number>,
  price: number,
): readonly number[] {
  const worth = ({ value, cost }: Item) => value - price * cost;
  const loss = items.map((list, gene) => {
    const best = worth(list[hullItem[gene]!]!);
    return Math.min(...list.map((item, at) => (at === hullItem[gene] ? Number.POSITIVE_INFINITY : best - worth(item))));
  });
  return items.map((_, gene) => gene).sort((a, b) => loss[b]! - loss[a]! || a - b);
}

/**
 * All states with one more gene decided, merged in order of cost; dominated ones and those above `limit` are left out.
 */
function extend(layer: Layer, items: readonly Item[], limit: number): Layer {
  const size = layer.costs.length * items.length;
  const costs = new Float64Array(size);
  const values = new Float64Array(size);
  const parents = new Int32Array(size);
  const chosen = new Uint8Array(size);
  const heads = new Int32Array(items.length);
  let count = 0;
  for (;;) {
    let next = -1;
    let cost = Number.POSITIVE_INFINITY;
    let value = Number.NEGATIVE_INFINITY;
    for (let item = 0; item < items.length; item++) {
      const head = heads[item]!;
      if (head >= layer.costs.length) continue;
      const itsCost = layer.costs[head]! + items[item]!.cost;
      const itsValue = layer.values[head]! + items[item]!.value;
      if (itsCost < cost || (itsCost === cost && itsValue > value)) {
        next = item;
        cost = itsCost;
        value = itsValue;
      }
    }
    if (next < 0 || cost > limit) break;
    if (count === 0 || value > values[count - 1]!) {
      costs[count] = cost;
      values[count] = value;
      parents[count] = heads[next]!;
      chosen[count] = next;
      count++;
    }
    heads[next]!++;
  }
  return {
    costs: costs.subarray(0, count),
    values: values.subarray(0, count),
    parents: parents.subarray(0, count),
    items: chosen.subarray(0, count),
  };
}

/** Keeps the states that the relaxation of the open genes can still lift above `threshold`. */
function prune(layer: Layer, open: readonly HullStep[], restValue: number, limit: number, threshold: number): Layer {
  const kept: number[] = [];
  let step = open.length;
  let filledCost = open.reduce((sum, { cost }) => sum + cost, 0);
  let filledValue = open.reduce((sum, { value }) => sum + value, 0);
  for (let state = 0; state < layer.costs.length; state++) {
    // States come in rising cost, so the room for the open genes only shrinks: whole steps are given back from the
    // least efficient on.
    const room = limit - layer.costs[state]!;
    while (step > 0 && filledCost > room) {
      step--;
      filledCost -= open[step]!.cost;
      filledValue -= open[step]!.value;
    }
    const part = step < open.length ? (open[step]!.value * (room - filledCost)) / open[step]!.cost : 0;
    if (layer.values[state]! + restValue + filledValue + part > threshold) kept.push(state);
  }
  return {
    costs: Float64Array.from(kept, (state) => layer.costs[state]!),
    values: Float64Array.from(kept, (state) => layer.values[state]!),
    parents: Int32Array.from(kept, (state) => layer.parents[state]!),
    items: Uint8Array.from(kept, (state) => layer.items[state]!),
  };
}
