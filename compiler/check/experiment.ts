/** An experiment as a whole: each item once, each item checked, the results joined to an IR with the place of every part. */
import type { Experiment, Item, ItemKind } from "../../grammar/index.js";
import type { BackboneDescription } from "../../runtime/models/backbone.js";
import type { Place } from "../diagnostics/diagnostic.js";
import type { CompilerHost } from "../host.js";
import { type ExperimentIR, IR_VERSION } from "../ir/types.js";
import type { Written } from "../written.js";
import { type CheckedAdapter, checkAdapter } from "./adapter.js";
import { checkBackbone } from "./backbone.js";
import type { Context } from "./context.js";
import { checkDataset } from "./dataset.js";
import { readFields } from "./fields.js";
import { type Inherited, inheritedItems } from "./inherit.js";
import { checkBlock } from "./lone-record.js";
import { checkObjective } from "./objective.js";
import { BUDGET, TRAINING } from "./options.js";
import { checkCompare, checkSearch } from "./search.js";
import { checkSearchRoom } from "./search-room.js";
import { readTraining } from "./training.js";
import { warnOfNoEffect } from "./without-effect.js";

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
  /** Text of the backbone's `config.json`. */
  readonly config: string;
  readonly written: Written;
  /** Where the parts of the IR stand, by JSON pointer; a part without an entry has its parent's. */
  readonly places: Readonly<Record<string, Place>>;
}

type ItemOf<K extends ItemKind> = Extract<Item, { kind: K }>;

/** Checks an experiment; undefined when a report keeps it from having an IR. */
export function checkExperiment(
  context: Context,
  experiment: Experiment,
  host: CompilerHost,
): CheckedExperiment | undefined {
  const { items, halves, damaged } = inheritedItems(context, experiment);
  // Where an item could not be read, a missing one is most likely that one.
  if (!damaged)
    for (const [item, example] of Object.entries(REQUIRED))
      if (items[item as keyof typeof items] === undefined && !halves.some(({ kind }) => kind === item))
        context.report("LNAS1201", experiment.name.span, { item, example });
  for (const half of halves) if (half.kind !== "search") checkBlock(context.at(half), half);
  const when = <I extends Item, R>(item: I | undefined, check: (found: I) => R): R | undefined =>
    item === undefined ? undefined : check(item);

  const backbone = when(items.backbone, (found) => checkBackbone(context, found, host));
  const dataset = when(items.dataset, (found) => checkDataset(context, found));
  const adapter =
    backbone &&
    when(items.adapter, (found) =>
      checkAdapter(context.at(found), found, backbone.ir.name, backbone.description, host.mostRankChoices),
    );
  const objective = when(items.objective, (found) =>
    checkObjective(context.at(found), found, adapter?.ir, backbone?.ir),
  );
  const room = backbone &&
    adapter && { host, description: backbone.description, adapter: adapter.ir, objective: objective?.ir };
  const search = when(items.search, (found) => checkSearch(context.at(found), found, host.controllers, room));
  if (search && objective)
    warnOfNoEffect(context.at(items.search!), items.search!, search, objective.ir, host.controllers);
  const hasRoom =
    adapter === undefined ||
    checkSearchRoom(
      context,
      adapter,
      items.objective && objective && { item: items.objective, ir: objective.ir },
      search,
    );
  const compare = checkCompare(
    items.compare === undefined ? context : context.at(items.compare),
    items.compare,
    host.controllers,
    room,
  );
  const train = when(items.train, (found) =>
    readTraining(context.at(found), found.block, `train ${found.name.text}`, found.name, TRAINING),
  );
  const budget = checkBudget(items.budget === undefined ? context : context.at(items.budget), items.budget);
  const exported = when(items.export, (found) => checkExport(context.at(found), found));
  const head = checkHead(context, items.summary, items.seed);
  if (!backbone || !dataset || !adapter || !objective || !search || !compare || !train || !budget || !exported || !head)
    return undefined;
  if (damaged || !hasRoom) return undefined;
  const ir: ExperimentIR = {
    irVersion: IR_VERSION,
    edition: 1,
    name: experiment.name.text,
    ...head,
    backbone: backbone.ir,
    dataset,
    adapter: adapter.ir,
    objective: objective.ir,
    search,
    compare,
    train,
    budget,
    export: exported,
  };
  const written: Written = { targets: adapter.written, limit: objective.limit };
  const { description, config } = backbone;
  return { ir, description, config, written, places: placesOf(context, experiment, items, adapter) };
}

function placesOf(
  context: Context,
  experiment: Experiment,
  items: Inherited["items"],
  adapter: CheckedAdapter,
): Record<string, Place> {
  const places: Record<string, Place> = {};
  const put = (pointer: string, part: object, span: Place["span"]) => {
    places[pointer] = { file: context.at(part).scope.file, span };
  };
  put("", experiment, experiment.span);
  put("/name", experiment, experiment.name.span);
  for (const [kind, found] of Object.entries(items)) put(`/${kind}`, found, found.span);
  adapter.sources.forEach((sources, index) => {
    const [entry] = sources as readonly [(typeof sources)[number]];
    const { target } = entry;
    put(`/adapter/targets/${index}`, entry, target.span);
    put(`/adapter/targets/${index}/modules`, entry, target.modules.span);
    put(`/adapter/targets/${index}/ranks`, entry, target.ranks.span);
    const tied = sources.find((source) => source.target.tie !== null);
    if (tied !== undefined) put(`/adapter/targets/${index}/ties`, tied, tied.target.tie!.span);
  });
  for (const kind of ["dataset", "search", "train", "budget"] as const)
    for (const option of items[kind]?.block?.options ?? [])
      put(
        kind === "dataset" ? `/dataset/splits/${option.name.text}` : `/${kind}/${camelCase(option.name.text)}`,
        option,
        option.span,
      );
  return places;
}

const camelCase = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

function checkHead(context: Context, summary: ItemOf<"summary"> | undefined, seed: ItemOf<"seed"> | undefined) {
  const text = summary === undefined ? undefined : context.at(summary).resolve(summary.value);
  const number = seed === undefined ? undefined : context.at(seed).resolve(seed.value);
  let sound = true;
  if (text !== undefined && text.kind !== "string") {
    context.at(summary!).reportValue("summary", summary!.value, "a text in double quotes");
    sound = false;
  }
  if (
    number !== undefined &&
    (number.kind !== "number" || number.unit !== null || !Number.isSafeInteger(number.value) || number.value < 0)
  ) {
    context.at(seed!).reportValue("seed", seed!.value, "a whole number from 0 up");
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
  const { values, whole } = readFields(context, item.block, BUDGET, "budget", item);
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
