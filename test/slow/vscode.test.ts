/**
 * The VS Code extension as packaged: what is in the `.vsix`, that it starts the language server, and that its colours are what the parser reads.
 * `npm run test:vscode` installs the extension's packages and packages it first.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { lex } from "../../grammar/lex.js";
import { Keyword } from "../../grammar/tokens.js";
import { syntaxViews } from "../../grammar/views/index.js";
import { REPOSITORY } from "../golden.js";
import { PackagedExtension } from "./packaged-extension.js";
import { EXTENSION, loadColours } from "./textmate.js";
import { wordsRead } from "./words-read.js";

const suite = makeSuite("VS Code extension");

const filesBelow = (folder: string, extension: string) =>
  readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(extension))
    .map((file) => join(folder, file))
    .sort();
const read = (path: string) => readFileSync(join(REPOSITORY, path), "utf8");

/** Specs, the code blocks of the docs, and what no other text has. */
const TEXTS: readonly (readonly [string, string])[] = [
  ...["examples", "stdlib", "test/emit"].flatMap((folder) =>
    filesBelow(folder, ".lnas").map((file) => [file, read(file)] as const),
  ),
  ...["README.md", "docs/language.md"].flatMap((page) =>
    [...read(page).matchAll(/```lnas\n([\s\S]*?)```/g)].map(
      ([, text], index) => [`${page}, block ${index + 1}`, text!] as const,
    ),
  ),
  [
    "words of the language as names",
    `edition 1
import { train, rank } from "./from.lnas"
const rank = [0, 4]
const in = 0..train
modules target = layers.rank.train, adapter.{export, in}[0..3, 8].search except seed
experiment train extends budget {
  train budget { steps 3, rank 4, target in, objective { per rank } }
  search seed { train budget, on { per 1 } }
  adapter scale on target { target target.in.rank, **.rank.{rank, tie} except rank.* rank in rank(in: 1) }
}
`,
  ],
  [
    "one line",
    'experiment a { seed 7 summary "b" budget { wall_clock 1h } train b { steps 1 } train c = train { batch 2 } search s }\n' +
      "train d { steps 1 } experiment e { compare with uniform, train, seeds 3 seed 4 }",
  ],
  [
    "goals",
    "experiment a {\n  objective {\n    maximize anls on reward weight 0.5, minimize perplexity weight -1\n    subject to memory <= 4 GiB\n  }\n}",
  ],
];

const isKeyword = (scopes: readonly string[]) =>
  scopes.some((name) => /^keyword\.(control|other\.(item|clause))/.test(name));
const colours = await loadColours(join(EXTENSION, "syntaxes", "lnas.tmLanguage.json"));

/** What the tokens of the lexer must be to the editor, by their type; those of words depend on their place. */
const SCOPES: Readonly<Record<string, string>> = {
  String: "string.quoted.double",
  Number: "constant.numeric",
  Glob: "keyword.operator.wildcard",
  LeftBrace: "punctuation.section",
  RightBrace: "punctuation.section",
  LeftBracket: "punctuation.section",
  RightBracket: "punctuation.section",
  LeftParen: "punctuation.section",
  RightParen: "punctuation.section",
  Comma: "punctuation.separator",
  Colon: "punctuation.separator",
  Dot: "punctuation.separator",
  Range: "keyword.operator",
  AtMost: "keyword.operator",
  Equals: "keyword.operator",
  Slash: "keyword.operator",
  Minus: "keyword.operator",
  Percent: "keyword.other.unit",
};

for (const [name, text] of TEXTS)
  suite(`colours of ${name}`, () => {
    const scopesAt = colours(text);
    const where = (offset: number) => {
      const line = text.slice(0, offset).split("\n").length;
      return `line ${line}, at ${JSON.stringify(text.slice(offset, offset + 20))}: ${scopesAt(offset).join(" ")}`;
    };
    const words = wordsRead(text);
    for (const [offset, kind] of words)
      assert.is(isKeyword(scopesAt(offset)), kind === "keyword", `${where(offset)}, but the parser reads a ${kind}`);
    const { tokens, comments } = lex(text, 1);
    for (const { tokenType, startOffset, image } of tokens.filter((token) => !words.has(token.startOffset)))
      for (const offset of [startOffset, startOffset + image.length - 1])
        assert.is(scopesAt(offset).at(-1), SCOPES[tokenType.name], where(offset));
    for (const { span } of comments)
      for (const offset of [span.start, span.end - 1])
        assert.match(scopesAt(offset).join(" "), "comment.", where(offset));
  });

suite("the texts have every keyword, as a keyword", () => {
  const seen = TEXTS.flatMap(([, text]) =>
    [...wordsRead(text)].flatMap(([offset, kind]) => (kind === "keyword" ? [/\w+/.exec(text.slice(offset))![0]] : [])),
  );
  assert.equal([...new Set(seen)].sort(), Object.keys(Keyword).sort());
});

/** A text, a piece of it, and the innermost scope at the piece's first character. */
const PIECES: readonly (readonly [string, string, string])[] = [
  ["experiment handwriting {}", "handwriting", "entity.name.type"],
  ["const ranks = 1", "ranks", "entity.name.type"],
  ["train a { steps 4_000 }", "steps", "variable.other.property"],
  ["train a { schedule cosine { warmup 3% } }", "schedule", "variable.other.property"],
  ["train a { schedule cosine { warmup 3% } }", "cosine", "variable.other"],
  ["train a { schedule cosine { warmup 3% } }", "warmup", "variable.other.property"],
  ["experiment a { compare with random, seeds 3 }", "seeds", "variable.other.property"],
  ["experiment a { budget { wall_clock 6h } }", "h }", "keyword.other.unit"],
  ["experiment a { budget { device_memory 70 GiB } }", "GiB", "keyword.other.unit"],
  ['backbone a { weights hub("b", revision: "c") }', "hub", "entity.name.function"],
  ['backbone a { weights hub("b", revision: "c") }', "revision", "variable.parameter"],
  ["modules a = b.c", "c", "variable.other"],
  ['experiment a { summary "b\\n" }', "\\n", "constant.character.escape"],
  ['experiment a { summary "\\u00e4" }', "u00e4", "constant.character.escape"],
  ['experiment a { summary "b\\q" }', "\\q", "invalid.illegal.escape"],
  ['experiment a { summary "b\n  seed 7 }', "seed", "keyword.other.item"],
  ["const a = 'b'", "'b'", "invalid.illegal.quotes"],
  ["const a = 1;", ";", "invalid.illegal.semicolon"],
  ["const a = 1 # b", "# b", "invalid.illegal.comment"],
  ["/* const\nconst */ const a = 1", "const */", "comment.block"],
];
for (const [text, piece, expected] of PIECES)
  suite(`\`${piece}\` in \`${text.replaceAll("\n", "⏎")}\` is ${expected}`, () =>
    assert.is(colours(text)(text.indexOf(piece)).at(-1), expected));

const extension = new PackagedExtension();
suite.after(() => extension.dispose());

suite("the .vsix holds what it should, and nothing else", () => {
  assert.equal(Object.keys(extension.files).sort(), [
    "[Content_Types].xml",
    "extension.vsixmanifest",
    "extension/LICENSE.txt",
    "extension/dist/NOTICES.txt",
    "extension/dist/extension.cjs",
    "extension/dist/terminateProcess.sh",
    "extension/language-configuration.json",
    "extension/package.json",
    "extension/readme.md",
    "extension/snippets/lnas.json",
    "extension/syntaxes/lnas.tmLanguage.json",
  ]);
});

suite("what the .vsix holds is the repository's: licence, grammar and all that the manifest names", () => {
  const packed = (path: string) => new TextDecoder().decode(extension.files[`extension/${path}`]);
  assert.is(packed("LICENSE.txt"), read("LICENSE"));
  assert.is(packed("syntaxes/lnas.tmLanguage.json"), syntaxViews().get("editors/vscode/syntaxes/lnas.tmLanguage.json"));
  for (const [, path] of packed("package.json").matchAll(/"\.\/([^"]+)"/g)) assert.ok(packed(path!).length > 0, path);
  for (const name of ["vscode-languageclient", "vscode-jsonrpc", "semver"])
    assert.match(packed("dist/NOTICES.txt"), name);
});

const IN_WORKSPACE = "workspace/node_modules/.bin";
const ON_PATH = "somewhere/bin";

suite("starts the workspace's lnasc before that on the PATH, anew on restart, and ends it", () => {
  const file = extension.installServer(IN_WORKSPACE);
  extension.installServer(ON_PATH);
  const started = { as: file, words: ["lsp", "--stdio"], folders: [`file://${extension.workspace}`] };
  assert.equal(extension.open({ path: ON_PATH }), { shown: [], starts: [started, started] });
});

suite("starts nothing of a workspace that is not trusted", () => {
  extension.installServer(IN_WORKSPACE);
  assert.equal(extension.open({ trusted: false }), { shown: [], starts: [] });
});

suite("starts lnasc from the PATH when the workspace has none", () => {
  extension.remove("workspace/node_modules");
  const file = extension.installServer(ON_PATH);
  assert.equal(
    extension.open({ path: ON_PATH }).starts.map(({ as }) => as),
    [file, file],
  );
});

suite("starts what the setting names before all else; a relative path begins at the workspace", () => {
  extension.installServer(IN_WORKSPACE);
  const file = extension.installServer("workspace/tools");
  for (const serverPath of [file, "tools/lnasc"])
    assert.equal(
      extension.open({ serverPath }).starts.map(({ as }) => as),
      [file, file],
    );
});

suite("tells of a server that ends at once, and a restart tries again", () => {
  extension.installServer(IN_WORKSPACE, "if [ ! -e tried ]; then : > tried; exit 1; fi");
  const { shown, starts } = extension.open();
  assert.ok(shown.length > 0);
  assert.match(shown[0]!, "lnas");
  assert.is(starts.length, 1);
});

suite("says how to install lnasc when there is none", () => {
  extension.remove("workspace/node_modules");
  const { shown, starts } = extension.open();
  assert.equal(starts, []);
  assert.is(shown.length, 2);
  for (const message of shown) assert.match(message, "npm install --save-dev --ignore-scripts lnas");
});

suite("says so when the setting names no file, and takes no other lnasc instead", () => {
  extension.installServer(IN_WORKSPACE);
  const { shown, starts } = extension.open({ serverPath: "tools/none" });
  assert.equal(starts, []);
  for (const message of shown) assert.match(message, "`lnas.serverPath` names tools/none");
});

suite.run();
