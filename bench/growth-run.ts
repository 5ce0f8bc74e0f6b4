/** One case of bench/growth.ts in a process of its own: prints time and memory of a training step, or of scoring, as JSON. */
import { openExecutor } from "../runtime/executors/index.js";
import { openBackbone } from "../runtime/models/index.js";
import type { GrowthCase, GrowthResult } from "./growth-cases.js";
import { measuredNetwork } from "./measured-network.js";
import { randomExamples } from "./random-examples.js";

const question = JSON.parse(process.argv[2]!) as GrowthCase;
const { folder, modules, rank, tiles, tokens, batch, candidates, threads } = question;

const executor = await openExecutor("onnx", { threads });
const backbone = openBackbone(folder);
const sizes = { sequence: tokens, images: 1, tiles };
const chosen = backbone.description.modules.slice(0, modules);
const network = measuredNetwork({
  executor,
  backbone,
  sizes,
  modules: chosen.map(({ path }) => path),
  ranks: [0, rank],
  batch,
});
const examples = randomExamples(backbone, { ...sizes, batch }, batch);

/** Steps that are timed, after one that compiles and one that warms up. */
const STEPS = 6;
const stepMs: number[] = [];
let last = performance.now();
const { state } = await network.train({
  label: "super-network",
  examples,
  seed: 1,
  steps: 2 + STEPS,
  onStep: () => {
    stepMs.push(performance.now() - last);
    last = performance.now();
  },
});
let scoringMs = 0;
if (candidates > 0) {
  const pairs = Array.from({ length: candidates }, (_, candidate) =>
    examples.map((example) => ({ example, choices: chosen.map((_, module) => (candidate + module) % 2) })),
  ).flat();
  await network.score(state.parameters!, pairs, { label: "scoring" });
  const begun = performance.now();
  await network.score(state.parameters!, pairs, { label: "scoring" });
  scoringMs = performance.now() - begun;
}
const result: GrowthResult = {
  stepMs: Math.min(...stepMs.slice(2)),
  scoringMs,
  peakBytes: 1024 * process.resourceUsage().maxRSS,
};
console.log(JSON.stringify(result));
