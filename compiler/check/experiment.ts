/** An experiment as a whole: each item once, each item checked, the results joined to an IR with the place of every part. */
import type { Experiment, Item, ItemKind, Span } from "../../grammar/index.js";
import type { BackboneDescription } from "../../runtime/models/backbone.js";
import type { CompilerHost } from "../host.js";
import { type ExperimentIR, IR_VERSION } from "../ir/types.js";
import { checkAdapter } from "./adapter.js";
import { checkBackbone } from "./backbone.js";
import type { Context } from "./context.js";
import { checkDataset } from "./dataset.js";
import { readFields } from "./fields.js";
import { checkObjective } from "./objective.js";
import { checkCompare, checkSearch } from "./search.js";
import { readTraining } from "./training.js";

const TRAINING = { steps: 1000, batch: 8, schedule: "cosine" } as const;

/** Items an experiment must have, and how each looks. */
const REQUIRED: Readonly<Partial<Record<ItemKind, string>>> = {
  backbone: 'backbone vlm = mllama { weights folder("…") }',
  dataset: 'dataset data { train messages("…") … }',
  adapter: "adapter lora on vlm { target … rank in [0, 4, 8] }",
  objective: "objective { minimize loss on reward  subject to parameters <= … }",
  search: "search natural_policy_gradient",
  train: "train final { steps 1000 }",
  export: 'export peft "adapter"',
};

export interface CheckedExperiment {
  readonly ir: ExperimentIR;
  readonly description: BackboneDescription;
  /** Where the parts of the IR stand in the text, by JSON pointer; a part without an entry has its parent's. */
  readonly spans: Readonly<Record<string, Span>>;
}

type ItemOf<K extends ItemKind> = Extract<Item, { kind: K }>;

/** Checks an experiment; undefined when a report keeps it from having an IR. */
export function checkExperiment(
  context: Context,
  experiment: Experiment,
  host: CompilerHost,
): CheckedExperiment | undefined {
  const items = new Map<ItemKind, Item>();
  for (const item of experiment.items) {
    if (item.kind === "unreadable") continue;
    const first = items.get(item.kind);
    if (first === undefined) items.set(item.kind, item);
    else context.report("LNAS1202", item.span, { item: item.kind }, [context.label("the first is here", first.span)]);
  }
  // Where an item could not be read, a missing one is most likely that one.
  const damaged = experiment.items.some(({ kind }) => kind === "unreadable");
  if (!damaged)
    for (const [item, example] of Object.entries(REQUIRED))
      if (!items.has(item as ItemKind)) context.report("LNAS1201", experiment.name.span, { item, example });
  const item = <K extends ItemKind>(kind: K) => items.get(kind) as ItemOf<K> | undefined;
  const when = <K extends ItemKind, R>(kind: K, check: (found: ItemOf<K>) => R): R | undefined => {
    const found = item(kind);
    return found === undefined ? undefined : check(found);
  };

  const backbone = when("backbone", (found) => checkBackbone(context, found, host));
  const dataset = when("dataset", (found) => checkDataset(context, found));
  const adapter =
    backbone && when("adapter", (found) => checkAdapter(context, found, backbone.ir.name, backbone.description));
  const objective =
    backbone && adapter && when("objective", (found) => checkObjective(context, found, adapter.ir, backbone.ir));
  const search = when("search", (found) => checkSearch(context, found, host.controllers));
  const compare = checkCompare(context, item("compare"), host.controllers);
  const train = when("train", (found) =>
    readTraining(context, found.block, `train ${found.name.text}`, found.name, TRAINING),
  );
  const budget = checkBudget(context, item("budget"));
  const exported = when("export", (found) => checkExport(context, found));
  const head = checkHead(context, item("summary"), item("seed"));
  if (!backbone || !dataset || !adapter || !objective || !search || !compare || !train || !budget || !exported || !head)
    return undefined;
  if (damaged) return undefined;
  const ir: ExperimentIR = {
    irVersion: IR_VERSION,
    edition: 1,
    name: experiment.name.text,
    ...head,
    backbone: backbone.ir,
    dataset,
    adapter: adapter.ir,
    objective,
    search,
    compare,
    train,
    budget,
    export: exported,
  };
  const spans: Record<string, Span> = { "": experiment.span, "/name": experiment.name.span };
  for (const [kind, found] of items) spans[`/${kind}`] = found.span;
  adapter.targets.forEach(({ source }, index) => {
    spans[`/adapter/targets/${index}`] = source.span;
    spans[`/adapter/targets/${index}/pattern`] = source.pattern.span;
    spans[`/adapter/targets/${index}/ranks`] = source.ranks.span;
    if (source.tie !== null) spans[`/adapter/targets/${index}/ties`] = source.tie.span;
  });
  for (const kind of ["dataset", "search", "train", "budget"] as const) {
    const found = item(kind);
    for (const option of found?.block?.options ?? [])
      spans[kind === "dataset" ? `/dataset/splits/${option.name.text}` : `/${kind}/${camelCase(option.name.text)}`] =
        option.span;
  }
  return { ir, description: backbone.description, spans };
}

const camelCase = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

function checkHead(context: Context, summary: ItemOf<"summary"> | undefined, seed: ItemOf<"seed"> | undefined) {
  const text = summary === undefined ? undefined : context.resolve(summary.value);
  const number = seed === undefined ? undefined : context.resolve(seed.value);
  let sound = true;
  if (text !== undefined && text.kind !== "string") {
    context.report("LNAS1204", text.span, { option: "summary", expected: "a text in double quotes" });
    sound = false;
  }
  if (
    number !== undefined &&
    (number.kind !== "number" || number.unit !== null || !Number.isSafeInteger(number.value) || number.value < 0)
  ) {
    context.report("LNAS1204", number.span, { option: "seed", expected: "a whole number from 0 up" });
    sound = false;
  }
  if (!sound) return undefined;
  return {
    summary: text?.kind === "string" ? text.value : "",
    seed: number?.kind === "number" ? number.value : 0,
  };
}

function checkBudget(context: Context, item: ItemOf<"budget"> | undefined): ExperimentIR["budget"] | undefined {
  if (item === undefined) return {};
  // Both are optional: a default of 0 stands for "no limit" and is left out again.
  const { values, whole } = readFields(
    context,
    item.block,
    { wall_clock: { kind: "duration", default: 0 }, device_memory: { kind: "bytes", default: 0 } },
    "budget",
    item,
  );
  if (!whole) return undefined;
  return {
    ...(values.wall_clock === 0 ? {} : { wallClockMs: values.wall_clock as number }),
    ...(values.device_memory === 0 ? {} : { deviceMemoryBytes: values.device_memory as number }),
  };
}

function checkExport(context: Context, { format, path }: ItemOf<"export">): ExperimentIR["export"] | undefined {
  const value = context.resolve(path);
  if (format.text !== "peft") {
    context.report("LNAS1108", format.span, { name: format.text, what: "a format for export", hint: "Use `peft`." });
    return undefined;
  }
  // The folder lies within the run folder, always.
  if (
    value.kind !== "string" ||
    value.value === "" ||
    value.value.startsWith("/") ||
    value.value.split("/").includes("..") ||
    /[\\:]/.test(value.value)
  ) {
    context.report("LNAS1204", value.span, {
      option: "the export folder",
      expected: 'a path within the run folder, such as "adapter"',
    });
    return undefined;
  }
  return { format: "peft", path: value.value };
}
