/**
 * DARTS: logits of ranks and weights of the adapter are trained in turn, first order and bilevel: the logits on the reward split, the weights
 * on the training split. The logits are discretised by the exact knapsack over log-odds. See relaxation.ts.
 */
import type { RankedArchitecture, SearchSetting, Strategy } from "../controller.js";
import { mostPreferred, type PerChoice } from "../policy.js";
import type { Measurements, Prior } from "../priors.js";
import { type ChoiceVector, parametersOf } from "../rank-space.js";
import { Relaxation } from "../relaxation.js";
import type { OptionsOf } from "./table.js";

/** Trains the relaxation; the log-odds that it ends with. */
export async function trainedLogits(
  { space, maxParameters, parameterWeight = 0 }: SearchSetting,
  options: OptionsOf<"darts">,
  prior: Prior,
  measurements: Measurements,
): Promise<PerChoice> {
  const relaxation = new Relaxation(space, maxParameters, prior.preferences, {
    ...options,
    // What learns nothing takes the prior as it is, which looks at no price.
    parameterWeight: options.learning_rate > 0 ? parameterWeight : 0,
  });
  await measurements.trainRelaxed({
    steps: options.steps,
    learning_rate: options.weights_learning_rate,
    mask: () => relaxation.mask(),
    observe: (gradient) => relaxation.observe(gradient),
  });
  return relaxation.logits();
}

/** The strategy `darts`, after its training. */
export function darts(
  { space, maxParameters }: SearchSetting,
  _: OptionsOf<"darts">,
  prior: Prior,
  logits: PerChoice,
): Strategy {
  const ranked = (choices: ChoiceVector, origin: string): RankedArchitecture => ({
    choices,
    parameters: parametersOf(space, choices),
    loss: null,
    origin,
  });
  return {
    next: () => null,
    observe: () => {
      throw new RangeError("darts asks for no losses");
    },
    preferences: () => logits,
    result: () => [ranked(mostPreferred(space, logits, maxParameters), "searched"), ranked(prior.allocation, "prior")],
  };
}
