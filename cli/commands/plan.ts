/** `lnasc plan`: what an experiment would cost, before anything runs. */
import { Command } from "commander";
import type { Act } from "../command-line.js";

export function planCommand(act: Act): Command {
  return new Command("plan")
    .description("show modules, choices, search space, parameters, memory and work of a spec")
    .argument("<spec>", "a .lnas file")
    .action(
      act(async (terminal, spec: string) => {
        const { compileSpec } = await import("../spec.js");
        const { planExperiment, planText } = await import("../../compiler/plan/index.js");
        const { experiments } = compileSpec(spec, terminal, { resultIsDiagnostics: false });
        const plans = experiments.map(({ ir, irHash, backbone }) => planExperiment(ir, irHash, backbone));
        if (terminal.json) terminal.resultJson(plans);
        else terminal.result(plans.map(planText).join("\n"));
      }),
    );
}
