/** Records: backbones, data sets, searches and trainings that are declared once and started from by name. */
import type { Name, NamedItem, OptionBlock, RecordDeclaration, RecordKind } from "../../grammar/index.js";
import type { Context } from "./context.js";
import { isTooDeep, type Link, reportCycle } from "./cycle.js";
import { mergeBlocks } from "./merge.js";

/** How a record is spoken of, and where one may be found. */
const SPEECH: Readonly<Record<RecordKind, { readonly what: string; readonly nothing: string }>> = {
  backbone: { what: "a backbone", nothing: 'Import one: `import { mllama } from "std:backbones"`.' },
  dataset: { what: "a dataset", nothing: "Declare `dataset <name> { … }` at the top of a file." },
  search: { what: "a search", nothing: "Declare `search <name> = <controller> { … }` at the top of a file." },
  train: { what: "a training", nothing: "Declare `train <name> { … }` at the top of a file." },
};

/** What a chain of records is made of. */
const THINGS = "records that start from one another";

/** A record with all it starts from. */
export interface ResolvedRecord {
  readonly block: OptionBlock | null;
  /** What the first record of the chain starts from: a controller's name, for a search. */
  readonly root: Name | null;
  /** Of the file that names `root`. */
  readonly context: Context;
  /** How many records stand behind it. */
  readonly depth: number;
}

interface Step extends Link {
  readonly record: RecordDeclaration;
}

/** The record of a name, with the records it starts from; undefined after a report, or where nothing can be said. */
export function recordOf(
  context: Context,
  kind: RecordKind,
  name: Name,
  chain: readonly Step[] = [],
): ResolvedRecord | undefined {
  const binding = context.bound(name.text, "record");
  if (binding?.record.of !== kind) {
    if (context.isUnknowable(name.text)) return undefined;
    const { what, nothing } = SPEECH[kind];
    const known = context.namesOf((bound) => bound.kind === "record" && bound.record.of === kind);
    const { hint, fixes } = context.meant(name, known, nothing);
    context.report("LNAS1108", name.span, { name: name.text, what, hint }, [], fixes);
    return undefined;
  }
  const { record } = binding;
  const met = chain.findIndex((step) => step.record === record);
  if (met >= 0) {
    reportCycle(chain.slice(met));
    return undefined;
  }
  if (isTooDeep(context, chain.length, name.span, THINGS)) return undefined;
  return resolved(context.in(binding.scope), record, chain);
}

/** A record's own block on top of what it starts from. */
export function resolved(
  there: Context,
  record: RecordDeclaration,
  chain: readonly Step[] = [],
): ResolvedRecord | undefined {
  const known = there.table<RecordDeclaration, ResolvedRecord | undefined>(resolved);
  if (!known.has(record)) known.set(record, workOut(there, record, chain));
  return known.get(record);
}

function workOut(there: Context, record: RecordDeclaration, chain: readonly Step[]): ResolvedRecord | undefined {
  const { base } = record;
  // A search starts from a controller in the end; whether that exists is the search's own check.
  const isRoot = base === null || (record.of === "search" && there.bound(base.text, "record")?.record.of !== "search");
  if (isRoot) return { block: mergeBlocks(there, null, there, record.block), root: base, context: there, depth: 0 };
  const step = { record, context: there, name: record.name, reference: base.span };
  const below = recordOf(there, record.of, base, [...chain, step]);
  if (below === undefined || isTooDeep(there, below.depth, base.span, THINGS)) return undefined;
  return { ...below, block: mergeBlocks(there, below.block, there, record.block), depth: below.depth + 1 };
}

/** An item's block on top of the record it names; undefined after a report. */
export function blockWithBase<K extends Exclude<RecordKind, "search">>(
  context: Context,
  item: NamedItem<K>,
): { readonly block: OptionBlock | null } | undefined {
  if (item.base === null) return { block: mergeBlocks(context, null, context, item.block) };
  const record = recordOf(context, item.kind, item.base);
  return record && { block: mergeBlocks(context, record.block, context, item.block) };
}
