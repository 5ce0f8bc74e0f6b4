/** Our side of bench/scoring.ts: the peer's batch as examples, its adapter as the super-network's parameters, architectures as masks. */

import { join } from "node:path";
import { importPeft } from "../runtime/adapters/index.js";
import type { Example } from "../runtime/data/example.js";
import type { Executor } from "../runtime/executors/executor.js";
import { openSafetensors, readIntegers } from "../runtime/formats/safetensors.js";
import { elementCount } from "../runtime/graph/shapes.js";
import type { Backbone, BatchShape } from "../runtime/models/backbone.js";
import { openBackbone } from "../runtime/models/index.js";
import { measuredNetwork } from "./measured-network.js";
import { batchFeeds } from "./step-ours.js";
import { SEQUENCE, TILES } from "./step-shapes.js";

/** Path -> rank. */
export type Candidate = Readonly<Record<string, number>>;

export interface PreparedScoring {
  /** The mean loss of each candidate over all examples, and how long all of them took. */
  score(
    candidates: readonly Candidate[],
  ): Promise<{ readonly milliseconds: number; readonly losses: readonly number[] }>;
  dispose(): Promise<void>;
}

/** The rows of the peer's batch of `count`. */
function examplesOf(folder: string, backbone: Backbone, count: number): Example[] {
  const shape: BatchShape = { batch: count, sequence: SEQUENCE, images: 1, tiles: TILES };
  const feeds = batchFeeds(folder, backbone, shape);
  const labels = readIntegers(openSafetensors(join(folder, "inputs.safetensors")), "labels");
  const ofImages = backbone
    .inputs(shape)
    .map(({ name }) => name)
    .filter((name) => !["input_ids", "attention_mask"].includes(name));
  const rowOf = (name: string, row: number) => {
    const {
      shape: [, ...rest],
      dtype,
      data,
    } = feeds[name]!;
    const width = elementCount(rest);
    return { shape: rest, dtype, data: data.slice(row * width, (row + 1) * width) };
  };
  return Array.from({ length: count }, (_, row) => ({
    id: `${row}`,
    contentHash: `${row}`,
    inputIds: rowOf("input_ids", row).data as Int32Array,
    labels: Int32Array.from(labels.slice(row * SEQUENCE, (row + 1) * SEQUENCE)),
    images: Object.fromEntries(ofImages.map((name) => [name, rowOf(name, row)])),
    answer: "",
  }));
}

/** `adapterFolder`: what the peer saved; `ranks`: the choices of every module. Scoring goes `4 x batch` examples at a time. */
export async function prepareScoring(
  engine: Executor,
  folder: string,
  adapterFolder: string,
  ranks: readonly number[],
  { examples: count, batch }: { readonly examples: number; readonly batch: number },
): Promise<PreparedScoring> {
  const backbone = openBackbone(folder);
  const { adapted, parameters, scale } = importPeft(adapterFolder, backbone.description.modules);
  const examples = examplesOf(folder, backbone, count);
  const network = measuredNetwork({
    executor: engine,
    backbone,
    sizes: { sequence: SEQUENCE, images: 1, tiles: TILES },
    modules: adapted.map(({ path }) => path),
    ranks,
    batch,
    scale,
  });
  return {
    score: async (candidates) => {
      const begun = performance.now();
      const choices = candidates.map((candidate) => adapted.map(({ path }) => ranks.indexOf(candidate[path]!)));
      const pairs = choices.flatMap((each) => examples.map((example) => ({ example, choices: each })));
      const losses = await network.score(parameters, pairs, { label: "scoring" });
      const means = candidates.map((_, at) => {
        const own = losses.subarray(at * count, (at + 1) * count);
        return own.reduce((sum, loss) => sum + loss, 0) / count;
      });
      return { milliseconds: performance.now() - begun, losses: means };
    },
    dispose: () => network.dispose(),
  };
}
