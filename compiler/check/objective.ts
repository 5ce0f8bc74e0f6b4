/** `objective { minimize loss on reward  subject to parameters <= … }`. */
import type { Constraint, Goal, Item, Value } from "../../grammar/index.js";
import type { AdapterIR, ModuleIR, ObjectiveIR } from "../ir/types.js";
import { shareOf } from "../numbers.js";
import { REWARD_GOALS } from "../reward-metrics.js";
import type { Context } from "./context.js";

type ObjectiveItem = Extract<Item, { kind: "objective" }>;

/** What a goal may be about: first what can be searched for today. */
export const METRICS: readonly string[] = [
  ...REWARD_GOALS.map(({ metric }) => metric),
  "anls",
  "parameters",
  "flops",
  "memory",
  "latency",
];
/** What can be limited. */
export const QUANTITIES: readonly string[] = ["parameters", "flops", "memory", "latency"];

/** What a rank of 1 on each of some modules costs. */
export function parametersPerRank(modules: readonly ModuleIR[]): number {
  return modules.reduce((sum, { inFeatures, outFeatures }) => sum + inFeatures + outFeatures, 0);
}

/** Smallest and largest number of adapter parameters; tied modules move together. */
export function parameterRange({ targets }: AdapterIR): {
  readonly smallest: number;
  readonly largest: number;
  readonly perRank: number;
} {
  let [smallest, largest, perRank] = [0, 0, 0];
  for (const { ranks, modules } of targets) {
    const cost = parametersPerRank(modules);
    smallest += cost * ranks[0]!;
    largest += cost * ranks.at(-1)!;
    perRank += cost;
  }
  return { smallest, largest, perRank };
}

/** An objective, and its limit in the words of the spec. */
export interface CheckedObjective {
  readonly ir: ObjectiveIR;
  readonly limit: string;
}

/**
 * Checks an objective against the adapter it limits; undefined after a report. Where adapter or backbone could not be read, what does not hang on
 * them is checked all the same.
 */
export function checkObjective(
  context: Context,
  item: ObjectiveItem,
  adapter: AdapterIR | undefined,
  backbone: { readonly name: string; readonly parameters: number } | undefined,
): CheckedObjective | undefined {
  const reward = checkGoals(context, item);
  const constraint = parameterLimit(context, item);
  if (constraint === undefined || backbone === undefined) return undefined;
  const there = context.at(constraint);
  const range = adapter === undefined ? undefined : parameterRange(adapter);
  const limit = limitOf(there, constraint, range?.perRank ?? 0, backbone);
  if (limit === undefined || range === undefined || reward === undefined) return undefined;
  const { maxParameters } = limit;
  if (maxParameters < range.smallest) {
    there.report("LNAS1501", constraint.span, { limit: maxParameters, smallest: range.smallest });
    return undefined;
  }
  if (maxParameters >= range.largest && range.largest > range.smallest)
    there.report("LNAS1502", constraint.span, { limit: maxParameters, largest: range.largest });
  return { ir: { reward, maxParameters }, limit: limit.written };
}

/** What is wrong with a part of an objective, if anything: what it is that is not supported, and what to write instead. */
type Unsupported = readonly [construct: string, remedy: string];

/** The goal, and the price of a parameter; undefined after a report of what cannot be searched for. */
function checkGoals(context: Context, { goals, span }: ObjectiveItem): ObjectiveIR["reward"] | undefined {
  if (goals.length === 0) context.report("LNAS1205", span, { where: "objective", option: "minimize loss on reward" });
  let isSound = goals.length > 0;
  let parameterWeight: number | undefined;
  for (const [index, goal] of goals.entries()) {
    const there = context.at(goal);
    if (!METRICS.includes(goal.metric.text)) {
      const { hint, fixes } = there.meant(goal.metric, METRICS);
      there.report("LNAS1108", goal.metric.span, { name: goal.metric.text, what: "a metric", hint }, [], fixes);
      isSound = false;
      continue;
    }
    if (index === 1 && isPrice(goal)) {
      parameterWeight = weightOf(there, goal);
      isSound &&= parameterWeight !== undefined;
      continue;
    }
    const problem = unsupportedGoal(goal, index);
    if (problem === undefined) continue;
    there.report("LNAS1206", goal.span, { construct: problem[0], remedy: problem[1] });
    isSound = false;
  }
  const goal = REWARD_GOALS.find(({ metric }) => metric === goals[0]?.metric.text);
  if (!isSound || goal === undefined) return undefined;
  return parameterWeight === undefined ? goal : { ...goal, parameterWeight };
}

/** `minimize parameters weight …`, after the goal itself. */
const isPrice = ({ direction, metric, split }: Goal): boolean =>
  direction === "minimize" && metric.text === "parameters" && split === null;

/** What a parameter adds to the number that is minimised; undefined after a report. */
function weightOf(context: Context, { weight, span }: Goal): number | undefined {
  if (weight === null) {
    context.report("LNAS1205", span, { where: "minimize parameters", option: "weight 1e-6" });
    return undefined;
  }
  const value = context.resolve(weight);
  if (context.isUnavailable(weight)) return undefined;
  if (value.kind === "number" && value.unit === null && value.value > 0 && Number.isFinite(value.value))
    return value.value;
  context.reportValue("weight", weight, "a number above 0, in units of the goal for each parameter, such as 1e-6");
  return undefined;
}

function unsupportedGoal({ direction, metric, split, weight }: Goal, index: number): Unsupported | undefined {
  if (index > 0)
    return [
      index > 1 ? "a third goal" : "this second goal",
      "Keep one goal, and at most `minimize parameters weight 1e-6` beside it.",
    ];
  const known = REWARD_GOALS.find((goal) => goal.metric === metric.text);
  if (known?.direction !== direction)
    return [
      `\`${direction} ${metric.text}\``,
      `Write \`${known?.direction ?? "minimize"} ${known?.metric ?? "loss"} on reward\`.`,
    ];
  if (split !== null && split.text !== "reward")
    return [`an objective on ${split.text}`, "Candidates are scored on the reward split: write `on reward`."];
  return weight === null
    ? undefined
    : ["a weight of the first goal", "Leave it out; the weight of `minimize parameters` is relative to it."];
}

/** The one limit that can be kept today; reports all others. */
function parameterLimit(context: Context, { constraints, span }: ObjectiveItem): Constraint | undefined {
  let found: Constraint | undefined;
  let isSound = true;
  for (const constraint of constraints) {
    const there = context.at(constraint);
    const { text: name, span: place } = constraint.quantity;
    if (name === "parameters" && found === undefined) {
      found = constraint;
      continue;
    }
    isSound = false;
    if (name === "parameters")
      there.report("LNAS1107", constraint.span, { name: "the limit on parameters" }, [
        context.at(found!).label("first declared here", found!.span),
      ]);
    else if (QUANTITIES.includes(name))
      there.report("LNAS1206", place, { construct: `a limit on ${name}`, remedy: "Limit `parameters`." });
    else {
      const { hint, fixes } = there.meant(constraint.quantity, QUANTITIES);
      there.report("LNAS1108", place, { name, what: "a quantity that can be limited", hint }, [], fixes);
    }
  }
  if (found === undefined && isSound)
    context.report("LNAS1205", span, { where: "objective", option: "subject to parameters <= uniform rank 4" });
  return isSound ? found : undefined;
}

/** A limit in parameters, and in the words of the spec. */
interface Limit {
  readonly maxParameters: number;
  readonly written: string;
}

/** What a limit comes to; undefined after a report. */
export function limitOf(
  context: Context,
  { limit, span }: Constraint,
  perRank: number,
  backbone: { readonly name: string; readonly parameters: number },
): Limit | undefined {
  const expected = `a whole number, a share such as 0.4% of ${backbone.name}, or \`uniform rank 1\``;
  const wrong = (value?: Value): undefined => {
    if (value !== undefined && context.isUnavailable(value)) return undefined;
    if (value?.kind === "name") context.reportValue("the limit", value, expected);
    else context.report("LNAS1204", span, { option: "the limit", expected });
    return undefined;
  };
  /** Beyond what a number holds exactly no limit makes sense. */
  const within = (maxParameters: number, written: string) =>
    Number.isSafeInteger(maxParameters) ? { maxParameters, written } : wrong();
  if (limit.kind === "uniform") {
    const rank = context.resolve(limit.rank);
    if (rank.kind !== "number" || rank.unit !== null || !Number.isSafeInteger(rank.value) || rank.value < 0)
      return wrong(rank);
    return within(perRank * rank.value, `uniform rank ${rank.value}`);
  }
  if (limit.kind === "share") {
    if (limit.of.text !== backbone.name) {
      context.report(
        "LNAS1108",
        limit.of.span,
        { name: limit.of.text, what: "this experiment's backbone", hint: `Write \`of ${backbone.name}\`.` },
        [],
        [context.replacement(`Write \`${backbone.name}\``, limit.of.span, backbone.name)],
      );
      return undefined;
    }
    const percent = context.resolve(limit.percent);
    if (context.isUnavailable(percent)) return undefined;
    if (percent.kind !== "number" || percent.unit?.text !== "%" || !(percent.value >= 0)) return wrong(percent);
    return within(Math.floor(shareOf(percent.value) * backbone.parameters), `${percent.value}% of ${backbone.name}`);
  }
  const value = context.resolve(limit.value);
  if (value.kind !== "number" || value.unit !== null || !Number.isSafeInteger(value.value) || value.value < 0)
    return wrong(value);
  return within(value.value, String(value.value));
}
