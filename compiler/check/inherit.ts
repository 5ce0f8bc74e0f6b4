/** `experiment b extends a`: the items of `a`, with those of `b` on top. `docs/language.md#extends` says how each kind of item is merged. */
import type { Experiment, Item, ItemKind, OptionBlock } from "../../grammar/index.js";
import type { Context } from "./context.js";
import { isTooDeep, type Link, reportCycle } from "./cycle.js";
import { mergeBlocks } from "./merge.js";
import { blockWithBase, recordOf } from "./records.js";

type ItemOf<K extends ItemKind> = Extract<Item, { kind: K }>;
/** One item of each kind, records spelled out. */
export type Items = { readonly [K in Exclude<ItemKind, "unreadable">]?: ItemOf<K> };

type Half = ItemOf<"backbone" | "dataset" | "train" | "search">;

export interface Inherited {
  readonly items: Items;
  /** Items that are there, but start from a record that nothing is known of: only what stands in their own blocks can be checked. */
  readonly halves: readonly Half[];
  /** Something could not be read or resolved, so that an item that is missing may not be missing. */
  readonly damaged: boolean;
  /** How many experiments stand behind it. */
  readonly depth: number;
}

/** An experiment's items with those it inherits; each item is given once. */
export function inheritedItems(context: Context, experiment: Experiment, chain: readonly Step[] = []): Inherited {
  const known = context.table<Experiment, Inherited>(inheritedItems);
  const found = known.get(experiment) ?? workOut(context, experiment, chain);
  known.set(experiment, found);
  return found;
}

function workOut(context: Context, experiment: Experiment, chain: readonly Step[]): Inherited {
  const base = baseOf(context, experiment, chain);
  const items: { [K in Exclude<ItemKind, "unreadable">]?: Item } = { ...base.items };
  let { damaged } = base;
  const halves = new Map(base.halves.map((half) => [half.kind, half] as const));
  const own = new Map<ItemKind, Item>();
  for (const item of experiment.items) {
    if (item.kind === "unreadable") {
      damaged = true;
      continue;
    }
    const first = own.get(item.kind);
    if (first !== undefined) {
      context.report("LNAS1202", item.span, { item: item.kind }, [context.label("the first is here", first.span)]);
      continue;
    }
    own.set(item.kind, item);
    context.own(item);
    const whole = spelledOut(context, item);
    const half = whole === undefined || startsAnew(item) ? undefined : halves.get(item.kind as Half["kind"]);
    if (whole === undefined || half !== undefined) {
      halves.set(item.kind as Half["kind"], item as Half);
      delete items[item.kind];
      continue;
    }
    halves.delete(item.kind as Half["kind"]);
    const before = items[item.kind];
    const merged = before === undefined ? whole : overridden(context, before, whole, item);
    context.own(merged);
    items[item.kind] = merged;
  }
  return { items: items as Items, halves: [...halves.values()], damaged, depth: base.depth };
}

const NOTHING: Inherited = { items: {}, halves: [], damaged: false, depth: 0 };
const UNKNOWN: Inherited = { ...NOTHING, damaged: true };

/** Whether an item names a record, and so takes nothing over. */
const startsAnew = (item: Item): boolean => "base" in item && item.base !== null;

interface Step extends Link {
  readonly experiment: Experiment;
}

function baseOf(context: Context, extending: Experiment, before: readonly Step[]): Inherited {
  const { base, name } = extending;
  if (base === null) return NOTHING;
  const binding = context.bound(base.text, "experiment");
  if (binding === undefined) {
    if (!context.isUnknowable(base.text)) {
      const known = context.namesOf(({ kind }) => kind === "experiment");
      const { hint, fixes } = context.meant(base, known, "Import it from its file.");
      context.report("LNAS1108", base.span, { name: base.text, what: "an experiment", hint }, [], fixes);
    }
    return UNKNOWN;
  }
  const { experiment, scope } = binding;
  const chain: readonly Step[] = [...before, { experiment: extending, context, name, reference: base.span }];
  const met = chain.findIndex((step) => step.experiment === experiment);
  if (met >= 0) {
    reportCycle(chain.slice(met));
    return UNKNOWN;
  }
  const isTooFar = (depth: number) => isTooDeep(context, depth, base.span, "experiments that extend one another");
  if (isTooFar(before.length)) return UNKNOWN;
  const found = inheritedItems(context.in(scope), experiment, chain);
  return isTooFar(found.depth) ? UNKNOWN : { ...found, depth: found.depth + 1 };
}

/** An item with the record it names in place; undefined after a report. */
function spelledOut(context: Context, item: Exclude<Item, { kind: "unreadable" }>): Item | undefined {
  switch (item.kind) {
    case "backbone":
    case "dataset":
    case "train": {
      const merged = blockWithBase(context, item as Parameters<typeof blockWithBase>[1]);
      return merged && { ...item, ...merged };
    }
    case "search": {
      const block = mergeBlocks(context, null, context, item.block);
      if (context.bound(item.controller.text, "record")?.record.of !== "search") return { ...item, block };
      const record = recordOf(context, "search", item.controller);
      if (record?.root == null) {
        if (record !== undefined)
          context.report("LNAS1205", item.controller.span, {
            where: `search ${item.controller.text}`,
            option: `= <controller>`,
          });
        return undefined;
      }
      const controller = { ...record.root };
      record.context.own(controller);
      return { ...item, controller, block: mergeBlocks(context, record.block, context, block) };
    }
    default:
      for (const part of partsOf(item)) context.own(part);
      return item;
  }
}

/** What of an item may come from another file than the rest. */
function partsOf(item: Item): readonly object[] {
  if (item.kind === "adapter") return item.entries;
  return item.kind === "objective" ? [...item.goals, ...item.constraints] : [];
}

/** `item` on top of an inherited one of its kind. `written` is the item before its record was put in place. */
function overridden(context: Context, before: Item, item: Item, written: Item): Item {
  const onTop = (base: OptionBlock | null, over: OptionBlock | null) => mergeBlocks(context, base, context, over);
  if ("base" in item && "base" in before) {
    return startsAnew(written)
      ? item
      : ({ ...item, base: before.base, block: onTop(before.block, item.block) } as Item);
  }
  if (item.kind === "search" && before.kind === "search") {
    const isSame = item.controller.text === before.controller.text;
    // Options of a controller are its own: another one does not take them over.
    const kept = before.block && {
      ...before.block,
      options: before.block.options.filter(({ name }) => isSame || name.text !== "controller"),
    };
    return { ...item, block: onTop(kept, item.block) };
  }
  if (item.kind === "budget" && before.kind === "budget")
    return { ...item, block: onTop(before.block, item.block) ?? item.block };
  if (item.kind === "adapter" && before.kind === "adapter") {
    const given = new Set(item.entries.map(({ kind }) => kind));
    return { ...item, entries: [...before.entries.filter(({ kind }) => !given.has(kind)), ...item.entries] };
  }
  if (item.kind === "objective" && before.kind === "objective") {
    const limited = new Set(item.constraints.map(({ quantity }) => quantity.text));
    return {
      ...item,
      goals: item.goals.length > 0 ? item.goals : before.goals,
      constraints: [...before.constraints.filter(({ quantity }) => !limited.has(quantity.text)), ...item.constraints],
    };
  }
  return item;
}
