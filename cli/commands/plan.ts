/** `lnasc plan`: what an experiment would cost, before anything runs. */
import { resolve } from "node:path";
import { Command } from "commander";
import type { PositionsPerExample } from "../../compiler/plan/index.js";
import type { Act } from "../command-line.js";
import type { CompiledExperiment } from "../run/compiled-experiment.js";
import type { Terminal } from "../terminal.js";

/** Training examples that are looked at for their lengths. */
const MEASURED_EXAMPLES = 256;

/** The command `plan`; reads the data's text to estimate activations, where it is there, and no weights. */
export function planCommand(act: Act): Command {
  return new Command("plan")
    .description("show modules, choices, search space, parameters, memory and work of a spec")
    .argument("[spec]", "a .lnas file (default: the only one of this folder)")
    .action(
      act(async (terminal, named: string | undefined) => {
        const { oneSpec } = await import("../spec-files.js");
        const spec = oneSpec(named);
        const { compileSpec } = await import("../spec.js");
        const { planExperiment, planText } = await import("../../compiler/plan/index.js");
        const { experiments } = compileSpec(spec, terminal);
        const plans = [];
        for (const experiment of experiments) {
          const positions = await measuredPositions(experiment, terminal);
          plans.push(planExperiment(experiment, positions));
        }
        if (terminal.json) terminal.resultJson(plans);
        else terminal.show(plans.map(planText).join("\n"));
      }),
    );
}

/** Undefined, with a note, where data or tokenizer cannot be read: a plan does not need them. */
async function measuredPositions(
  { ir, specFolder }: CompiledExperiment,
  terminal: Terminal,
): Promise<PositionsPerExample | undefined> {
  const { weights } = ir.backbone;
  if (weights.kind === "hub") return undefined;
  const { positionsPerExample } = await import("../../runtime/data/positions.js");
  const { UserError } = await import("../../runtime/formats/errors.js");
  try {
    const data = resolve(specFolder, ir.dataset.splits.train.path);
    return positionsPerExample(resolve(specFolder, weights.path), data, MEASURED_EXAMPLES);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.note(`activations are left open: ${error.message}${error.place === undefined ? "" : ` (${error.place})`}`);
    return undefined;
  }
}
