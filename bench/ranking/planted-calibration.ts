/** The calibration task of `bench:planted` as a subject. */
import type { Executor } from "../../runtime/executors/executor.js";
import { TASKS } from "../planted/tasks.js";
import { Workbench } from "../planted/workbench.js";
import type { RankingSubject, TrainingLengths } from "./subject.js";

/** Opens the task; every super-network is a bench of its own recipe on the same lessons. */
export async function plantedCalibration(executor: Executor, lengths: TrainingLengths): Promise<RankingSubject> {
  const bench = await Workbench.open(TASKS.calibration, executor, { ...lengths, sampling: "extremes" });
  return {
    space: bench.space,
    maxParameters: bench.maxParameters,
    standAloneLoss: async (ranks, seed) => (await bench.retrained(ranks, seed)).validation,
    superNetworkLosses: async ({ recipe, seed, architectures, rewardExamples }) => {
      const network = await bench.superNetwork(seed, recipe);
      const losses = await bench.scoreEach(network, architectures, bench.lessons.reward.slice(0, rewardExamples));
      await network.dispose();
      return [...losses];
    },
    dispose: async () => {},
  };
}
