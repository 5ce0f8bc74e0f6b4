/** All controllers. To add one: a row in table.ts, a file here, a line in `strategies`. */
import type { Controller, ControllerChoice, ControllerState, SearchSetting, Strategy } from "../controller.js";
import type { PerChoice } from "../policy.js";
import { logOddsOf, priorFromPolicy, worthOfPolicy } from "../prior-policy.js";
import { worthOfRanks } from "../prior-ranks.js";
import {
  type Measurements,
  type Prior,
  type PriorName,
  type PriorOptions,
  priorFromWorth,
  priorTable,
} from "../priors.js";
import { type ChoiceVector, choicesKey, parametersOf, type SearchSpace, shareMoved } from "../rank-space.js";
import { darts, trainedLogits } from "./darts.js";
import { evolution } from "./evolution.js";
import { choicesOf, fixed } from "./fixed.js";
import { naturalPolicyGradient } from "./natural-policy-gradient.js";
import { nsga2 } from "./nsga2.js";
import { priorAlone, uniform } from "./one-shot.js";
import { ppo } from "./ppo.js";
import { randomSearch } from "./random.js";
import { reinforce } from "./reinforce.js";
import { controllerNamed, resolveOptions } from "./resolve-options.js";
import { successiveHalving } from "./successive-halving.js";
import type { ControllerName, OptionsOf } from "./table.js";
import { Told, withoutSkipped } from "./told.js";

export {
  type ControllerName,
  type ControllerRow,
  controllerTable,
  ignores,
  type OptionRow,
  type OptionsOf,
  revisionOf,
} from "./table.js";

type Start<N extends ControllerName> = (
  setting: SearchSetting,
  options: OptionsOf<N>,
  prior: Prior,
  measured: PerChoice,
) => Strategy;

/** How priors train for a controller that has no options for it: as the controllers of their names do by default. */
const PRIOR_OPTIONS: PriorOptions = {
  annealing: resolveOptions("annealed_importance", {}) as unknown as OptionsOf<"annealed_importance">,
  adalora: resolveOptions("adalora", {}) as unknown as OptionsOf<"adalora">,
  eva: resolveOptions("eva", {}) as unknown as OptionsOf<"eva">,
};

/** The prior each controller starts from (with how that trains, where it has options for it), and how it starts. */
const strategies: {
  readonly [N in ControllerName]: {
    readonly prior: (options: OptionsOf<N>) => PriorName;
    readonly priorOptions?: (options: OptionsOf<N>) => Partial<PriorOptions>;
    /** `false`: it chooses without its prior, which only says how far that is from what the budget alone would allocate. */
    readonly startsFromPrior?: false;
    /** What a controller finds out of the model before its first round; given to `start`, and kept in its state. */
    readonly measure?: (
      setting: SearchSetting,
      options: OptionsOf<N>,
      prior: Prior,
      measurements: Measurements,
    ) => Promise<PerChoice>;
    readonly start: Start<N>;
  };
} = {
  natural_policy_gradient: { prior: (options) => options.prior, start: naturalPolicyGradient },
  reinforce: { prior: (options) => options.prior, start: reinforce },
  ppo: { prior: (options) => options.prior, start: ppo },
  evolution: { prior: (options) => options.prior, start: evolution },
  nsga2: { prior: (options) => options.prior, start: nsga2 },
  random: { prior: () => "at_budget", start: randomSearch },
  gradient_probe: {
    prior: () => "gradient_probe",
    start: (setting, _, prior) => priorAlone(setting, prior, "gradient probe"),
  },
  annealed_importance: {
    prior: () => "annealed_importance",
    priorOptions: (annealing) => ({ annealing }),
    start: (setting, _, prior) => priorAlone(setting, prior, "annealed importance"),
  },
  adalora: {
    prior: () => "adalora",
    priorOptions: (adalora) => ({ adalora }),
    start: (setting, _, prior) => priorAlone(setting, prior, "AdaLoRA"),
  },
  eva: {
    prior: () => "eva",
    priorOptions: (eva) => ({ eva }),
    start: (setting, _, prior) => priorAlone(setting, prior, "EVA"),
  },
  darts: { prior: (options) => options.prior, measure: trainedLogits, start: darts },
  successive_halving: { prior: (options) => options.prior, start: successiveHalving },
  no_search: {
    prior: (options) => options.prior,
    start: (setting, _, prior) => priorAlone(setting, prior, "no search"),
  },
  fixed: { prior: () => "at_budget", startsFromPrior: false, start: fixed },
  uniform: { prior: () => "at_budget", startsFromPrior: false, start: uniform },
};

/**
 * Starts a search; measures what the controller's prior needs. Throws a `UserError` on a wrong option or a budget that
 * nothing meets.
 */
export async function startController(
  choice: ControllerChoice,
  setting: SearchSetting,
  measurements: Measurements,
): Promise<Controller> {
  const { name, options, strategy } = resolve(choice);
  const { space, maxParameters } = setting;
  const priorSetting = { space, maxParameters, options: { ...PRIOR_OPTIONS, ...strategy.priorOptions?.(options) } };
  const worth =
    worthOfEarlierRun(space, options) ?? (await priorTable[strategy.prior(options)].worth(priorSetting, measurements));
  const prior = priorOf(setting, options, worth);
  const measured = await strategy.measure?.(setting, options, prior, measurements);
  return controllerOf(name, options, setting, { worth, measured }, []);
}

/** What an earlier run says that choices are worth, where the prior is one. */
function worthOfEarlierRun(
  space: SearchSpace,
  { prior_ranks: ranks, prior_policy: policy }: Partial<OptionsOf<"reinforce">>,
): PerChoice | undefined {
  if (policy !== undefined) return worthOfPolicy(space, logOddsOf(space, policy));
  return ranks && worthOfRanks(space, choicesOf(space, ranks));
}

/** The prior of a worth; that of an earlier run's policy has the log-odds which that ended with. */
function priorOf(
  { space, maxParameters }: SearchSetting,
  { prior_policy: policy }: Partial<OptionsOf<"reinforce">>,
  worth: PerChoice,
): Prior {
  return policy === undefined
    ? priorFromWorth(space, maxParameters, worth)
    : priorFromPolicy(space, maxParameters, logOddsOf(space, policy));
}

/**
 * Continues a search from its state; exactly what the interrupted one would have done follows. Nothing is measured
 * again.
 */
export function restoreController(
  choice: ControllerChoice,
  setting: SearchSetting,
  state: ControllerState,
): Controller {
  const { name, options } = resolve(choice);
  if (state.controller !== name) throw new RangeError(`state of ${state.controller}, not of ${name}`);
  return controllerOf(
    name,
    options,
    setting,
    { worth: perChoiceOf(state.priorWorth), measured: state.measured && perChoiceOf(state.measured) },
    state.losses,
    state.seen,
  );
}

const perChoiceOf = (values: readonly (readonly number[])[]): PerChoice =>
  values.map((gene) => Float64Array.from(gene));
const plainOf = (values: PerChoice): number[][] => values.map((gene) => [...gene]);

function resolve({ controller, options }: ControllerChoice) {
  const name = controllerNamed(controller);
  return {
    name,
    options: resolveOptions(name, options),
    strategy: strategies[name] as (typeof strategies)["reinforce"],
  };
}

/** A strategy, brought up to date with the losses recorded so far. */
function controllerOf(
  name: ControllerName,
  options: OptionsOf<"reinforce">,
  setting: SearchSetting,
  { worth, measured }: { readonly worth: PerChoice; readonly measured: PerChoice | undefined },
  recorded: ControllerState["losses"],
  recordedSeen?: ControllerState["seen"],
): Controller {
  const prior = priorOf(setting, options, worth);
  // Options were checked against this very controller's row.
  const row = strategies[name];
  const strategy = (row.start as Start<"reinforce">)(setting, options, prior, measured ?? []);
  const startsFromPrior = !("startsFromPrior" in row);
  const priorKey = choicesKey(setting.space, prior.allocation);
  const losses: (readonly (number | null)[])[] = [];
  const { parameterWeight = 0 } = setting;
  const price = (choices: ChoiceVector) =>
    parameterWeight === 0 ? 0 : parameterWeight * parametersOf(setting.space, choices);
  const seen: (readonly number[] | null)[] = [];
  const told = new Told(setting.space);
  const controller: Controller = {
    name,
    prior,
    startsFromPrior,
    next: () => strategy.next(),
    observe: (round, given, partly) => {
      const asked = strategy.next();
      if (asked === null || asked.index !== round.index) throw new RangeError(`round ${round.index} was not asked for`);
      if (given.length !== asked.architectures.length)
        throw new RangeError(`${given.length} losses for ${asked.architectures.length} architectures`);
      const values = Array.from(given);
      told.add(asked, values, partly);
      seen.push(partly === undefined ? null : Array.from(partly));
      const usable = withoutSkipped(asked, values);
      strategy.observe(
        usable.round,
        usable.losses.map((loss, at) => loss + price(usable.round.architectures[at]!)),
      );
      losses.push(values.map((value) => (Number.isFinite(value) ? value : null)));
    },
    result: () => {
      const listed = new Set<string>();
      const ranked = strategy.result().flatMap((each, place) => {
        if (parametersOf(setting.space, each.choices) > setting.maxParameters)
          throw new RangeError(`${name} proposed an architecture above the budget`);
        const key = choicesKey(setting.space, each.choices);
        if (listed.has(key)) return [];
        listed.add(key);
        // Alternatives of the search that are the prior's choice are called that; its own choice keeps its name.
        return place > 0 && startsFromPrior && key === priorKey ? [{ ...each, origin: "prior" }] : [each];
      });
      // What is told of them elsewhere is the loss itself.
      return ranked.map((each) => (each.loss === null ? each : { ...each, loss: each.loss - price(each.choices) }));
    },
    surcharge: (choices) => price(choices) + (strategy.penalty?.(choices) ?? 0),
    preferences: () => strategy.preferences?.(),
    movedFromPrior: () => shareMoved(setting.space, strategy.result()[0]!.choices, prior.allocation),
    front: () => told.front(setting.maxParameters),
    known: (round) => told.known(round),
    cached: () => told.cached(),
    stopped: () => told.stopped(),
    skipped: () => told.skipped(),
    state: () => ({
      controller: name,
      priorWorth: plainOf(worth),
      ...(measured && { measured: plainOf(measured) }),
      losses: [...losses],
      ...(seen.some((each) => each !== null) && { seen: [...seen] }),
    }),
  };
  for (const [at, values] of recorded.entries()) {
    const round = controller.next();
    if (round === null) throw new RangeError("the state has more rounds than the search");
    controller.observe(
      round,
      values.map((value) => value ?? Number.NaN),
      recordedSeen?.[at] ?? undefined,
    );
  }
  return controller;
}
