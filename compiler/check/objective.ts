/** `objective { minimize loss on reward  subject to parameters <= … }`. */
import type { Constraint, Item, Name, Value } from "../../grammar/index.js";
import type { AdapterIR, ObjectiveIR } from "../ir/types.js";
import { shareOf } from "../numbers.js";
import type { Context } from "./context.js";

type ObjectiveItem = Extract<Item, { kind: "objective" }>;

const unsupported = (
  context: Context,
  name: Name | { readonly span: Name["span"] },
  construct: string,
  remedy: string,
): undefined => {
  context.report("LNAS1206", name.span, { construct, remedy });
  return undefined;
};

/** Smallest and largest number of adapter parameters; tied modules move together. */
export function parameterRange({ targets }: AdapterIR): {
  readonly smallest: number;
  readonly largest: number;
  readonly perRank: number;
} {
  let [smallest, largest, perRank] = [0, 0, 0];
  for (const { ranks, modules } of targets) {
    const cost = modules.reduce((sum, { inFeatures, outFeatures }) => sum + inFeatures + outFeatures, 0);
    smallest += cost * ranks[0]!;
    largest += cost * ranks.at(-1)!;
    perRank += cost;
  }
  return { smallest, largest, perRank };
}

/** Checks an objective against the adapter it limits; undefined after a report. */
export function checkObjective(
  context: Context,
  item: ObjectiveItem,
  adapter: AdapterIR,
  backbone: { readonly name: string; readonly parameters: number },
): ObjectiveIR | undefined {
  const [goal, ...more] = item.goals;
  const [constraint, ...others] = item.constraints;
  let sound = true;
  if (goal === undefined) {
    context.report("LNAS1205", item.span, { where: "objective", option: "minimize loss on reward" });
    sound = false;
  } else {
    if (goal.metric.text !== "loss" || goal.direction !== "minimize") {
      unsupported(context, goal, `\`${goal.direction} ${goal.metric.text}\``, "Write `minimize loss on reward`.");
      sound = false;
    }
    if (goal.split !== null && goal.split.text !== "reward") {
      unsupported(
        context,
        goal.split,
        `an objective on ${goal.split.text}`,
        "Candidates are scored on the reward split: `minimize loss on reward`.",
      );
      sound = false;
    }
    if (goal.weight !== null) {
      unsupported(context, goal, "a weight", "Leave it out; limit the size by `subject to parameters <= …`.");
      sound = false;
    }
  }
  for (const extra of more) {
    unsupported(context, extra, "a second goal", "Keep one goal; limit the size by `subject to parameters <= …`.");
    sound = false;
  }
  for (const extra of others) {
    unsupported(context, extra, "a second constraint", "Keep `subject to parameters <= …`.");
    sound = false;
  }
  if (constraint === undefined) {
    context.report("LNAS1205", item.span, { where: "objective", option: "subject to parameters <= uniform rank 4" });
    return undefined;
  }
  if (constraint.quantity.text !== "parameters") {
    unsupported(context, constraint.quantity, `a limit on ${constraint.quantity.text}`, "Limit `parameters`.");
    return undefined;
  }
  const range = parameterRange(adapter);
  const limit = limitOf(context, constraint, range.perRank, backbone);
  if (limit === undefined || !sound) return undefined;
  if (limit.maxParameters < range.smallest) {
    context.report("LNAS1501", constraint.span, { limit: limit.maxParameters, smallest: range.smallest });
    return undefined;
  }
  if (limit.maxParameters >= range.largest && range.largest > range.smallest)
    context.report("LNAS1502", constraint.span, { limit: limit.maxParameters, largest: range.largest });
  return { reward: { metric: "loss", direction: "minimize" }, ...limit };
}

function limitOf(
  context: Context,
  { limit, span }: Constraint,
  perRank: number,
  backbone: { readonly name: string; readonly parameters: number },
): Pick<ObjectiveIR, "maxParameters" | "limitAsWritten"> | undefined {
  const expected = `a whole number, a share such as 0.4% of ${backbone.name}, or \`uniform rank 1\``;
  const wrong = (value?: Value): undefined => {
    if (value?.kind === "name") context.reportValue("the limit", value, expected);
    else context.report("LNAS1204", span, { option: "the limit", expected });
    return undefined;
  };
  /** Beyond what a number holds exactly no limit makes sense. */
  const within = (maxParameters: number, limitAsWritten: string) =>
    Number.isSafeInteger(maxParameters) ? { maxParameters, limitAsWritten } : wrong();
  if (limit.kind === "uniform") {
    const rank = context.resolve(limit.rank);
    if (rank.kind !== "number" || rank.unit !== null || !Number.isSafeInteger(rank.value) || rank.value < 0)
      return wrong(rank);
    return within(perRank * rank.value, `uniform rank ${rank.value}`);
  }
  if (limit.kind === "share") {
    if (limit.of.text !== backbone.name) {
      context.report("LNAS1108", limit.of.span, {
        name: limit.of.text,
        what: "this experiment's backbone",
        hint: `Write \`of ${backbone.name}\`.`,
      });
      return undefined;
    }
    const percent = context.resolve(limit.percent);
    if (percent.kind !== "number" || percent.unit?.text !== "%" || !(percent.value >= 0)) return wrong(percent);
    return within(Math.floor(shareOf(percent.value) * backbone.parameters), `${percent.value}% of ${backbone.name}`);
  }
  const value = context.resolve(limit.value);
  if (value.kind !== "number" || value.unit !== null || !Number.isSafeInteger(value.value) || value.value < 0)
    return wrong(value);
  return within(value.value, String(value.value));
}
