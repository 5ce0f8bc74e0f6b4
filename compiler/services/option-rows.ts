/** The options of the block at a cursor, and what they may be, from the tables that the checker reads blocks against. */

import { Context } from "../check/context.js";
import { controllerFields } from "../check/controller-fields.js";
import { expectation, type Field } from "../check/fields.js";
import { fieldRows, type OptionRow, type OptionTable, optionsOf } from "../check/options.js";
import { recordOf } from "../check/records.js";
import { FAMILY_NAMES } from "../families.js";
import type { CompilerHost } from "../host.js";
import type { Analysis } from "./analysis.js";
import type { OptionPath } from "./expectation.js";

type Controllers = CompilerHost["controllers"];

/** The options of a block; none where it has none, or where its controller is unknown. */
export function optionTable(analysis: Analysis, { controllers }: CompilerHost, path: OptionPath): OptionTable {
  const controller = path.controller && controllerNamed(analysis, controllers, path.controller);
  let table =
    path.block === "compare"
      ? ownOptions(controllers, controller)
      : optionsOf(path.block, FAMILY_NAMES, controllers, controller);
  for (const { name, value } of path.steps) table = optionsBelow(rowOf(table, name), value);
  return table;
}

/** An option of a table. */
export const rowOf = (table: OptionTable, name: string): OptionRow | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

function optionsBelow(row: OptionRow | undefined, value: string | undefined): OptionTable {
  if (row?.kind === "block") return row.options;
  if (row?.kind !== "kinds") return {};
  const kind = value ?? row.default;
  return Object.hasOwn(row.kinds, kind) ? row.kinds[kind]! : {};
}

const ownOptions = (controllers: Controllers, name: string | undefined): OptionTable =>
  name !== undefined && Object.hasOwn(controllers, name) ? fieldRows(controllerFields(controllers[name]!.options)) : {};

/** A controller by its name, or by that of a search record that starts from it in the end. */
function controllerNamed({ loaded }: Analysis, controllers: Controllers, name: string): string | undefined {
  if (loaded.entry === undefined || Object.hasOwn(controllers, name)) return name;
  const context = new Context(loaded.entry.scope, []);
  return recordOf(context, "search", { text: name, span: { start: 0, end: 0 } })?.root?.text;
}

/** What an option may be, in a few words, with its default. */
export function rowSummary(row: OptionRow): string {
  switch (row.kind) {
    case "field":
      return `${expectation(row.field)}${defaultOf(row.field)}`;
    case "forms":
      return row.forms.join(" or ");
    case "kinds":
      return `${Object.keys(row.kinds).join(" or ")}; default ${row.default}`;
    case "block":
      return "a block";
  }
}

/** Shares are stored as parts of 1; times and sizes have no limit by default, which 0 stands for. */
function defaultOf(field: Field): string {
  if (field.default === undefined || field.kind === "duration" || field.kind === "bytes") return "";
  return `; default ${field.kind === "share" ? `${field.default * 100}%` : field.default}`;
}

/** A sentence on an option. */
export const rowDoc = (row: OptionRow): string => (row.kind === "field" ? row.field.doc : row.doc);
