/** How fast an engine multiplies matrices on this machine: what times are planned with. */
import { GraphBuilder } from "../graph/builder.js";
import { flopsOf } from "../graph/ops/index.js";
import type { Executor } from "./executor.js";

/** What is multiplied and for how long. */
export interface RateOptions {
  /** [rows, width] x [width, width]: by default a batch of positions through a layer of a middling model. */
  readonly rows?: number;
  readonly width?: number;
  readonly milliseconds?: number;
}

/** Products in a row, so that what a run costs besides does not count. */
const PRODUCTS = 8;
const LEAST_RUNS = 3;

/**
 * Floating-point operations a second in products of f32 matrices: those of the fastest of many runs, since other processes can make a run
 * slower but not faster. Takes two seconds; an engine in plain TypeScript takes longer.
 */
export async function measureRate(
  executor: Executor,
  { rows = 512, width = 1024, milliseconds = 1500 }: RateOptions = {},
): Promise<number> {
  const b = new GraphBuilder();
  let value = b.input("x", [rows, width]);
  const weight = b.input("w", [width, width]);
  let flops = 0;
  for (let index = 0; index < PRODUCTS; index++) {
    value = b.matmul(value, weight);
    flops += flopsOf(value);
  }
  const executable = await executor.compile(b.finish({ sum: b.sum(value, [0, 1]) }), { label: "matrix rate" });
  const matrix = (height: number) => ({
    shape: [height, width],
    dtype: "f32" as const,
    // Products stay what they are: larger values would overflow, smaller ones end as denormal numbers, which are slow.
    data: new Float32Array(height * width).fill(1 / width),
  });
  const feeds = { x: matrix(rows), w: matrix(width) };
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
