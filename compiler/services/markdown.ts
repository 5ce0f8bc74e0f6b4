/** Options, controllers and modules as Markdown. */
import type { Pattern } from "../../grammar/index.js";
import type { BackboneDescription, LinearModule } from "../../runtime/models/backbone.js";
import { controllerFields } from "../check/controller-fields.js";
import { parametersPerRank } from "../check/objective.js";
import { fieldRows, type OptionRow, type OptionTable } from "../check/options.js";
import { matchModules, missHint } from "../check/pattern.js";
import type { CompilerHost } from "../host.js";
import { counted, groupedDigits } from "../numbers.js";
import { rowDoc, rowSummary } from "./option-rows.js";

/** An option: what it may be, its default, and a sentence on it; the options within its block. */
export function optionMarkdown(name: string, row: OptionRow): string {
  const within = row.kind === "block" ? optionsTable(row.options) : "";
  return [`**\`${name}\`**: ${rowSummary(row)}`, rowDoc(row), within].filter((part) => part !== "").join("\n\n");
}

/** The value of an option that is one of several words; with options of its own where it has some. */
export function valueMarkdown(word: string, option: string, row: OptionRow): string {
  const within = row.kind === "kinds" && Object.hasOwn(row.kinds, word) ? optionsTable(row.kinds[word]!) : "";
  return [`**\`${option} ${word}\`**`, rowDoc(row), within].filter((part) => part !== "").join("\n\n");
}

/** A controller: its summary, its options with their defaults. */
export function controllerMarkdown(name: string, { summary, options }: CompilerHost["controllers"][string]): string {
  const table = optionsTable(fieldRows(controllerFields(options)));
  return [`**\`${name}\`**, a controller`, summary, table].filter((part) => part !== "").join("\n\n");
}

function optionsTable(options: OptionTable): string {
  const rows = Object.entries(options).map(([name, row]) => `| \`${name}\` | ${rowSummary(row)} | ${rowDoc(row)} |`);
  return rows.length === 0 ? "" : ["| option | value | |", "|---|---|---|", ...rows].join("\n");
}

/** What a pattern matches, or where it goes wrong. */
export function patternMarkdown(pattern: Pattern, description: BackboneDescription): string {
  const modules = matchModules(pattern, description);
  if (modules.length === 0) return `\`${pattern.text}\` matches no module. ${missHint(pattern, description).hint}`;
  return `\`${pattern.text}\`: ${modulesMarkdown(modules)}`;
}

/** Paths that are shown. */
const SHOWN = 5;

/** How many modules, what they cost, and the first few of them. */
export function modulesMarkdown(modules: readonly LinearModule[]): string {
  const cost = groupedDigits(parametersPerRank(modules));
  const shown = modules.slice(0, SHOWN).map(({ path }) => `- \`${path}\``);
  const more = modules.length > SHOWN ? [`- and ${groupedDigits(modules.length - SHOWN)} more`] : [];
  const head = `${counted(modules.length, "module")}; ${cost} parameters for each unit of rank.`;
  return `${head}\n\n${[...shown, ...more].join("\n")}`;
}
