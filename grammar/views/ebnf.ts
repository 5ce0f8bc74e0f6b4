/** The rules in EBNF: `[ ]` may be left out, `{ }` may stand any number of times, `|` is a choice. */
import type { Production, Rules } from "./productions.js";
import { isLiteral } from "./words.js";

const WIDTH = 118;

/** Every rule that can be reached from the first, in the order in which a reader meets them. */
export function ebnf(rules: Rules): string {
  return reached(rules)
    .map((name) => ruleText(name, rules.get(name)!))
    .join("\n");
}

/** Names of rules, breadth first. */
function reached(rules: Rules): string[] {
  const [first] = rules.keys();
  const names = new Set([first!]);
  for (const name of names) for (const used of usedRules(rules.get(name)!)) names.add(used);
  return [...names];
}

function usedRules(row: readonly Production[]): string[] {
  return row.flatMap((production) => {
    if (production.type === "NonTerminal") return [production.name];
    return "definition" in production ? usedRules(production.definition) : [];
  });
}

/** `name = … ;`. A rule that is one choice has a line for each when they do not fit on one. */
function ruleText(name: string, row: readonly Production[]): string {
  const line = `${name} = ${rowText(row)} ;`;
  const [only] = row;
  if (line.length <= WIDTH || only?.type !== "Alternation") return line;
  return `${name}\n  = ${only.definition.map(text).join("\n  | ")} ;`;
}

/** A choice needs no brackets where it stands alone. */
const rowText = (row: readonly Production[]): string =>
  row
    .map((production) =>
      production.type === "Alternation" && row.length > 1 ? `( ${text(production)} )` : text(production),
    )
    .join(" ");

function text(production: Production): string {
  switch (production.type) {
    case "Terminal":
      return isLiteral(production) ? `"${production.pattern}"` : production.name;
    case "NonTerminal":
      return production.name;
    case "Alternative":
      return rowText(production.definition);
    case "Alternation":
      return production.definition.map(text).join(" | ");
    case "Option":
      return `[ ${rowText(production.definition)} ]`;
    case "Repetition":
      return `{ ${rowText(production.definition)} }`;
    case "RepetitionMandatory":
      return `${rowText(production.definition)} { ${rowText(production.definition)} }`;
    case "RepetitionWithSeparator":
      return `[ ${separated(production)} ]`;
    case "RepetitionMandatoryWithSeparator":
      return separated(production);
  }
}

/** `a { "," a }`. */
function separated({ separator, definition }: Extract<Production, { separator: unknown }>): string {
  return `${rowText(definition)} { ${text(separator)} ${rowText(definition)} }`;
}
