/** Measures one part; the process that `bench/ranking.ts` starts for each. */
import { onnxExecutor } from "../../runtime/executors/onnx/engine.js";
import { stratifiedArchitectures } from "../../runtime/experiment/stage/ranking.js";
import { parametersOf, toArchitecture } from "../../runtime/search/index.js";
import { ARCHITECTURE_SEED, nameOf, type RankingAssignment } from "./assignment.js";
import { readLosses, writeLosses } from "./kept.js";
import { RECIPES } from "./recipes.js";
import { SUBJECTS } from "./subject.js";

async function measure({ setting, part, folder, threads }: RankingAssignment): Promise<void> {
  const { subject: name, lengths, architectures: count, rewardExamples } = setting;
  let { losses, seconds } = readLosses(folder, setting, part);
  if (losses.length === count) return;
  const subject = await SUBJECTS[name].open(await onnxExecutor({ threads }), lengths);
  const { space, maxParameters } = subject;
  const architectures = stratifiedArchitectures(space, maxParameters, count, ARCHITECTURE_SEED);
  const parameters = architectures.map((choices) => parametersOf(space, choices));
  const timed = async <T>(work: () => Promise<T>): Promise<T> => {
    const begun = performance.now();
    const value = await work();
    seconds += (performance.now() - begun) / 1000;
    return value;
  };
  if (part.kind === "super-network") {
    const question = { recipe: RECIPES[part.recipe]!, seed: part.seed, architectures, rewardExamples };
    losses = await timed(() => subject.superNetworkLosses(question));
    writeLosses(folder, setting, part, { losses, parameters, seconds });
  } else
    for (const choices of architectures.slice(losses.length)) {
      const ranks = toArchitecture(space, choices);
      losses = [...losses, await timed(() => subject.standAloneLoss(ranks, part.seed))];
      writeLosses(folder, setting, part, { losses, parameters, seconds });
    }
  await subject.dispose();
  console.log(`${nameOf(setting, part)}: ${seconds.toFixed(0)} s`);
}

await measure(JSON.parse(process.argv[2]!) as RankingAssignment);
