/**
 * `npm run bench:controllers -- [controller ...]`: what controllers cost by themselves, propose and observe, without a model. Every controller that is
 * told losses searches with its default options over 65, 130, 260 and 520 modules of five ranks; losses are those of gains planted in the modules,
 * and their time is left out. Prints, for each, the median of several searches: microseconds of processor time a candidate, seconds in all, and how the time grows.
 */
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { columns } from "../compiler/columns.js";
import { randomStream } from "../runtime/random/random.js";
import type { Measurements } from "../runtime/search/index.js";
import {
  type ControllerName,
  controllerTable,
  type Round,
  rankOf,
  spaceOf,
  startController,
} from "../runtime/search/index.js";
import { printPrices } from "./controllers-price.js";
import { printRacing } from "./controllers-racing.js";
import { printRegrets } from "./controllers-regret.js";
import { printRescoring } from "./controllers-rescoring.js";
import { quantile } from "./statistics.js";

const MODULES = [65, 130, 260, 520];
const RANKS = [0, 1, 2, 4, 8];
const RUNS = 5;
/** As many reward examples as the defaults ask for. */
const REWARD_EXAMPLES = 2048;
/** Shapes of a layer, those of Llama 3.2 Vision 11B's language model. */
const LAYER = [
  ["q_proj", 4096, 4096],
  ["k_proj", 4096, 1024],
  ["v_proj", 4096, 1024],
  ["o_proj", 4096, 4096],
  ["gate_proj", 4096, 14336],
  ["up_proj", 4096, 14336],
  ["down_proj", 14336, 4096],
] as const;

function spaceOfModules(count: number) {
  const facts = Array.from({ length: count }, (_, at) => {
    const layer = Math.floor(at / LAYER.length);
    const [kind, inFeatures, outFeatures] = LAYER[at % LAYER.length]!;
    return { path: `model.layers.${layer}.${kind}`, inFeatures, outFeatures, kind, part: "language", layer };
  });
  return spaceOf(Object.fromEntries(facts.map(({ path }) => [path, RANKS])), [], facts);
}

/** Processor time of this process, its garbage collection included: other jobs on the machine do not add to it. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

interface Timing {
  readonly ms: number;
  readonly candidates: number;
}

async function searched(controller: ControllerName, modules: number, seed: number): Promise<Timing> {
  const space = spaceOfModules(modules);
  const maxParameters = space.genes.reduce((sum, { costPerRank }) => sum + costPerRank, 0);
  const random = randomStream(seed, "gains", modules);
  const gains = space.genes.map(() => 0.02 * random.uniform() ** 3);
  const setting = { space, maxParameters, seed, rewardExamples: REWARD_EXAMPLES };
  const lossesOf = ({ architectures }: Pick<Round, "architectures">) =>
    Float64Array.from(architectures, (choices) => {
      let loss = 1 + 0.1 * random.normal();
      for (let gene = 0; gene < gains.length; gene++) loss -= gains[gene]! * Math.sqrt(rankOf(space, choices, gene));
      return loss;
    });
  const measurements: Partial<Measurements> = {
    gradientNorms: async () => Float64Array.from(gains),
    architectureLosses: async (architectures) => lossesOf({ architectures }),
  };
  const started = await startController({ controller, options: {} }, setting, measurements as Measurements);
  let ms = 0;
  let candidates = 0;
  for (;;) {
    let begin = processorMs();
    const round = started.next();
    ms += processorMs() - begin;
    if (round === null) return { ms, candidates };
    const losses = lossesOf(round);
    begin = processorMs();
    started.observe(round, losses);
    ms += processorMs() - begin;
    candidates += round.architectures.length;
  }
}

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: {
    regret: { type: "boolean" },
    rescore: { type: "boolean" },
    race: { type: "boolean" },
    price: { type: "boolean" },
  },
});
if (flags.price === true) await printPrices();
else if (flags.race === true) await printRacing();
else if (flags.rescore === true) await printRescoring();
else if (flags.regret === true) await printRegrets();
else await printTimes(positionals);

async function printTimes(wanted: readonly string[]): Promise<void> {
  const scoring = (Object.keys(controllerTable) as ControllerName[]).filter((name) => controllerTable[name].scores);
  const names = wanted.length === 0 ? scoring : scoring.filter((name) => wanted.includes(name));
  const rows: string[][] = [
    ["controller", "candidates", ...MODULES.map((count) => `${count} modules`), "520, whole", "growth"],
  ];
  for (const name of names) {
    const medians: number[] = [];
    let candidates = 0;
    for (const modules of MODULES) {
      const runs: Timing[] = [];
      for (let seed = 0; seed < RUNS; seed++) runs.push(await searched(name, modules, seed));
      candidates = runs[0]!.candidates;
      medians.push(
        quantile(
          runs.map(({ ms }) => ms),
          0.5,
        ),
      );
    }
    const growth = Math.log(medians.at(-1)! / medians[0]!) / Math.log(MODULES.at(-1)! / MODULES[0]!);
    rows.push([
      name,
      candidates.toLocaleString("en-US"),
      ...medians.map((ms) => `${((1000 * ms) / candidates).toFixed(0)} us`),
      `${(medians.at(-1)! / 1000).toFixed(2)} s`,
      `modules^${growth.toFixed(2)}`,
    ]);
  }
  console.log(
    `${cpus()[0]!.model}, Node ${process.version}, load ${loadavg()[0]!.toFixed(1)}; medians of ${RUNS} searches`,
  );
  console.log(columns(rows).join("\n"));
}
