/**
 * Writes the views of the syntax that are made from tokens and rules: the grammar page of the docs and the editors' TextMate grammar.
 *
 *   npm run syntax:views
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { syntaxViews } from "../grammar/views/index.js";

for (const [path, text] of syntaxViews()) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(path);
}
