/** Times the scoring of candidates in a super-network: (example, architecture) pairs, many architectures in one batch. */
import { initialParameters } from "../../runtime/adapters/index.js";
import type { Executor } from "../../runtime/executors/executor.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { randomStream } from "../../runtime/random/random.js";
import { measuredNetwork } from "../measured-network.js";
import { randomExamples } from "../random-examples.js";
import { BATCH, SEQUENCE, TILES } from "../step-shapes.js";

export interface ScoringQuestion {
  /** Share of the backbone's modules that the search decides on, evenly spread over its depth; 0 to 1. */
  readonly share: number;
  readonly choices: readonly number[];
  readonly candidates: number;
  /** Examples that each candidate is scored on. */
  readonly examples: number;
  readonly rounds: number;
}

export interface ScoringTimes {
  readonly modules: number;
  /** Of all candidates, one for each round. */
  readonly seconds: readonly number[];
  /** Processor time of the same, of all threads. */
  readonly processorSeconds: readonly number[];
}

/** Scores random candidates `rounds` times, after a first time that compiles and is not counted. */
export async function timedScoring(
  executor: Executor,
  backbone: Backbone,
  { share, choices, candidates, examples: count, rounds }: ScoringQuestion,
): Promise<ScoringTimes> {
  const all = backbone.description.modules.filter(({ path }) => path !== "lm_head");
  const wanted = Math.round(share * all.length);
  const chosen = Array.from({ length: wanted }, (_, at) => all[Math.floor(((at + 0.5) * all.length) / wanted)]!);
  const sizes = { sequence: SEQUENCE, images: 1, tiles: TILES };
  const network = measuredNetwork({
    executor,
    backbone,
    sizes,
    modules: chosen.map(({ path }) => path),
    ranks: choices,
    batch: BATCH,
  });
  const examples = randomExamples(backbone, { ...sizes, batch: BATCH }, count);
  const pairs = Array.from({ length: candidates }, (_, at) => {
    const random = randomStream(1, "candidate", at);
    const own = chosen.map(() => random.integer(choices.length));
    return examples.map((example) => ({ example, choices: own }));
  }).flat();
  const parameters = initialParameters(network.parts.adapted, 1);
  const [seconds, processorSeconds]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const [begun, used] = [performance.now(), process.cpuUsage()];
    await network.score(parameters, pairs, { label: "scoring" });
    if (round === 0) continue;
    seconds.push((performance.now() - begun) / 1000);
    const { user, system } = process.cpuUsage(used);
    processorSeconds.push((user + system) / 1e6);
  }
  await network.dispose();
  return { modules: chosen.length, seconds, processorSeconds };
}
