/** `lnasc plan`: what an experiment would cost, before anything runs. */
import { Command, InvalidArgumentError, Option } from "commander";
import type { ExampleSize, Plan, Rate, SweepPlan } from "../../compiler/plan/index.js";
import type { Act } from "../command-line.js";
import type { Terminal } from "../terminal.js";

interface PlanOptions {
  readonly format: "text" | "json" | "markdown";
  readonly tokens?: number;
  readonly images?: number;
  readonly rate?: string;
  readonly measure?: boolean;
}

/** The command `plan`; reads the data's text and the tokenizer, where they are here, and no weights. Writes nothing but a measured rate. */
export function planCommand(act: Act): Command {
  return new Command("plan")
    .description("show modules, choices, search space, parameters, FLOPs, memory and work of a spec")
    .argument("[spec]", "a .lnas file (default: the only one of this folder)")
    .addOption(
      new Option("--format <format>", "how the plan is printed").choices(["text", "json", "markdown"]).default("text"),
    )
    .option("--tokens <n>", "tokens of an example, an image's mark among them (default: the data's longest)", count(1))
    .option("--images <n>", "images of an example (default: the data's most)", count(0))
    .addOption(new Option("--rate <rate>", "plan times for a machine of this rate: 900TFLOP/s").conflicts("measure"))
    .option("--measure", "measure this machine's rate in seconds, and remember it for later plans")
    .action(
      act(async (terminal, named: string | undefined, options: PlanOptions) => {
        const { oneSpec } = await import("../spec-files.js");
        const spec = oneSpec(named);
        const { compileSpec } = await import("../spec.js");
        const { ASSUMED_SIZE, planExperiment, planSweep } = await import("../../compiler/plan/index.js");
        const { countWithin } = await import("../plan/count-within.js");
        const { surveyData } = await import("../plan/survey.js");
        const { runtimeFacts: facts } = await import("../../runtime/training/facts.js");
        const { experiments, sweeps } = compileSpec(spec, terminal);
        const rate = await rateOf(options, terminal);
        const plans = experiments.map((experiment) => {
          const { size, examples, problems } = surveyData(experiment);
          for (const problem of problems) terminal.note(`the plan does without the data: ${problem}`);
          return planExperiment(experiment, {
            ...{ facts, examples, rate, within: countWithin(experiment) },
            size: given(options, size ?? ASSUMED_SIZE),
          });
        });
        const planned = new Map(experiments.map(({ ir }, at) => [ir.name, { ir, plan: plans[at]! }]));
        const swept = sweeps.map((sweep) =>
          planSweep(
            sweep.name,
            sweep.experiments.map((name) => planned.get(name)!),
          ),
        );
        await print(plans, swept, terminal.json ? "json" : options.format, terminal);
      }),
    );
}

const count = (least: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new InvalidArgumentError(`Give a whole number, ${least} at least.`);
  return value;
};

/** The example as asked for; what is not said stays as it is. */
function given({ tokens, images }: PlanOptions, size: ExampleSize): ExampleSize {
  if (tokens === undefined && images === undefined) return size;
  return { tokens: tokens ?? size.tokens, images: images ?? size.images, from: "given" };
}

async function rateOf(options: PlanOptions, terminal: Terminal): Promise<Rate | undefined> {
  const { measuredRate, readRate, rememberedRate } = await import("../plan/rates.js");
  if (options.rate !== undefined) return readRate(options.rate);
  if (options.measure !== true) return rememberedRate();
  const rate = await measuredRate((message) => terminal.note(message));
  const { measurementsFile } = await import("../../runtime/executors/measurements.js");
  terminal.note(`the rate of this machine is remembered in ${measurementsFile()}`);
  return rate;
}

/** JSON is the plans alone: what a sweep takes can be added up from them. */
async function print(
  plans: readonly Plan[],
  sweeps: readonly SweepPlan[],
  format: PlanOptions["format"],
  terminal: Terminal,
): Promise<void> {
  const { planMarkdown, planText, sweepText } = await import("../../compiler/plan/index.js");
  if (format === "json") terminal.resultJson(plans);
  else
    terminal.show([...plans.map(format === "markdown" ? planMarkdown : planText), ...sweeps.map(sweepText)].join("\n"));
}
