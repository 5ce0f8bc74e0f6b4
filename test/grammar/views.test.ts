/** What is made from tokens and rules is current, and what an editor is told by hand agrees with them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { BRACKETS } from "../../grammar/cut.js";
import { parse } from "../../grammar/index.js";
import { lex } from "../../grammar/lex.js";
import { DECLARATION_KEYWORDS, Identifier, ITEM_KEYWORDS, Keyword } from "../../grammar/tokens.js";
import { syntaxViews } from "../../grammar/views/index.js";
import { syntaxRules } from "../../grammar/views/productions.js";
import { keywordGroups } from "../../grammar/views/words.js";
import { compileText } from "../compiler/host.js";
import { REPOSITORY } from "../golden.js";

const suite = makeSuite("views of the syntax");
const read = (path: string) => readFileSync(join(REPOSITORY, path), "utf8");
const EXTENSION = "editors/vscode";

for (const [path, text] of syntaxViews())
  suite(`${path} is what \`npm run syntax:views\` writes`, () => assert.fixture(read(path), text));

const groups = keywordGroups(syntaxRules());

suite("every keyword is used by a rule, and in a group", () => {
  const used = new Set([...JSON.stringify([...syntaxRules()]).matchAll(/"pattern":"(\w+)"/g)].map(([, word]) => word));
  assert.equal(
    Object.keys(Keyword).filter((word) => !used.has(word)),
    [],
  );
  assert.equal(new Set([...groups.declaration, ...groups.item, ...groups.clause]), new Set(Object.keys(Keyword)));
});

suite("reading goes on after a mistake at the keywords that the rules begin with", () => {
  assert.equal([...DECLARATION_KEYWORDS].sort(), [...groups.declaration].sort());
  assert.equal([...ITEM_KEYWORDS].sort(), [...groups.item].sort());
});

suite("the grammar page defines every rule once, and nothing is used that it does not define", () => {
  const page = read("docs/grammar.md");
  const [, tokens] = /```text\n([\s\S]*?)```/.exec(page)!;
  const [, rules] = /```ebnf\n([\s\S]*?)```/.exec(page)!;
  const names = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!);
  const defined = names(rules!, /^(\w+)\s+=/gm);
  assert.equal([...defined].sort(), [...syntaxRules().keys()].sort());
  const used = new Set(names(rules!.replaceAll(/"[^"]*"/g, ""), /(\w+)/g));
  assert.equal(used, new Set([...used].filter((name) => [...defined, ...names(tokens!, /^(\w+)/gm)].includes(name))));
  for (const rule of names(page, /^- `(\w+)`:/gm)) assert.ok(defined.includes(rule), rule);
});

suite("comments, brackets and words of the editor are the language's", () => {
  const configuration = JSON.parse(read(`${EXTENSION}/language-configuration.json`)) as {
    comments: { lineComment: string; blockComment: [string, string] };
    brackets: [string, string][];
    wordPattern: string;
  };
  assert.equal(configuration.brackets, [...BRACKETS]);
  assert.is(configuration.wordPattern, (Identifier.PATTERN as RegExp).source);
  const { lineComment, blockComment } = configuration.comments;
  for (const comment of [`${lineComment} a`, `${blockComment[0]} a ${blockComment[1]}`])
    assert.equal(
      lex(comment, 1).comments.map(({ text }) => text),
      [comment],
    );
});

/** A snippet as it stands before anything is filled in. */
const expanded = (body: readonly string[]) =>
  body
    .join("\n")
    .replaceAll(/\$\{\d+:([^}]*)\}/g, "$1")
    .replaceAll(/\$\d/g, "");

const snippets = JSON.parse(read(`${EXTENSION}/snippets/lnas.json`)) as Record<
  string,
  { readonly prefix: string; readonly body: readonly string[] }
>;
for (const { prefix, body } of Object.values(snippets))
  suite(`the snippet \`${prefix}\` can be read`, () => {
    const text = expanded(body);
    const inPlace = prefix === "target" ? `experiment x { adapter lora on y { ${text} } }` : text;
    assert.equal(parse(inPlace).problems, []);
  });

suite("the snippets `import` and `experiment` make a spec without mistakes", () => {
  const [imported, experiment] = ["import", "experiment"].map((prefix) =>
    expanded(Object.values(snippets).find((snippet) => snippet.prefix === prefix)!.body),
  );
  assert.equal(compileText(`edition 1\n${imported}\n${experiment}`).diagnostics, []);
});

suite("the extension has the version of the compiler", () => {
  const [ours, theirs] = ["package.json", `${EXTENSION}/package.json`].map(
    (path) => (JSON.parse(read(path)) as { version: string }).version,
  );
  assert.is(theirs, ours);
});

suite.run();
