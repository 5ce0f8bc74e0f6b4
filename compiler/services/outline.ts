/** The outline of a file: its declarations, and the items of its experiments. */
import type { AdapterEntry, Declaration, Item, Name, Option, Span } from "../../grammar/index.js";
import { counted } from "../numbers.js";
import type { Analysis, OutlineEntry } from "./analysis.js";
import { brief } from "./value-text.js";

/** The declarations of a file, in the order of the text; what cannot be read is left out. */
export function outline({ text, loaded }: Analysis): OutlineEntry[] {
  return (loaded.entry?.parsed.declarations ?? []).flatMap((declaration) => entriesOf(declaration, text));
}

function entriesOf(declaration: Declaration, text: string): OutlineEntry[] {
  const { span } = declaration;
  const entry = (kind: OutlineEntry["kind"], name: Name, detail: string, children: readonly OutlineEntry[] = []) => [
    { name: name.text, detail, kind, span, nameSpan: name.span, children },
  ];
  switch (declaration.kind) {
    case "import": {
      const { names, from } = declaration;
      return entry(
        "import",
        { text: written(text, from.span), span: from.span },
        names.map((name) => name.text).join(", "),
      );
    }
    case "const":
      return entry("const", declaration.name, written(text, declaration.value.span));
    case "modules":
      return entry("modules", declaration.name, declaration.modules.text);
    case "record": {
      const { of, name, base } = declaration;
      return entry("record", name, base === null ? of : `${of} = ${base.text}`);
    }
    case "experiment": {
      const { name, base, items } = declaration;
      if (name.text === "") return [];
      return entry(
        "experiment",
        name,
        base === null ? "" : `extends ${base.text}`,
        items.flatMap((item) => itemEntries(item, text)),
      );
    }
    case "sweep":
      return entry("sweep", declaration.name, declaration.experiments.map(({ text: name }) => name).join(", "));
    default:
      return [];
  }
}

function itemEntries(item: Item, text: string): OutlineEntry[] {
  if (item.kind === "unreadable") return [];
  // An item begins with its keyword.
  const nameSpan = { start: item.span.start, end: item.span.start + item.kind.length };
  return [
    {
      name: item.kind,
      detail: detailOf(item, text),
      kind: "item",
      span: item.span,
      nameSpan,
      children: partsOf(item, text),
    },
  ];
}

function detailOf(item: Exclude<Item, { kind: "unreadable" }>, text: string): string {
  switch (item.kind) {
    case "summary":
    case "seed":
      return written(text, item.value.span);
    case "backbone":
    case "dataset":
    case "train":
      return item.base === null ? item.name.text : `${item.name.text} = ${item.base.text}`;
    case "adapter":
      return `${item.method.text} on ${item.backbone.text}`;
    case "objective":
      return item.goals.map(({ span }) => written(text, span)).join(", ");
    case "search":
      return item.controller.text;
    case "compare":
      return item.entries.map(({ name, value }) => withValue(name, value?.span, text)).join(", ");
    case "budget":
      return item.block.options.map(({ name, value }) => withValue(name, value?.span, text)).join(", ");
    case "export":
      return item.format.text;
  }
}

/** Targets, limits and options: what an item has within. */
function partsOf(item: Exclude<Item, { kind: "unreadable" }>, text: string): OutlineEntry[] {
  if (item.kind === "adapter") return item.entries.map((entry) => adapterEntry(entry, text));
  if (item.kind === "objective")
    return item.constraints.map(({ quantity, span }) =>
      part(quantity, written(text, { ...span, start: quantity.span.end }), span),
    );
  return "block" in item ? (item.block?.options ?? []).map((option) => optionEntry(option, text)) : [];
}

function adapterEntry(entry: AdapterEntry, text: string): OutlineEntry {
  if (entry.kind !== "target")
    return part(entry.name, written(text, entry.value.span), {
      start: entry.name.span.start,
      end: entry.value.span.end,
    });
  const { modules, ranks, fixed, span } = entry.target;
  const choices = `rank ${fixed ? "" : "in "}${written(text, ranks.span)}`;
  return part({ text: modules.text, span: modules.span }, choices, span);
}

const optionEntry = ({ name, value, block, span }: Option, text: string): OutlineEntry =>
  part(
    name,
    value === null ? (block === null ? "" : counted(block.options.length, "option")) : written(text, value.span),
    span,
  );

const part = (name: Name, detail: string, span: Span): OutlineEntry => ({
  name: name.text,
  detail,
  kind: "item",
  span,
  nameSpan: name.span,
  children: [],
});

const withValue = (name: Name, value: Span | undefined, text: string): string =>
  value === undefined ? name.text : `${name.text} ${written(text, value)}`;

const written = (text: string, { start, end }: Span): string => brief(text.slice(start, end));
