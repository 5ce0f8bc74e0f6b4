/** What is told of the word under the pointer. */
import { type Constraint, cursorAt, type Declaration, type Pattern, type Span } from "../../grammar/index.js";
import { COMPARE } from "../check/options.js";
import type { CompilerHost } from "../host.js";
import type { Analysis, Hover } from "./analysis.js";
import { backboneAt } from "./backbone-of.js";
import { entityMarkdown } from "./entity-markdown.js";
import type { Expected } from "./expectation.js";
import { expectedAt } from "./expected.js";
import { KEYWORD_DOCS } from "./keyword-docs.js";
import { limitText } from "./limits.js";
import { controllerMarkdown, optionMarkdown, patternMarkdown, valueMarkdown } from "./markdown.js";
import { occurrenceAt, touches } from "./names.js";
import { optionTable, rowOf } from "./option-rows.js";

/** What can be told at an offset; undefined where there is nothing to say. */
export function hoverAt(analysis: Analysis, host: CompilerHost, offset: number): Hover | undefined {
  return nameHover(analysis, host, offset) ?? treeHover(analysis, host, offset) ?? wordHover(analysis, host, offset);
}

function nameHover(analysis: Analysis, host: CompilerHost, offset: number): Hover | undefined {
  const found = occurrenceAt(analysis, offset);
  if (found?.entity === undefined) return undefined;
  const markdown = entityMarkdown(found.entity, analysis, backboneAt(analysis, host, offset));
  return markdown === undefined ? undefined : { span: found.word.name.span, markdown };
}

/** Of a pattern, and of a limit: what they come to. */
function treeHover(analysis: Analysis, host: CompilerHost, offset: number): Hover | undefined {
  const declarations = (analysis.loaded.entry?.parsed.declarations ?? []).filter(({ span }) => touches(span, offset));
  const pattern = declarations.flatMap(patternsIn).find(({ span }) => touches(span, offset));
  const constraint = declarations.flatMap(constraintsIn).find((one) => touches(limitSpan(one), offset));
  if (pattern === undefined && constraint === undefined) return undefined;
  const found = backboneAt(analysis, host, offset);
  if (found === undefined) return undefined;
  if (pattern !== undefined)
    return { span: pattern.span, markdown: patternMarkdown(pattern, found.backbone.description) };
  const text = limitText(found, constraint!);
  return text === undefined ? undefined : { span: limitSpan(constraint!), markdown: `At most **${text}**.` };
}

function patternsIn(declaration: Declaration): readonly Pattern[] {
  if (declaration.kind === "modules") return [...declaration.modules.include, ...declaration.modules.exclude];
  if (declaration.kind !== "experiment") return [];
  return declaration.items.flatMap((item) => {
    if (item.kind !== "adapter") return [];
    const targets = item.entries.flatMap((entry) => (entry.kind === "target" ? [entry.target.modules] : []));
    return targets.flatMap(({ include, exclude }) => [...include, ...exclude]);
  });
}

const constraintsIn = (declaration: Declaration): readonly Constraint[] =>
  declaration.kind === "experiment"
    ? declaration.items.flatMap((item) => (item.kind === "objective" ? item.constraints : []))
    : [];

/** What stands behind the quantity. */
const limitSpan = ({ quantity, span }: Constraint): Span => ({ start: quantity.span.end + 1, end: span.end });

/** Of a word of the language: a keyword, an option, a value of one, a controller. */
function wordHover(analysis: Analysis, host: CompilerHost, offset: number): Hover | undefined {
  const span = wordAt(analysis.text, offset);
  const cursor = span && cursorAt(analysis.text, span.end);
  if (span === undefined || cursor === undefined) return undefined;
  const word = analysis.text.slice(span.start, span.end);
  for (const expected of expectedAt(cursor)) {
    const markdown = wordMarkdown(word, expected, analysis, host);
    if (markdown !== undefined) return { span, markdown };
  }
  return undefined;
}

function wordMarkdown(word: string, expected: Expected, analysis: Analysis, host: CompilerHost): string | undefined {
  switch (expected.kind) {
    case "declarations":
    case "items":
    case "keywords":
      return Object.hasOwn(KEYWORD_DOCS, word) ? `**\`${word}\`**\n\n${KEYWORD_DOCS[word]}` : undefined;
    case "options": {
      const row = rowOf(optionTable(analysis, host, expected.path), word);
      return row && optionMarkdown(word, row);
    }
    case "value": {
      const row = rowOf(optionTable(analysis, host, expected.path), expected.option);
      return row && valueMarkdown(word, expected.option, row);
    }
    case "controllers":
      if (expected.rivals && Object.hasOwn(COMPARE, word)) return optionMarkdown(word, COMPARE[word]!);
      return Object.hasOwn(host.controllers, word) ? controllerMarkdown(word, host.controllers[word]!) : undefined;
    default:
      return undefined;
  }
}

/** The word around an offset, or that ends there. */
function wordAt(text: string, offset: number): Span | undefined {
  const isLetter = (at: number) => /\w/.test(text[at] ?? "");
  let [start, end] = [offset, offset];
  while (start > 0 && isLetter(start - 1)) start--;
  while (isLetter(end)) end++;
  return start < end ? { start, end } : undefined;
}
