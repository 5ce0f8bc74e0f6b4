/**
 * What stands between the head of a declaration or an item and the next: an editor, which reads line by line and knows no rules, needs
 * no more to tell a keyword from a name that is spelt like one.
 */
import { Identifier, LeftBrace, RightBrace } from "../tokens.js";
import { firstTerminals, type Production, type Rules } from "./productions.js";
import { isKeyword } from "./words.js";

/** Text with the keywords that mean something in it, and what its braces hold, if it has any. */
export interface Region {
  readonly keywords: readonly string[];
  /** `options`: names and values, no keywords. `items`: those of an experiment. Else a region of its own. */
  readonly braces: "options" | "items" | Region | null;
}

/** A declaration or an item, which begins with a keyword. */
export interface HeadedRegion extends Region {
  /** The keywords it may begin with. */
  readonly heads: readonly string[];
  /** Whether a name follows at once. */
  readonly named: boolean;
}

/** Rules whose braces are known by name: they hold themselves, or all others. */
const BRACES = new Map<string, "options" | "items">([
  ["block", "options"],
  ["item", "items"],
]);

/** The alternatives of a rule, each as the region behind its head. */
export function headedRegions(rules: Rules, rule: string): HeadedRegion[] {
  return alternatives(rules, rules.get(rule)!).map(([head, ...rest]) => ({
    heads: firstTerminals(rules, [head!]).map(({ pattern }) => pattern),
    named: firstTerminals(rules, rest).every(({ name }) => name === Identifier.name),
    ...regionOf(rules, rest),
  }));
}

/** The rows that a row stands for: where it is nothing but a choice or the use of a rule, those of the choice or the rule. */
function alternatives(rules: Rules, row: readonly Production[]): (readonly Production[])[] {
  const [only, ...rest] = row;
  if (only === undefined || only.type === "Terminal" || rest.length > 0) return [row];
  if (only.type === "NonTerminal") return alternatives(rules, rules.get(only.name)!);
  if (only.type !== "Alternation") return alternatives(rules, only.definition);
  return only.definition.flatMap((choice) => alternatives(rules, [choice]));
}

interface Open {
  readonly keywords: Set<string>;
  /** Rules that have been walked into: a value may hold values. */
  readonly seen: Set<string>;
  braces: "options" | "items" | Open | null;
}
const open = (): Open => ({ keywords: new Set(), seen: new Set(), braces: null });
const closed = ({ keywords, braces }: Open): Region => ({
  keywords: [...keywords],
  braces: braces === null || typeof braces === "string" ? braces : closed(braces),
});

function regionOf(rules: Rules, row: readonly Production[]): Region {
  const region = open();
  walk(rules, row, [region]);
  return closed(region);
}

/** Notes what productions add to the innermost of the open regions. Braces open and close within one row. */
function walk(rules: Rules, row: readonly Production[], regions: readonly Open[]): void {
  let stack = regions;
  for (const production of row) {
    const region = stack.at(-1)!;
    if (production.type === "Terminal") {
      if (production.name === LeftBrace.name) stack = [...stack, inside(region)];
      else if (production.name === RightBrace.name) stack = stack.slice(0, -1);
      else if (isKeyword(production)) region.keywords.add(production.pattern);
    } else if (production.type === "NonTerminal") walkInto(rules, production.name, stack);
    else walk(rules, production.definition, stack);
  }
}

function walkInto(rules: Rules, rule: string, stack: readonly Open[]): void {
  const region = stack.at(-1)!;
  const known = BRACES.get(rule);
  if (known === "options") region.braces = known;
  else if (known === "items") stack.at(-2)!.braces = known;
  else if (!region.seen.has(rule)) {
    region.seen.add(rule);
    walk(rules, rules.get(rule)!, stack);
  }
}

function inside(region: Open): Open {
  if (typeof region.braces === "string")
    throw new Error("an editor could not tell braces with options from others here");
  region.braces ??= open();
  return region.braces;
}
