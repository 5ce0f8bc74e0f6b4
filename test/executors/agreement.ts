/** Comparing results of engines. */
import * as assert from "uvu/assert";
import type { Executor } from "../../runtime/executors/executor.js";
import type { Graph, HostTensor, TypedArray } from "../../runtime/graph/types.js";

/** Fails unless every element differs by at most `tolerance` (1 + |expected|). */
export function assertClose(got: TypedArray, expected: TypedArray, tolerance: number, what: string): void {
  assert.is(got.length, expected.length, what);
  for (let i = 0; i < got.length; i++) {
    const error = Math.abs(got[i]! - expected[i]!);
    assert.ok(error <= tolerance * (1 + Math.abs(expected[i]!)), `${what}[${i}]: ${got[i]} against ${expected[i]}`);
  }
}

/** Runs a graph on two engines and fails unless every output has the same shape and dtype and close values. */
export async function assertAgreement(
  expecting: Executor,
  tested: Executor,
  graph: Graph,
  feeds: Record<string, HostTensor>,
  tolerance: number,
  what: string,
): Promise<void> {
  const [ours, theirs] = [await expecting.compile(graph), await tested.compile(graph)];
  const [expected, got] = [await ours.run(feeds), await theirs.run(feeds)];
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(got[name]!.shape, value.shape, `${what} ${name}`);
    assert.is(got[name]!.dtype, value.dtype);
    assertClose(got[name]!.data, value.data, tolerance, `${what} ${name}`);
  }
  await theirs.dispose();
}
