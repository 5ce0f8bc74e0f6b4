import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { LineIndex, type ParsedFile, parse, type Span, type SyntaxProblem } from "../../grammar/index.js";
import { lex } from "../../grammar/lex.js";
import { randomStream } from "../../runtime/random/random.js";
import { BASE, compileText } from "../compiler/host.js";
import { REPOSITORY } from "../golden.js";

const suite = makeSuite("parser");
const EXAMPLES = ["handwriting/handwriting.lnas", "llama-3.2-11b-vision/receipts.lnas"].map((file) =>
  readFileSync(join(REPOSITORY, "examples", file), "utf8"),
);

/** A tree without its spans. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "span")
      .map(([key, entry]) => [key, bare(entry)]),
  );
}

const one = (text: string) => {
  const { declarations, problems } = parse(text);
  assert.equal(problems, [], text);
  assert.is(declarations.length, 1, text);
  return bare(declarations[0]) as Readonly<Record<string, unknown>>;
};
const name = (text: string) => ({ text });
const number = (value: number, unit: string | null = null) => ({
  kind: "number",
  value,
  unit: unit === null ? null : name(unit),
});
const word = (text: string) => ({ kind: "name", name: text });

const VALUES: readonly (readonly [string, unknown])[] = [
  ["7", number(7)],
  ["-7", number(-7)],
  ["2_000", number(2000)],
  ["2e-4", number(2e-4)],
  ["0.5%", number(0.5, "%")],
  ["6h", number(6, "h")],
  ["70 GiB", number(70, "GiB")],
  ["70\n  GiB", number(70, "GiB")],
  ['"a\\"b\\\\c\\u0041"', { kind: "string", value: 'a"b\\cA' }],
  ['"käse 🧀"', { kind: "string", value: "käse 🧀" }],
  ["[]", { kind: "list", items: [] }],
  ["[0, [x], 4..8]", { kind: "list", items: [number(0), { kind: "list", items: [word("x")] }, range(4, 8)] }],
  ["ladder(4..64)", call("ladder", [[null, range(4, 64)]])],
  [
    'hub("a", revision: "b")',
    call("hub", [
      [null, { kind: "string", value: "a" }],
      ["revision", { kind: "string", value: "b" }],
    ]),
  ],
  ["rank", word("rank")],
];
suite("a sweep: a name, and the names of experiments, also of those called like a keyword", () => {
  assert.equal(one("sweep budgets = tight, loose"), {
    kind: "sweep",
    name: name("budgets"),
    experiments: [name("tight"), name("loose")],
  });
  assert.equal(one("sweep sweep = train, sweep,\n  tight").experiments, ["train", "sweep", "tight"].map(name));
  assert.is(one("experiment sweep { seed 7 }").kind, "experiment");
  for (const text of ["sweep", "sweep a", "sweep a =", "sweep a = b,", "sweep a = { b }", "sweep a = b c"])
    assert.is(parse(text).problems.length, 1, text);
});
function range(from: number, to: number) {
  return { kind: "range", from: number(from), to: number(to) };
}
function call(callee: string, entries: readonly (readonly [string | null, unknown])[]) {
  return {
    kind: "call",
    name: name(callee),
    arguments: entries.map(([label, value]) => ({ label: label === null ? null : name(label), value })),
  };
}
for (const [text, value] of VALUES)
  suite(`value ${JSON.stringify(text)}`, () => assert.equal(one(`const x = ${text}`).value, value));

const PATTERNS: readonly (readonly [string, readonly unknown[]])[] = [
  [
    "vision.**",
    [
      [["vision"], null],
      [["**"], null],
    ],
  ],
  [
    "language.layers[*].mlp.*_proj",
    [
      [["language"], null],
      [["layers"], "any"],
      [["mlp"], null],
      [["*_proj"], null],
    ],
  ],
  [
    "a.layers[24..31].{fc1, fc2}",
    [
      [["a"], null],
      [["layers"], [{ from: 24, to: 31 }]],
      [["fc1", "fc2"], null],
    ],
  ],
  [
    "a.layers[0..3, 8]",
    [
      [["a"], null],
      [
        ["layers"],
        [
          { from: 0, to: 3 },
          { from: 8, to: 8 },
        ],
      ],
    ],
  ],
  [
    "model.layers.0.q",
    [
      [["model"], null],
      [["layers"], null],
      [["0"], null],
      [["q"], null],
    ],
  ],
];
for (const [text, segments] of PATTERNS)
  suite(`pattern ${text}`, () => {
    const { items } = one(`experiment x { adapter lora on y { target ${text} rank in z } }`) as {
      items: readonly {
        entries: readonly { target: { modules: { include: readonly { text: string; segments: unknown }[] } } }[];
      }[];
    };
    const [pattern] = items[0]!.entries[0]!.target.modules.include;
    assert.is(pattern?.text, text);
    assert.equal(
      pattern?.segments,
      segments.map((segment) => {
        const [alternatives, index] = segment as [readonly string[], unknown];
        return { alternatives: alternatives.map(name), index };
      }),
    );
  });

suite("words of the language may be names", () =>
  assert.equal(one("experiment train { train budget { steps 3 } }").items, [
    {
      kind: "train",
      name: name("budget"),
      base: null,
      block: { options: [{ name: name("steps"), value: number(3), block: null }] },
    },
  ]));

suite("a word that could begin a declaration is a name within a path and behind a range", () => {
  const { declarations, problems } = parse("modules a = b.backbone.train, c\nconst d = 0..search\nmodules e = f");
  assert.equal(problems, []);
  assert.is(declarations.length, 3);
});

suite("an adapter keeps the order of its entries", () => {
  const { items } = one("experiment x { adapter lora on y { target a rank in b, dropout 0, scale alpha / rank = 2 } }");
  const [adapter] = items as readonly { entries: readonly { kind: string }[] }[];
  assert.equal(
    adapter!.entries.map(({ kind }) => kind),
    ["target", "dropout", "scale"],
  );
});

/** Where every problem is, as `kind line:column found`. */
const problemsOf = (text: string) => {
  const lines = new LineIndex(text);
  return parse(text).problems.map(({ kind, span, found }) => {
    const { line, column } = lines.position(span.start);
    return `${kind} ${line}:${column} ${found}`.trimEnd();
  });
};

const MISTAKES: readonly (readonly [string, readonly string[]])[] = [
  ["const x 3", ["unexpected 1:9 3"]],
  ["const x =", ["unexpected 1:9"]],
  ["const x = [1, 2", ["unclosed 1:15"]],
  ["const x = (1", ["unexpected 1:11 ("]],
  ["import a from", ["unexpected 1:8 a"]],
  ["const x = 1\nconts y = 2\nconst z = 3", ["unexpected 2:1 conts"]],
  ["const x = §", ["character 1:11 §"]],
  ["const x = [1, § 2]", ["character 1:15 §"]],
  ["const x = 1 § 2", ["character 1:13 §"]],
  ["const x = 'a'", ["quotes 1:11 'a'"]],
  ['const x = "a\nconst y = "b', ['openText 1:11 "a', 'openText 2:11 "b']],
  ["const x = 1 /* a", ["openComment 1:13 /*"]],
  ["const x = 1 # a", ["hash 1:13 #"]],
  ["const x = 1;", ["semicolon 1:12 ;"]],
  ['const x = "\\q"', ['escape 1:11 "\\q"']],
  ["const x = \u0007 1", ["hidden 1:11 U+0007"]],
  ["experiment x {\n  seed 1\n  seeed 2\n  seed 3 4\n  seed 5\n}", ["unexpected 3:3 seeed", "unexpected 4:10 4"]],
  ["experiment x {\n  train t {\n    steps 1\n  seed 3\n}", ["unclosed 3:11"]],
  ["experiment x {\n  train t { steps 1 }\n", ["unclosed 2:21"]],
  ["experiment x-y {\n  seed 1\n  seeed 2\n}", ["unexpected 1:13 -", "unexpected 3:3 seeed"]],
  ["experiment x {\n  seed 1\n}\n}\nconst x = 1", ["unexpected 4:1 }"]],
  ["experiment x { adapter lora on y { targt a } }", ["unexpected 1:36 targt"]],
  ["experiment x { adapter lora on y { target a[b*].c rank in z } }", ["unexpected 1:45 b*"]],
  ["experiment x { adapter lora on y { target a.{**, c} rank in z } }", ["unexpected 1:46 **"]],
  ["experiment x { adapter lora on y { target a[1.5] rank in z } }", ["unexpected 1:45 1.5", "unexpected 1:45 1.5"]],
  ["experiment x { train t { steps: 1, batch = 2 } }", ["assignment 1:31 :", "assignment 1:42 ="]],
];
for (const [text, problems] of MISTAKES)
  suite(`mistake ${JSON.stringify(text)}`, () => assert.equal(problemsOf(text), problems));

suite("did-you-mean knows what the rule would have read", () => {
  const expected = (text: string) => (parse(text).problems[0] as SyntaxProblem).expected;
  assert.equal(expected("experiment x { adapter lora on y { targt a } }"), ["scale", "dropout", "target", '"}"']);
  assert.ok(expected("experiment x {\n  seeed 7\n}").includes("seed"));
  assert.ok(expected("experment x { }").includes("experiment"));
  assert.equal(expected("const x = ]"), ["a value"]);
});

suite("white space means nothing: one token a line, all on one line, comments anywhere", () => {
  for (const text of [BASE, ...EXAMPLES]) {
    const { tokens } = lex(text, 10);
    const whole = compileText(text).experiments[0]!.irHash;
    const images = tokens.map(({ image }) => image);
    assert.is(compileText(images.join("\n")).experiments[0]?.irHash, whole);
    assert.is(compileText(images.join(" ")).experiments[0]?.irHash, whole);
    assert.is(
      compileText(images.map((image, index) => " ".repeat(index % 7) + image).join("\n")).experiments[0]?.irHash,
      whole,
    );
    const commented = images.map((image, index) => `${image} /* ${index} */ // ${index}\n`).join("");
    assert.is(compileText(commented).experiments[0]?.irHash, whole);
    assert.is(parse(commented).comments.length, 2 * images.length);
  }
});

/** Asserts that every node lies within its parent and follows its elder siblings, in the file. */
function checkSpans(file: ParsedFile, text: string): void {
  const visit = (value: unknown, parent: Span): void => {
    if (Array.isArray(value)) {
      let before = parent.start;
      for (const item of value) {
        visit(item, parent);
        const span = (item as { span?: Span } | null)?.span;
        if (span === undefined) continue;
        assert.ok(span.start >= before, text);
        before = span.start;
      }
    } else if (typeof value === "object" && value !== null) {
      const { span } = value as { span?: Span };
      if (span !== undefined)
        assert.ok(span.start >= parent.start && span.end <= parent.end && span.start <= span.end, text);
      for (const [key, entry] of Object.entries(value))
        if (key !== "span" && key !== "opened") visit(entry, span ?? parent);
    }
  };
  visit(file.declarations, { start: 0, end: text.length });
  visit(file.problems, { start: 0, end: text.length });
  visit(file.comments, { start: 0, end: text.length });
  const unreadable = JSON.stringify(file.declarations).includes('"unreadable"');
  if (unreadable) assert.ok(file.problems.length > 0, text);
}

suite("spans nest and follow one another, and what is unreadable is told, in whole and in damaged files", () => {
  const random = randomStream(11, "spans");
  for (const text of [BASE, ...EXAMPLES]) {
    checkSpans(parse(text), text);
    const { tokens } = lex(text, 10);
    // Every token left out, doubled, and swapped with another.
    tokens.forEach((token, index) => {
      const start = token.startOffset;
      const end = start + token.image.length;
      const other = tokens[random.integer(tokens.length)]!.image;
      for (const piece of ["", `${token.image} ${token.image}`, other]) {
        const damaged = text.slice(0, start) + piece + text.slice(end);
        checkSpans(parse(damaged), damaged);
      }
      if (index % 4 === 0) checkSpans(parse(text.slice(0, start)), text.slice(0, start));
    });
  }
});

suite("one token too few or too many costs one report", () => {
  const { tokens } = lex(BASE, 10);
  let worst = 0;
  for (const token of tokens) {
    const end = token.startOffset + token.image.length;
    for (const piece of ["", `${token.image} ${token.image}`]) {
      const damaged = BASE.slice(0, token.startOffset) + piece + BASE.slice(end);
      worst = Math.max(worst, parse(damaged).problems.length);
    }
  }
  assert.ok(worst <= 1, `one damaged token made ${worst} problems`);
});

suite("an experiment behind another on one line is one of its own, brackets missing elsewhere or not", () => {
  const found = (text: string) => parse(text).problems.map(({ kind, found: word }) => `${kind} ${word}`);
  const names = (text: string) =>
    parse(text).declarations.flatMap((each) => (each.kind === "experiment" ? [each.name.text] : []));
  const text = "edition 1\nexperiment a { seed 1 } experiment b { seed 2 } experiment c { seed 3";
  assert.equal(names(text), ["a", "b", "c"]);
  assert.equal(found(text), ["unclosed "]);
  // The bracket that swallows the second experiment is told, and the experiment not called unexpected.
  const swallowed = "experiment a {\n  seed [\n  search uniform } experiment b { }";
  assert.ok(found(swallowed).length > 0);
  assert.not.ok(found(swallowed).includes("unexpected experiment"));
});

suite("what is expected is never what was found", () => {
  const [problem] = parse('edition 1\nimport { a experiment } from "./b.lnas"').problems;
  assert.equal([problem!.found, problem!.expected], ["experiment", ['","', '"}"']]);
});

suite("a carriage return ends a line only with a line feed", () => {
  const kinds = (text: string) => parse(text).problems.map(({ kind, found }) => `${kind} ${found}`);
  assert.equal(kinds("edition 1 // a\r\n// b\r\n"), []);
  assert.equal(kinds("edition 1 // a\r// b"), ["hidden U+000D"]);
  assert.equal(kinds("edition 1 // a\u2028// b\u2029"), ["hidden U+2028", "hidden U+2029"]);
  assert.equal(kinds("edition 1\rconst a = 1\r\r\n"), ["hidden U+000D", "hidden U+000D"]);
});

suite("lines and columns count from 1, in UTF-16 units", () => {
  const lines = new LineIndex("a\r\n🧀b\n");
  assert.equal(lines.position(0), { line: 1, column: 1 });
  assert.equal(lines.position(3), { line: 2, column: 1 });
  assert.equal(lines.position(5), { line: 2, column: 3 });
  assert.equal(lines.position(7), { line: 3, column: 1 });
  assert.equal(lines.position(99), { line: 3, column: 1 });
  assert.is(lines.line(1), "a");
  assert.is(lines.line(2), "🧀b");
  assert.is(lines.line(4), "");
});

suite.run();
