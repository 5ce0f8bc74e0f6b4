/** Options of a block against a table of fields: names, kinds, ranges, defaults. */
import type { Name, Option, OptionBlock, Span, Value } from "../../grammar/index.js";
import { nearest } from "../diagnostics/nearest.js";
import { shareOf } from "../numbers.js";
import type { Context } from "./context.js";

/** What an option may be, and a sentence on it. Without `default` it must be given. */
export type Field = { readonly doc: string } & (
  | {
      readonly kind: "integer" | "number";
      readonly min: number;
      readonly max: number;
      readonly above?: number;
      readonly below?: number;
      readonly default?: number;
    }
  | { readonly kind: "share"; readonly default?: number }
  | { readonly kind: "duration" | "bytes"; readonly default?: number }
  | {
      readonly kind: "choice";
      readonly choices: readonly string[];
      /** Calls that may stand instead, which the caller reads; `…` is to be filled in. */
      readonly forms?: readonly string[];
      readonly default?: string;
    }
  /** The path of a file, relative to the spec. */
  | { readonly kind: "file"; readonly default?: undefined }
);

/** Milliseconds by unit. */
const DURATIONS: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
};

/** What a field accepts, in words. */
export function expectation(field: Field): string {
  switch (field.kind) {
    case "integer":
      return field.max >= Number.MAX_SAFE_INTEGER
        ? `a whole number from ${field.min} up`
        : `a whole number from ${field.min} to ${field.max}`;
    case "number":
      if (field.above !== undefined) return `a number above ${field.above}`;
      if (field.below !== undefined) return `a number from ${field.min} up to, not including, ${field.below}`;
      return Number.isFinite(field.max)
        ? `a number from ${field.min} to ${field.max}`
        : `a number from ${field.min} up`;
    case "share":
      return "a share from 0% to 100%";
    case "duration":
      return "a time such as 30min or 6h";
    case "bytes":
      return "a size such as 70 GiB";
    case "file":
      return "the path of a file in double quotes";
    case "choice": {
      const choices = [...field.choices, ...(field.forms ?? [])];
      return choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(", ")}`;
    }
  }
}

/** The value of a field in its base unit (milliseconds, bytes, share of 1), or undefined when it is not one. */
export function fieldValue(field: Field, value: Value): number | string | undefined {
  if (field.kind === "choice") {
    const word = value.kind === "name" ? value.name : value.kind === "string" ? value.value : undefined;
    return word !== undefined && field.choices.includes(word) ? word : undefined;
  }
  if (field.kind === "file") return value.kind === "string" && value.value !== "" ? value.value : undefined;
  if (value.kind !== "number" || !Number.isFinite(value.value)) return undefined;
  const unit = value.unit?.text;
  switch (field.kind) {
    case "share":
      return unit === "%" && value.value >= 0 && value.value <= 100
        ? shareOf(value.value)
        : unit === undefined && value.value >= 0 && value.value <= 1
          ? value.value
          : undefined;
    case "duration":
      return amount(value.value, unit, DURATIONS);
    case "bytes":
      return amount(value.value, unit, BYTES);
    default: {
      const number =
        unit === "%" && field.kind === "number" ? shareOf(value.value) : unit === undefined ? value.value : Number.NaN;
      const { min, max, above, below } = field;
      if (!(number >= min && number <= max)) return undefined;
      if ((above !== undefined && number <= above) || (below !== undefined && number >= below)) return undefined;
      return field.kind === "integer" && !Number.isSafeInteger(number) ? undefined : number;
    }
  }
}

/** An amount above 0 in its base unit; undefined without a unit of the table, and beyond what a number holds exactly. */
function amount(value: number, unit: string | undefined, units: Readonly<Record<string, number>>): number | undefined {
  const size = unit !== undefined && Object.hasOwn(units, unit) ? value * units[unit]! : Number.NaN;
  return size > 0 && size <= Number.MAX_SAFE_INTEGER ? size : undefined;
}

/** Options by name; a second one of a name is reported and left out. */
export function optionsByName(context: Context, options: readonly Option[]): Map<string, Option> {
  const found = new Map<string, Option>();
  for (const option of options) {
    const first = found.get(option.name.text);
    if (first === undefined) found.set(option.name.text, option);
    else
      context
        .at(option)
        .report("LNAS1107", option.name.span, { name: option.name.text }, [
          context.at(first).label("first declared here", first.name.span),
        ]);
  }
  return found;
}

/** Those of `known` that some option is a misspelling of: to report them as missing would only repeat it. */
export function misspelt(options: Iterable<Option>, known: readonly string[]): ReadonlySet<string> {
  const unknown = [...options].filter(({ name }) => !known.includes(name.text));
  return new Set(unknown.flatMap(({ name }) => nearest(name.text, known) ?? []));
}

/** Reports options that are not in `known`. */
export function refuseUnknown(
  context: Context,
  options: Iterable<Option>,
  known: readonly string[],
  where: string,
): void {
  for (const option of options) {
    const { name } = option;
    if (known.includes(name.text)) continue;
    const there = context.at(option);
    const { hint, fixes } = there.meant(name, known, `${where} has no options.`);
    there.report("LNAS1203", name.span, { option: name.text, where, hint }, [], fixes);
  }
}

/** Reports a block after an option that takes none: what stands in it would be ignored. */
export function refuseBlock(context: Context, option: Option, where: string): boolean {
  if (option.block === null) return false;
  refuseUnknown(context, option.block.options, [], where);
  return option.block.options.length > 0;
}

/** The block of an option that is nothing but a block, such as `controller { … }`; null, after a report, when it is another thing. */
export function blockOf(context: Context, option: Option | undefined): OptionBlock | null {
  if (option === undefined) return null;
  if (option.value !== null || option.block === null) {
    const { text, span } = option.name;
    context.at(option).report("LNAS1204", option.value?.span ?? span, {
      option: text,
      expected: `a block, \`${text} { … }\``,
    });
    return null;
  }
  return option.block;
}

export interface FieldReading {
  readonly values: Readonly<Record<string, number | string>>;
  /** Whether all was well. */
  readonly whole: boolean;
}

/**
 * Reads the fields of a block. `apart` names further options that the caller reads itself. A field without default that is missing is
 * reported at `owner`.
 */
export function readFields(
  context: Context,
  block: OptionBlock | null,
  fields: Readonly<Record<string, Field>>,
  where: string,
  owner: Name | { readonly span: Span },
  apart: readonly string[] = [],
): FieldReading {
  const options = optionsByName(context, block?.options ?? []);
  const known = [...Object.keys(fields), ...apart];
  refuseUnknown(context, options.values(), known, where);
  const meant = misspelt(options.values(), known);
  const values: Record<string, number | string> = {};
  let whole = true;
  for (const [name, field] of Object.entries(fields)) {
    const option = options.get(name);
    if (option === undefined) {
      if (field.default !== undefined) values[name] = field.default;
      else {
        if (!meant.has(name)) context.report("LNAS1205", owner.span, { where, option: name });
        whole = false;
      }
      continue;
    }
    const there = context.at(option);
    const given = option.value === null ? null : there.resolve(option.value);
    const value = given === null || option.block !== null ? undefined : fieldValue(field, given);
    if (value === undefined) {
      const expected = expectation(field);
      if (option.value === null) there.report("LNAS1204", option.name.span, { option: name, expected });
      else if (option.block !== null) there.report("LNAS1204", option.block.span, { option: name, expected });
      else if (field.kind !== "choice") there.reportValue(name, option.value, expected);
      else if (!there.isUnavailable(option.value)) {
        const { kind, span } = option.value;
        const fixes = kind === "name" ? there.meant({ text: option.value.name, span }, field.choices).fixes : [];
        there.report("LNAS1204", span, { option: name, expected }, [], fixes);
      }
      whole = false;
    } else values[name] = value;
  }
  return { values, whole };
}

/** One field with a default among options that are checked elsewhere: the first of its name. Undefined after a report. */
export function readField(
  context: Context,
  options: readonly Option[] | undefined,
  name: string,
  field: Field & { readonly default: number | string },
): number | string | undefined {
  const option = options?.find((candidate) => candidate.name.text === name);
  if (option === undefined) return field.default;
  return readFields(context, { options: [option], span: option.span }, { [name]: field }, name, option).values[name];
}
