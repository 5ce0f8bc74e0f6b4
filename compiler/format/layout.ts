/** The parts of a spec as they are laid out: entries, their columns, and the blocks within them. Comes from the syntax tree, so that it knows no words. */
import {
  type AdapterEntry,
  type Constraint,
  type Declaration,
  type Goal,
  type Item,
  type ModuleSet,
  type Option,
  type OptionBlock,
  type Span,
  UNITS,
} from "../../grammar/index.js";

/** Something that has a line of its own, or several. */
export interface Entry {
  readonly span: Span;
  /** Its columns up to its block; together they cover it without gaps. */
  readonly columns: readonly Span[];
  readonly block: Block | null;
  /** Neighbours of one key are aligned; null: never. */
  readonly alignment: string | null;
  /** Whether the comma behind it has to stay, because without it the next entry would be read as part of this one. */
  readonly keepsComma: boolean;
}

export interface Block {
  /** Of both braces. */
  readonly span: Span;
  readonly entries: readonly Entry[];
  /** What parts several entries that stand on one line; null: they never do. */
  readonly separator: ", " | null;
  /** Whether an entry of several lines stands apart from its neighbours. */
  readonly isAiry: boolean;
}

const upTo = (start: Span, end: Span): Span => ({ start: start.start, end: end.end });
const between = (start: number, end: number): Span => ({ start, end });

/** Where the first opening brace stands from an offset on that is in no comment; no text comes before it. */
function braceFrom(text: string, from: number): number {
  const found = /\/\/[^\n\r]*|\/\*[\s\S]*?\*\/|\{/g;
  found.lastIndex = from;
  for (let match = found.exec(text); match !== null; match = found.exec(text)) if (match[0] === "{") return match.index;
  return -1;
}

/** An entry without a block, its columns cut at these offsets. */
function line(span: Span, alignment: string | null, ...cuts: readonly number[]): Entry {
  const edges = [span.start, ...cuts, span.end];
  const columns = cuts.concat(span.end).map((end, at) => between(edges[at]!, end));
  return { span, columns, block: null, alignment, keepsComma: false };
}

/** An entry with a block at its end. */
function withBlock(span: Span, block: Block, alignment: string | null, ...cuts: readonly number[]): Entry {
  const head = line(between(span.start, block.span.start), alignment, ...cuts.filter((cut) => cut < block.span.start));
  return { ...head, span, block };
}

/** A block of options as a block; null for shares, which have no braces. */
function optionBlock(block: OptionBlock, text: string): Block | null {
  if (text[block.span.start] !== "{") return null;
  const entries = block.options.map((each, at) => ({
    ...option(each, text),
    keepsComma: clings(each, block.options[at + 1]),
  }));
  return { span: block.span, entries, separator: ", ", isAiry: false };
}

function option({ name, value, block, span }: Option, text: string): Entry {
  const laidOut = block === null ? null : optionBlock(block, text);
  if (laidOut !== null) return withBlock(span, laidOut, "option", name.span.end);
  return value === null && block === null ? line(span, "option") : line(span, "option", name.span.end);
}

/** Whether an option without a comma behind it would take the name of the next for its value, or for the unit of its number. */
function clings({ value, block }: Option, next: Option | undefined): boolean {
  if (next === undefined || block !== null) return false;
  const last = value?.kind === "range" ? value.to : value;
  return last === null || (last.kind === "number" && last.unit === null && UNITS.has(next.name.text));
}

/** The extent of a part of an adapter. */
function adapterEntry(entry: AdapterEntry): Entry {
  if (entry.kind !== "target") {
    const { name, value } = entry;
    return line(upTo(name.span, value.span), "entry", name.span.end);
  }
  const { span, modules, tie, ranks } = entry.target;
  return line(span, "entry", span.start + "target".length, modules.span.end, ...(tie === null ? [] : [ranks.span.end]));
}

const goal = ({ span, direction }: Goal): Entry => line(span, "entry", span.start + direction.length);
const constraint = ({ span, quantity }: Constraint, text: string): Entry =>
  line(span, "entry", span.start + text.slice(span.start, quantity.span.start).trimEnd().length);

/** An entry for each item, declaration or option; `text` is what was parsed, without mistakes. */
function item(it: Exclude<Item, { kind: "unreadable" }>, text: string): Entry {
  const { span } = it;
  const braces = (from: number) => between(braceFrom(text, from), span.end);
  switch (it.kind) {
    case "summary":
    case "seed":
      return line(span, "head", span.start + it.kind.length);
    case "adapter": {
      const entries = it.entries.map(adapterEntry);
      const block = { span: braces(it.backbone.span.end), entries, separator: ", ", isAiry: false } as const;
      return withBlock(span, block, null);
    }
    case "objective": {
      const entries = [...it.goals.map(goal), ...it.constraints.map((each) => constraint(each, text))].sort(
        (a, b) => a.span.start - b.span.start,
      );
      return withBlock(span, { span: braces(span.start), entries, separator: ", ", isAiry: false }, null);
    }
    case "compare":
    case "export":
      return line(span, null);
    default: {
      const block = it.block === null ? null : optionBlock(it.block, text);
      return block === null ? line(span, null) : withBlock(span, block, null);
    }
  }
}

/** The entries of a file. */
export function layoutOf(declarations: readonly Declaration[], text: string): readonly Entry[] {
  const entryOf = (declaration: Declaration): Entry => {
    const { span } = declaration;
    switch (declaration.kind) {
      case "unreadable":
        throw new Error("only what can be read can be laid out");
      case "edition":
        return line(span, null);
      case "import": {
        const from = text.lastIndexOf("}", declaration.from.span.start) + 1;
        return line(span, "import", from);
      }
      case "const":
        return line(span, "const", declaration.name.span.end);
      case "modules":
        return line(span, "modules", declaration.name.span.end);
      case "sweep":
        return line(span, "sweep", declaration.name.span.end);
      case "record": {
        const block = declaration.block === null ? null : optionBlock(declaration.block, text);
        return block === null ? line(span, null) : withBlock(span, block, null);
      }
      case "experiment": {
        const head = declaration.base ?? declaration.name;
        const entries = declaration.items.flatMap((each) => (each.kind === "unreadable" ? [] : [item(each, text)]));
        const braces = between(braceFrom(text, head.span.end), span.end);
        return withBlock(span, { span: braces, entries, separator: null, isAiry: true }, null);
      }
    }
  };
  return declarations.map(entryOf);
}

/** The spans of all module patterns, in the order of the text. */
export function patternSpans(declarations: readonly Declaration[]): Span[] {
  const of = ({ include, exclude }: ModuleSet) => [...include, ...exclude].map(({ span }) => span);
  return declarations
    .flatMap((declaration) => {
      if (declaration.kind === "modules") return of(declaration.modules);
      if (declaration.kind !== "experiment") return [];
      return declaration.items.flatMap((each) =>
        each.kind === "adapter"
          ? each.entries.flatMap((entry) => (entry.kind === "target" ? of(entry.target.modules) : []))
          : [],
      );
    })
    .sort((a, b) => a.start - b.start);
}
