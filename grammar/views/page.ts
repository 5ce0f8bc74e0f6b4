/** `docs/grammar.md`: tokens and rules of the language for those who write tools for it. */
import * as t from "../tokens.js";
import { UNITS } from "../values.js";
import { ebnf } from "./ebnf.js";
import type { Rules } from "./productions.js";
import { keywordGroups, SIGNS } from "./words.js";

/** What the parser asks beyond the rules, by rule. */
const CONDITIONS: Readonly<Record<string, string>> = {
  numberWithUnit: `The name behind a number is one of ${[...UNITS].map(code).join(", ")}.`,
  constraint: `The name before \`rank\` is \`uniform\`.`,
  setting: "Shares stand only behind the name `split`.",
};

/** Tokens whose spelling is a pattern, of those that rules use. */
const PATTERNS = [t.Identifier, t.NumberLiteral, t.StringLiteral, t.Glob];

function code(text: string): string {
  return `\`${text}\``;
}

/** The page as Markdown. */
export function grammarPage(rules: Rules): string {
  const groups = keywordGroups(rules);
  const list = (words: readonly string[]) => words.map(code).join(" ");
  const width = Math.max(...PATTERNS.map(({ name }) => name.length));
  return `# The grammar

Made by \`npm run syntax:views\` from the token table and the parser's own rules; what each construct means stands in [the language](language.md).

## Tokens

\`\`\`text
${PATTERNS.map(({ name, PATTERN }) => `${name.padEnd(width)}  ${String(PATTERN)}`).join("\n")}
\`\`\`

Signs: ${list(SIGNS)}. White space, \`// …\` to the end of the line and \`/* … */\` may stand between any two tokens.

| keywords at the head of | |
|---|---|
| a declaration | ${list(groups.declaration)} |
| an item of an experiment | ${list(groups.item)} |
| a clause within them | ${list(groups.clause)} |

Keywords are names too: wherever a rule asks for an \`Identifier\`, a keyword will do.

## Rules

\`[ ]\` may be left out, \`{ }\` may stand any number of times, \`|\` separates choices.

\`\`\`ebnf
${ebnf(rules)}
\`\`\`

Beyond the rules:

${Object.entries(CONDITIONS)
  .map(([rule, condition]) => `- \`${rule}\`: ${condition}`)
  .join("\n")}
`;
}
