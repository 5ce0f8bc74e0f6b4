/** Measures what is missing of one search seed; the process that `bench/paper.ts` starts for each. */
import { onnxExecutor } from "../../runtime/executors/onnx/engine.js";
import { type ChoiceVector, parametersOf, smallest, toArchitecture } from "../../runtime/search/index.js";
import { Workbench } from "../planted/workbench.js";
import { PAPER_ARMS, type PaperChoice } from "./arms.js";
import { type PaperAssignment, type PaperResult, type PaperSeed, readSeed, writeSeed } from "./results.js";
import { BUDGET_RANK, PAPER_CHOICES, PAPER_TASK } from "./task.js";

async function measure({ seed, folder, threads, options }: PaperAssignment): Promise<void> {
  const known = readSeed(folder, seed, options);
  const missing = Object.entries(PAPER_ARMS).filter(([name]) => known?.arms[name] === undefined);
  if (missing.length === 0) return;
  const { steps, superNetworkSteps, sampling, rates } = options;
  const bench = await Workbench.open(PAPER_TASK, await onnxExecutor({ threads }), {
    ...{ steps, superNetworkSteps, sampling },
    choices: PAPER_CHOICES,
    budgetRank: BUDGET_RANK,
  });
  const { space, task, maxParameters } = bench;

  /** Retrained at every rate; the one with the lowest validation loss counts. */
  const retrained = async ({ choices, seconds, moved }: PaperChoice): Promise<PaperResult> => {
    const ranks = toArchitecture(space, choices);
    const tried: PaperResult[] = [];
    for (const rate of rates)
      tried.push({
        ...(await bench.retrained(ranks, seed, rate)),
        ...bench.described(choices),
        ...{ rate, seconds, moved },
      });
    return tried.reduce((best, other) => (other.validation < best.validation ? other : best));
  };

  const network = await bench.superNetwork(seed);
  let results: Omit<PaperSeed, "settings"> = known ?? {
    seed,
    planted: Object.keys(task.secret).length,
    maxParameters,
    oracle: await retrained({ choices: oracleOf(bench), seconds: 0, moved: null }),
    arms: {},
  };
  for (const [name, arm] of missing) {
    const result = await retrained(await arm(bench, network));
    results = { ...results, arms: { ...results.arms, [name]: result } };
    writeSeed(folder, results, options);
    console.log(
      `seed ${seed}: ${name.padEnd(44)} KL ${result.test.toFixed(4)}, oracle ${results.oracle.test.toFixed(4)}; ${result.parameters} parameters, ${result.seconds.toFixed(1)} s`,
    );
  }
  await network.dispose();
}

/** The largest rank where the teacher changed something, the smallest elsewhere. Throws a `RangeError` when that is above the budget. */
function oracleOf({ space, task, maxParameters }: Workbench): ChoiceVector {
  const choices = smallest(space);
  space.genes.forEach(({ name, choices: ranks }, gene) => {
    if (task.secret[name] !== undefined) choices[gene] = ranks.length - 1;
  });
  if (parametersOf(space, choices) > maxParameters) throw new RangeError("the oracle is above the budget");
  return choices;
}

await measure(JSON.parse(process.argv[2]!) as PaperAssignment);
