/** Views of the syntax for editors and readers: files that are made from the tokens and rules, and never written by hand. */
import { grammarPage } from "./page.js";
import { syntaxRules } from "./productions.js";
import { textMateGrammar } from "./textmate.js";

/** The text of every such file, by its path in the repository. */
export function syntaxViews(): ReadonlyMap<string, string> {
  const rules = syntaxRules();
  return new Map([
    ["docs/grammar.md", grammarPage(rules)],
    ["editors/vscode/syntaxes/lnas.tmLanguage.json", `${JSON.stringify(textMateGrammar(rules), null, 2)}\n`],
  ]);
}
