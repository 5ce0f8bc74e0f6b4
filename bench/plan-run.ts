/** One super-network trained and scored in a process of its own, for bench/plan.ts: prints its memory and times as JSON. */
import { resolve } from "node:path";
import type { Example } from "../runtime/data/example.js";
import { openExecutor } from "../runtime/executors/index.js";
import type { Backbone, BatchShape } from "../runtime/models/backbone.js";
import { openBackbone } from "../runtime/models/index.js";
import { randomStream } from "../runtime/random/random.js";
import { SuperNetwork } from "../runtime/training/super-network.js";
import type { PlanCase, PlanRun } from "./plan-cases.js";

const {
  folder,
  targets,
  ranks,
  batch,
  tokens,
  tiles,
  examples: count,
  threads,
} = JSON.parse(process.argv[2]!) as PlanCase;

/** Random tokens about random images; the last four tokens are the answer. */
function randomExamples({ inputs, vocabularySize }: Backbone, shape: BatchShape): Example[] {
  const images = inputs({ ...shape, batch: 1 }).filter(({ name }) => !["input_ids", "attention_mask"].includes(name));
  return Array.from({ length: count }, (_, index): Example => {
    const random = randomStream(1, "examples", index);
    const inputIds = Int32Array.from({ length: shape.sequence }, () => random.integer(vocabularySize));
    const labels = inputIds.map((id, at) => (at >= inputIds.length - 4 ? id : -100));
    const values = images.map(({ name, shape: [, ...size], dtype }) => {
      const length = size.reduce((product, dimension) => product * dimension, 1);
      const data =
        dtype === "i32"
          ? new Int32Array(length).fill(1)
          : Float32Array.from({ length }, () => (name === "pixel_values" ? random.normal() : 1));
      return [name, { shape: size, dtype, data }] as const;
    });
    return {
      id: `${index}`,
      contentHash: `${index}`,
      inputIds,
      labels,
      images: Object.fromEntries(values),
      answer: "",
    };
  });
}

/** Steps that fill the caches of the frozen part and are not counted. */
const WARM_UP = Math.ceil(count / batch);
const COUNTED = 8;

const executor = await openExecutor("onnx", { threads });
const backbone = openBackbone(resolve(folder));
const sizes = { sequence: tokens, images: 1, tiles };
const chosen = backbone.description.modules.filter(({ part }) => targets === "all" || part === targets);
const network = new SuperNetwork({
  executor,
  backbone,
  sizes,
  genes: chosen.map(({ path }) => ({ modules: [path], choices: ranks })),
  scale: 2,
  training: {
    steps: 1000,
    batch,
    optimizer: { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
    schedule: { kind: "constant", warmup: 0, floor: 0 },
    dropout: 0,
  },
  sampling: "uniform",
});
const examples = randomExamples(backbone, { ...sizes, batch });
const stepMs: number[] = [];
let last = performance.now();
const { state } = await network.train({
  label: "super-network",
  examples,
  seed: 1,
  steps: WARM_UP + COUNTED,
  onStep: () => {
    stepMs.push(performance.now() - last);
    last = performance.now();
  },
});
const pairs = examples.map((example) => ({ example, choices: chosen.map(() => 1) }));
await network.score(state.parameters!, pairs, { label: "scoring" });
let scoringMs = Number.POSITIVE_INFINITY;
for (let round = 0; round < 3; round++) {
  const begun = performance.now();
  await network.score(state.parameters!, pairs, { label: "scoring" });
  scoringMs = Math.min(scoringMs, (performance.now() - begun) / pairs.length);
}
const result: PlanRun = {
  peakBytes: process.resourceUsage().maxRSS * 1024,
  stepMs: Math.min(...stepMs.slice(WARM_UP)),
  scoringMs,
};
console.log(JSON.stringify(result));
