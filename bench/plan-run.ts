/** One super-network trained and scored in a process of its own, for bench/plan.ts: prints its memory and times as JSON. */
import { resolve } from "node:path";
import { openExecutor } from "../runtime/executors/index.js";
import { openBackbone } from "../runtime/models/index.js";
import { measuredNetwork } from "./measured-network.js";
import type { PlanCase, PlanRun } from "./plan-cases.js";
import { randomExamples } from "./random-examples.js";

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

/** Steps that fill the caches of the frozen part and are not counted. */
const WARM_UP = Math.ceil(count / batch);
const COUNTED = 8;

const executor = await openExecutor("onnx", { threads });
const backbone = openBackbone(resolve(folder));
const sizes = { sequence: tokens, images: 1, tiles };
const chosen = backbone.description.modules.filter(({ part }) => targets === "all" || part === targets);
const network = measuredNetwork({ executor, backbone, sizes, modules: chosen.map(({ path }) => path), ranks, batch });
const examples = randomExamples(backbone, { ...sizes, batch }, count);
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
