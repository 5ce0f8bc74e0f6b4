/** Minimum cuts against trying every cut of small networks. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FlowNetwork } from "../../runtime/graph/passes/minimum-cut.js";

const test = suite("minimum cut");
const VERTICES = 7;
const [SOURCE, SINK] = [0, 1];
type Edge = readonly [from: number, to: number, capacity: number];

const capacityOf = (edges: readonly Edge[], side: ReadonlySet<number>): number =>
  edges.reduce((sum, [from, to, capacity]) => (side.has(from) && !side.has(to) ? sum + capacity : sum), 0);

/** The smallest of the cheapest source sides, by trying all of them. */
function bestSide(edges: readonly Edge[]): ReadonlySet<number> {
  let best = new Set([SOURCE]);
  for (let mask = 1; mask < 1 << VERTICES; mask += 2) {
    if ((mask >> SINK) & 1) continue;
    const side = new Set(Array.from({ length: VERTICES }, (_, i) => i).filter((i) => (mask >> i) & 1));
    const difference = capacityOf(edges, side) - capacityOf(edges, best);
    if (difference < 0 || (difference === 0 && side.size < best.size)) best = side;
  }
  return best;
}

const vertex = fc.nat(VERTICES - 1);
const networks = fc.array(fc.tuple(vertex, vertex, fc.nat(9)), { maxLength: 20 });

test("random networks", () => {
  fc.assert(
    fc.property(networks, (edges) => {
      const network = new FlowNetwork(VERTICES);
      for (const [from, to, capacity] of edges) network.addEdge(from, to, capacity);
      const side = network.sourceSide(SOURCE, SINK);
      assert.ok(side.has(SOURCE) && !side.has(SINK));
      assert.equal([...side].sort(), [...bestSide(edges)].sort());
    }),
    { numRuns: 300, seed: 3 },
  );
});

test("a long chain needs no deep stack", () => {
  const length = 50_000;
  const network = new FlowNetwork(length);
  for (let i = 0; i + 1 < length; i++) network.addEdge(i, i + 1, i === 30_000 ? 1 : Number.POSITIVE_INFINITY);
  assert.is(network.sourceSide(0, length - 1).size, 30_001);
});

test.run();
