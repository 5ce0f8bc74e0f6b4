/** The one walk over a syntax tree that all services share: every word that is not a keyword, with the part it plays. */
import type {
  Declaration,
  Experiment,
  Item,
  ModuleSet,
  Name,
  NamedItem,
  Option,
  OptionBlock,
  Pattern,
  RecordKind,
  Value,
} from "../../grammar/index.js";
import { setNameOf } from "../check/module-set.js";
import { COMPARE } from "../check/options.js";

/** What a word is, by where it stands. */
export type Word = { readonly name: Name } & (
  | { readonly role: "const" | "modules" | "experiment" | "sweep"; readonly declares: boolean }
  /** A record that is declared, or that something starts from; after `search` perhaps a controller. */
  | { readonly role: "record"; readonly of: RecordKind; readonly declares: boolean }
  | { readonly role: "imported" }
  /** The backbone of an experiment, by the name it has there. */
  | { readonly role: "backbone"; readonly experiment: Experiment }
  /** The name of a data set or training of an experiment: nothing refers to it. */
  | { readonly role: "item" }
  | { readonly role: "controller" | "option" | "choice" | "call" | "label" | "segment" | "unit" }
);
type Visit = (word: Word) => void;

/** Every word of some declarations. A name in a value is a `const`, though it may turn out to be a choice. */
export function wordsIn(declarations: readonly Declaration[]): Word[] {
  const words: Word[] = [];
  for (const declaration of declarations) visitDeclaration(declaration, (word) => words.push(word));
  return words.sort((a, b) => a.name.span.start - b.name.span.start);
}

function visitDeclaration(declaration: Declaration, visit: Visit): void {
  switch (declaration.kind) {
    case "import":
      for (const name of declaration.names) visit({ name, role: "imported" });
      return;
    case "const":
      visit({ name: declaration.name, role: "const", declares: true });
      visitValue(declaration.value, visit);
      return;
    case "modules":
      visit({ name: declaration.name, role: "modules", declares: true });
      visitModules(declaration.modules, visit);
      return;
    case "record":
      visit({ name: declaration.name, role: "record", of: declaration.of, declares: true });
      if (declaration.base !== null)
        visit({ name: declaration.base, role: "record", of: declaration.of, declares: false });
      visitBlock(declaration.block, visit);
      return;
    case "experiment":
      // Without text the name could not be read.
      if (declaration.name.text !== "") visit({ name: declaration.name, role: "experiment", declares: true });
      if (declaration.base !== null) visit({ name: declaration.base, role: "experiment", declares: false });
      for (const item of declaration.items) visitItem(item, declaration, visit);
      return;
    case "sweep":
      visit({ name: declaration.name, role: "sweep", declares: true });
      for (const name of declaration.experiments) visit({ name, role: "experiment", declares: false });
  }
}

function visitItem(item: Item, experiment: Experiment, visit: Visit): void {
  switch (item.kind) {
    case "summary":
    case "seed":
      visitValue(item.value, visit);
      return;
    case "backbone":
      visit({ name: item.name, role: "backbone", experiment });
      visitNamed(item, visit);
      return;
    case "dataset":
    case "train":
      visit({ name: item.name, role: "item" });
      visitNamed(item, visit);
      return;
    case "adapter":
      visit({ name: item.method, role: "choice" });
      visit({ name: item.backbone, role: "backbone", experiment });
      for (const entry of item.entries) {
        if (entry.kind !== "target") {
          visitValue(entry.value, visit);
          continue;
        }
        const { modules, ranks, tie } = entry.target;
        visitModules(modules, visit);
        visitValue(ranks, visit);
        if (tie !== null) visit({ name: tie.unit, role: "choice" });
      }
      return;
    case "objective":
      visitObjective(item, experiment, visit);
      return;
    case "search":
      visit({ name: item.controller, role: "record", of: "search", declares: false });
      visitBlock(item.block, visit);
      return;
    case "compare":
      for (const { name, value, block } of item.entries) {
        visit({ name, role: Object.hasOwn(COMPARE, name.text) ? "option" : "controller" });
        if (value !== null) visitValue(value, visit);
        visitBlock(block, visit);
      }
      return;
    case "budget":
      visitBlock(item.block, visit);
      return;
    case "export":
      visit({ name: item.format, role: "choice" });
      visitValue(item.path, visit);
  }
}

function visitNamed({ kind, base, block }: NamedItem<Exclude<RecordKind, "search">>, visit: Visit): void {
  if (base !== null) visit({ name: base, role: "record", of: kind, declares: false });
  visitBlock(block, visit);
}

function visitObjective(
  { goals, constraints }: Extract<Item, { kind: "objective" }>,
  experiment: Experiment,
  visit: Visit,
): void {
  for (const { metric, split, weight } of goals) {
    visit({ name: metric, role: "choice" });
    if (split !== null) visit({ name: split, role: "choice" });
    if (weight !== null) visitValue(weight, visit);
  }
  for (const { quantity, limit } of constraints) {
    visit({ name: quantity, role: "choice" });
    if (limit.kind === "value") visitValue(limit.value, visit);
    if (limit.kind === "uniform") visitValue(limit.rank, visit);
    if (limit.kind === "share") {
      visitValue(limit.percent, visit);
      visit({ name: limit.of, role: "backbone", experiment });
    }
  }
}

function visitBlock(block: OptionBlock | null, visit: Visit): void {
  for (const option of block?.options ?? []) visitOption(option, visit);
}

function visitOption({ name, value, block }: Option, visit: Visit): void {
  visit({ name, role: "option" });
  // The family is the one option whose word never stands for a constant.
  if (name.text === "family" && value?.kind === "name")
    visit({ name: { text: value.name, span: value.span }, role: "choice" });
  else if (value !== null) visitValue(value, visit);
  visitBlock(block, visit);
}

function visitValue(value: Value, visit: Visit): void {
  switch (value.kind) {
    case "number":
      if (value.unit !== null) visit({ name: value.unit, role: "unit" });
      return;
    case "name":
      visit({ name: { text: value.name, span: value.span }, role: "const", declares: false });
      return;
    case "list":
      for (const item of value.items) visitValue(item, visit);
      return;
    case "range":
      visitValue(value.from, visit);
      visitValue(value.to, visit);
      return;
    case "call":
      visit({ name: value.name, role: "call" });
      for (const { label, value: argument } of value.arguments) {
        if (label !== null) visit({ name: label, role: "label" });
        visitValue(argument, visit);
      }
  }
}

function visitModules({ include, exclude }: ModuleSet, visit: Visit): void {
  for (const pattern of [...include, ...exclude]) visitPattern(pattern, visit);
}

function visitPattern(pattern: Pattern, visit: Visit): void {
  const isWord = setNameOf(pattern) !== undefined;
  for (const { alternatives } of pattern.segments)
    for (const name of alternatives)
      visit(isWord ? { name, role: "modules", declares: false } : { name, role: "segment" });
}
