/** How fast an engine multiplies matrices on this machine: what times are planned with. */

import type { WeightStore } from "../formats/weights.js";
import { GraphBuilder } from "../graph/builder.js";
import { flopsOf } from "../graph/ops/index.js";
import type { Executor } from "./executor.js";

/** What is multiplied and for how long. */
export interface RateOptions {
  /** [rows, width] x [width, width]: by default a batch of positions through a layer of a middling model. */
  readonly rows?: number;
  readonly width?: number;
  readonly milliseconds?: number;
  /** Takes the right factors from here, under `rateWeight` names, so that they are held as an engine holds weights; default: they are fed. */
  readonly weights?: WeightStore;
}

/** Products in a row, so that what a run costs besides does not count. */
export const PRODUCTS = 8;

/** The name of the right factor of a product, by its number from 0. */
export const rateWeight = (product: number): string => `w${product}`;

const LEAST_RUNS = 3;

/**
 * Floating-point operations a second in products of matrices, of f32 unless the engine was opened with another precision: those of the fastest of many runs, since other processes can make a run
 * slower but not faster. Takes two seconds; an engine in plain TypeScript takes longer.
 */
export async function measureRate(
  executor: Executor,
  { rows = 512, width = 1024, milliseconds = 1500, weights }: RateOptions = {},
): Promise<number> {
  const b = new GraphBuilder();
  let value = b.input("x", [rows, width]);
  let flops = 0;
  for (let index = 0; index < PRODUCTS; index++) {
    const square = [width, width];
    value = b.matmul(value, weights === undefined ? b.input("w", square) : b.weight(rateWeight(index), square));
    flops += flopsOf(value);
  }
  const executable = await executor.compile(b.finish({ sum: b.sum(value, [0, 1]) }), {
    label: "matrix rate",
    ...(weights === undefined ? {} : { weights }),
  });
  const matrix = (height: number) => ({
    shape: [height, width],
    dtype: "f32" as const,
    // Products stay what they are: larger values would overflow, smaller ones end as denormal numbers, which are slow.
    data: new Float32Array(height * width).fill(1 / width),
  });
  const feeds = { x: matrix(rows), ...(weights === undefined ? { w: matrix(width) } : {}) };
  let fastest = Number.POSITIVE_INFINITY;
  const begun = performance.now();
  for (let runs = 0; runs < LEAST_RUNS || performance.now() - begun < milliseconds; runs++) {
    const start = performance.now();
    await executable.run(feeds);
    fastest = Math.min(fastest, performance.now() - start);
  }
  await executable.dispose();
  return (1000 * flops) / fastest;
}
