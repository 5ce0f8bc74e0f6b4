/** The rules of the parser as data: Chevrotain's own record of them, with the two that `parse.ts` reads part by part. */
import { LnasParser } from "../parser.js";
import { RightBrace } from "../tokens.js";

/** A token: `name` is that of its type, `pattern` its spelling or the source of its regular expression. */
export interface Terminal {
  readonly type: "Terminal";
  readonly name: string;
  readonly pattern: string;
}
/** A rule's use. */
interface NonTerminal {
  readonly type: "NonTerminal";
  readonly name: string;
}
/** Productions within one: in a row, or, in an `Alternation`, one of them. */
interface Group {
  readonly type: "Alternation" | "Alternative" | "Option" | "Repetition" | "RepetitionMandatory";
  readonly definition: readonly Production[];
}
/** What may be repeated with a token between. */
interface Separated {
  readonly type: "RepetitionWithSeparator" | "RepetitionMandatoryWithSeparator";
  readonly separator: Terminal;
  readonly definition: readonly Production[];
}
export type Production = Terminal | NonTerminal | Group | Separated;
/** Rules by name, in the order in which the parser has them. */
export type Rules = ReadonlyMap<string, readonly Production[]>;

/** Rules that read over a mistake, and tell it: no part of the language. */
const TOLERATED: ReadonlySet<string> = new Set(["assignment"]);

/** All rules of the language; `file` is the first. */
export function syntaxRules(): Rules {
  const parsed = new LnasParser().getSerializedGastProductions() as unknown as readonly {
    readonly name: string;
    readonly definition: readonly Production[];
  }[];
  const rules = new Map(
    parsed
      .filter(({ name }) => !TOLERATED.has(name))
      .map(({ name, definition }) => [name, definition.filter((production) => !isTolerated(production))] as const)
      .map(([name, definition]) => [name, definition.map(withoutTolerated)] as const),
  );
  const head = rules.get("experimentHead")!;
  rules.delete("experimentHead");
  return new Map<string, readonly Production[]>([
    ["file", [repeated({ type: "Alternation", definition: [use("declaration"), use("experiment")] })]],
    ["experiment", [...head, repeated(use("item")), terminal(RightBrace.name, RightBrace.PATTERN as string)]],
    ...rules,
  ]);
}

const use = (name: string): Production => ({ type: "NonTerminal", name });
const terminal = (name: string, pattern: string): Production => ({ type: "Terminal", name, pattern });
const repeated = (...definition: readonly Production[]): Production => ({ type: "Repetition", definition });

/** Whether nothing but a mistake could stand here. */
function isTolerated(production: Production): boolean {
  if (production.type === "NonTerminal") return TOLERATED.has(production.name);
  return production.type === "Option" && production.definition.every(isTolerated);
}

function withoutTolerated(production: Production): Production {
  if (!("definition" in production)) return production;
  const definition = production.definition.filter((inner) => !isTolerated(inner)).map(withoutTolerated);
  return { ...production, definition };
}

/** The tokens that a row of productions may begin with. */
export function firstTerminals(rules: Rules, row: readonly Production[]): Terminal[] {
  const found: Terminal[] = [];
  for (const production of row) {
    found.push(...firstOf(rules, production));
    if (!isOptional(production)) break;
  }
  return found;
}

function firstOf(rules: Rules, production: Production): Terminal[] {
  if (production.type === "Terminal") return [production];
  if (production.type === "NonTerminal") return firstTerminals(rules, rules.get(production.name)!);
  if (production.type === "Alternation") return production.definition.flatMap((inner) => firstOf(rules, inner));
  return firstTerminals(rules, production.definition);
}

/** No rule of the language reads nothing: only these may be left out. */
const isOptional = ({ type }: Production): boolean =>
  type === "Option" || type === "Repetition" || type === "RepetitionWithSeparator";
