/** Measures what is missing of one task and search seed; the process that `bench/planted.ts` starts for each. */

import { openExecutor } from "../../runtime/executors/index.js";
import { canonicalJson } from "../../runtime/experiment/keys.js";
import { ARMS } from "./arms.js";
import { type Assignment, settingsOf } from "./assignment.js";
import { readResults, type SeedResults, writeResults } from "./results.js";
import { TASKS } from "./tasks.js";
import { Workbench } from "./workbench.js";

async function measure({ task, seed, folder, device, threads, options }: Assignment): Promise<void> {
  const settings = settingsOf({ task, options });
  const known = readResults(folder, { task, seed, settings }, ARMS);
  const missing = Object.entries(ARMS).filter(([name]) => known?.arms[name] === undefined);
  if (missing.length === 0) return;
  const bench = await Workbench.open(TASKS[task], await openExecutor("onnx", { threads, device }), options);
  const network = await bench.superNetwork(seed);
  let results: SeedResults = known ?? {
    task,
    seed,
    settings,
    planted: Object.keys(bench.task.secret).length,
    superNetworkSeconds: network.seconds,
    unadapted: await bench.unadapted(network),
    oracle: await bench.retrained(bench.task.secret, seed),
    arms: {},
  };
  for (const [name, choice] of missing) {
    const arm = { ...(await bench.search(network, choice)), arm: canonicalJson(choice) };
    results = { ...results, arms: { ...results.arms, [name]: arm } };
    writeResults(folder, results);
    const regret = arm.test - results.oracle.test;
    console.log(
      `${task}, seed ${seed}: ${name.padEnd(34)} regret ${regret.toFixed(4)}  ${arm.found} of ${results.planted} found  ${arm.pairs} pairs, ${arm.seconds.toFixed(1)} s`,
    );
  }
  await network.dispose();
}

await measure(JSON.parse(process.argv[2]!) as Assignment);
