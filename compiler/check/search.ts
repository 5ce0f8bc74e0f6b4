/** `search <controller> { … }` and `compare with …`: controllers and their options. */
import type { Item, Name, Option, OptionBlock } from "../../grammar/index.js";
import type { SamplingRule } from "../../runtime/training/sampling.js";
import type { CompilerHost } from "../host.js";
import type { CompareIR, ControllerIR, SearchIR } from "../ir/types.js";
import type { Context } from "./context.js";
import { controllerFields } from "./controller-fields.js";
import { earlierNetworkOf } from "./earlier-network.js";
import { earlierRunIn, optionsOfRun } from "./earlier-run.js";
import { blockOf, optionsByName, readField, readFields, refuseBlock, refuseUnknown } from "./fields.js";
import {
  besideByDefault,
  COMPARE,
  DISTILLATION,
  EARLY_STOPPING,
  EQUAL_COST,
  FINALISTS,
  LATENCY,
  NO_CONTROLLER,
  RANKING,
  RESCORE,
  SAMPLING,
  SEEDS,
  SUPER_NETWORK,
} from "./options.js";
import { type RankRoom, ranksFromFile } from "./rank-file.js";
import { readTraining } from "./training.js";

type SearchItem = Extract<Item, { kind: "search" }>;
type CompareItem = Extract<Item, { kind: "compare" }>;
type Controllers = CompilerHost["controllers"];

/** A controller by name, its options filled in; undefined after a report. */
function controllerOf(
  context: Context,
  name: Name,
  block: OptionBlock | null,
  controllers: Controllers,
  allowed: readonly string[],
  room: RankRoom | undefined,
): ControllerIR | undefined {
  const row = allowed.includes(name.text) ? controllers[name.text] : undefined;
  if (row === undefined) {
    const { hint, fixes } = context.at(name).meant(name, allowed);
    context.at(name).report("LNAS1108", name.span, { name: name.text, what: "a controller", hint }, [], fixes);
    return undefined;
  }
  const earlier = Object.hasOwn(row.options, "prior_ranks") ? earlierRunIn(context, block) : undefined;
  const others = earlier && { ...block!, options: block!.options.filter((option) => option !== earlier.option) };
  const { values, whole } = readFields(context, others ?? block, controllerFields(row.options), name.text, name);
  if (!whole) return undefined;
  const options: Record<string, ControllerIR["options"][string]> = { ...values };
  if (earlier !== undefined) {
    const found = optionsOfRun(context.at(earlier.option), earlier, room);
    if (found === undefined) return undefined;
    Object.assign(options, found);
  }
  for (const [option, { kind }] of Object.entries(row.options)) {
    if (kind !== "ranks" || room === undefined) continue;
    const given = block!.options.find((candidate) => candidate.name.text === option)!;
    const ranks = ranksFromFile(context.at(given), given, values[option] as string, room);
    if (ranks === undefined) return undefined;
    options[option] = ranks;
  }
  return { controller: name.text, options };
}

/** Checks a search; undefined after a report. Without `room`, for a record by itself, files of ranks are not read. */
export function checkSearch(
  context: Context,
  { controller, block }: Pick<SearchItem, "controller" | "block">,
  controllers: Controllers,
  room: RankRoom | undefined,
): SearchIR | undefined {
  const options = optionsByName(context, block?.options ?? []);
  refuseUnknown(
    context,
    options.values(),
    ["controller", "super_network", "finalists", "rescore", "early_stopping", "beside"],
    "search",
  );
  const chosen = controllerOf(
    context,
    controller,
    blockOf(context, options.get("controller")),
    controllers,
    Object.keys(controllers),
    room,
  );
  const superNetwork = options.get("super_network");
  const owner = superNetwork?.name ?? controller;
  const network = blockOf(context, superNetwork);
  const training = readTraining(context, network, "super_network", owner, SUPER_NETWORK, [
    ...["sampling", "distillation", "start"],
  ]);
  const sampling = readField(context, network?.options, "sampling", SAMPLING);
  const distillation = readField(context, network?.options, "distillation", DISTILLATION);
  const startOption = network?.options.find(({ name }) => name.text === "start");
  const start = startOption && earlierNetworkOf(context, startOption, room);
  const count = readField(context, block?.options, "finalists", FINALISTS);
  const rescore = readField(context, block?.options, "rescore", RESCORE);
  const stopping = readField(context, block?.options, "early_stopping", EARLY_STOPPING);
  const beside = chosen && besideOf(context, options.get("beside"), chosen, controllers, room);
  if (training === undefined || sampling === undefined || distillation === undefined) return undefined;
  if (startOption !== undefined && start === undefined) return undefined;
  if (
    chosen === undefined ||
    count === undefined ||
    rescore === undefined ||
    stopping === undefined ||
    beside === undefined
  )
    return undefined;
  return {
    ...chosen,
    superNetwork: {
      ...training,
      sampling: sampling as SamplingRule,
      distillation: distillation as number,
      ...(start !== undefined && { start }),
    },
    finalists: count as number,
    ...(stopping === "on" && { earlyStopping: true as const }),
    ...(rescore !== 0 && { rescore: rescore as number }),
    beside,
  };
}

/** `beside <controller> { … }`, or `beside none`; undefined after a report. */
function besideOf(
  context: Context,
  option: Option | undefined,
  chosen: ControllerIR,
  controllers: Controllers,
  room: RankRoom | undefined,
): readonly ControllerIR[] | undefined {
  if (option === undefined) {
    const name = besideByDefault(controllers, chosen.controller);
    const row = controllers[name];
    if (row === undefined) return [];
    return [
      { controller: name, options: readFields(context, null, controllerFields(row.options), name, DEFAULTED).values },
    ];
  }
  const there = context.at(option);
  const value = option.value === null ? null : there.resolve(option.value);
  const rivals = Object.keys(controllers).filter((name) => controllers[name]!.rival);
  if (value?.kind !== "name") {
    there.report("LNAS1204", (option.value ?? option.name).span, {
      option: "beside",
      expected: "a controller, or `none`",
    });
    return undefined;
  }
  if (value.name === NO_CONTROLLER) return refuseBlock(context, option, NO_CONTROLLER) ? undefined : [];
  const name = { text: value.name, span: option.value!.span };
  const found = controllerOf(there, name, option.block, controllers, [...rivals, NO_CONTROLLER], room);
  return found && [found];
}

/** Where a default would be reported: none is. */
const DEFAULTED = { span: { start: 0, end: 0 } };

/** Checks a comparison; no comparison compares with nothing. Undefined after a report. */
export function checkCompare(
  context: Context,
  item: CompareItem | undefined,
  controllers: Controllers,
  room: RankRoom | undefined,
): CompareIR | undefined {
  if (item === undefined)
    return { arms: [], seeds: SEEDS.default, learningRates: [], ranking: RANKING.default, equalCost: false };
  const rivals = Object.keys(controllers).filter((name) => controllers[name]!.rival);
  const entries = [...optionsByName(context, item.entries).values()];
  const arms = entries
    .filter(({ name }) => !Object.hasOwn(COMPARE, name.text))
    .map(({ name, value, block }) => {
      if (value === null) return controllerOf(context, name, block, controllers, rivals, room);
      context.report("LNAS1001", value.span, { found: "a value", expected: '","', hint: "Options stand in a block." });
      return undefined;
    });
  const seeds = readField(context, item.entries, "seeds", SEEDS);
  const ranking = readField(context, item.entries, "ranking", RANKING);
  const equalCost = readField(context, item.entries, "equal_cost", EQUAL_COST);
  const latency = readField(context, item.entries, "latency", LATENCY);
  const learningRates = ratesOf(
    context,
    entries.find(({ name }) => name.text === "learning_rates"),
  );
  const whole = arms.filter((arm) => arm !== undefined);
  if (whole.length < arms.length || seeds === undefined || ranking === undefined) return undefined;
  if (learningRates === undefined || equalCost === undefined || latency === undefined) return undefined;
  if (equalCost === "yes" && whole.length === 0) {
    const option = entries.find(({ name }) => name.text === "equal_cost")!;
    context.report("LNAS1204", (option.value ?? option.name).span, {
      option: "equal_cost",
      expected: "`no` where no rival is named",
    });
    return undefined;
  }
  return {
    arms: whole,
    seeds: seeds as number,
    learningRates,
    ranking: ranking as number,
    ...(latency !== 0 && { latency: latency as number }),
    equalCost: equalCost === "yes",
  };
}

/** `learning_rates [3e-3, 1e-2]`: rates above 0, each once; none where the option is absent. Undefined after a report. */
function ratesOf(context: Context, option: Option | undefined): readonly number[] | undefined {
  if (option === undefined) return [];
  const value = option.value === null ? null : context.resolve(option.value);
  const items = value?.kind === "list" ? value.items : [];
  const rates = items.flatMap((item) =>
    item.kind === "number" && item.unit === null && Number.isFinite(item.value) && item.value > 0 ? [item.value] : [],
  );
  const isSound = rates.length > 0 && rates.length === items.length && new Set(rates).size === rates.length;
  if (isSound && option.block === null) return rates;
  if (option.value !== null && context.isUnavailable(option.value)) return undefined;
  context.report("LNAS1204", (option.value ?? option.name).span, {
    option: "learning_rates",
    expected: "a list of numbers above 0, each once, such as [3e-3, 1e-2]",
  });
  return undefined;
}
