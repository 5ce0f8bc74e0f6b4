/** Laws of the formatter, on the examples, on generated layouts of them, and with comments at every place. Damaged specs: test/fuzz/. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { format } from "../../compiler/format/index.js";
import { lex, parse } from "../../grammar/index.js";
import { BASE, compileText } from "../compiler/host.js";
import { FANCY, SPEC_FILES, specsOf } from "../fuzz/corpus.js";
import { commentsOf, shapeOf } from "../fuzz/laws.js";
import { REPOSITORY } from "../golden.js";

const suite = makeSuite("formatter");

const read = (path: string) => readFileSync(join(REPOSITORY, path), "utf8");

const formatted = (text: string): string => {
  const { text: result } = format(text);
  assert.ok(result !== undefined, text);
  return result!;
};
const hashes = (text: string) => compileText(text).experiments.map(({ irHash }) => irHash);

/** Checks every law for one text that parses. */
function assertLaws(text: string): void {
  const once = formatted(text);
  assert.is(formatted(once), once, "formatting twice changes nothing");
  assert.is(shapeOf(parse(once)), shapeOf(parse(text)), "the tree stays");
  assert.equal(commentsOf(parse(once)), commentsOf(parse(text)), "comments stay, in order");
  assert.not.match(once, /[ \t]$/m, "no line ends in space");
  assert.not.match(once, /\n\n\n/, "no two empty lines");
}

for (const spec of SPEC_FILES) suite(`${spec} is canonical`, () => assert.is(formatted(read(spec)), read(spec)));
suite("the specs in the documentation are canonical", () => {
  for (const page of ["README.md", "docs/language.md", "docs/formatting.md"])
    for (const text of specsOf(page)) assert.is(formatted(text), text, page);
});

suite("the laws hold for the examples and for one of everything; the meaning stays", () => {
  for (const text of [...SPEC_FILES.map(read), BASE, FANCY]) assertLaws(text);
  assert.is(hashes(FANCY).length, 2);
  assert.equal(hashes(formatted(FANCY)), hashes(FANCY));
});

suite("a brace in a comment opens nothing", () => {
  for (const comment of ["// { why", "/* { */"])
    for (const at of ["experiment base", "on vlm", "objective", "dataset digits", "search natural_policy_gradient"])
      assertLaws(BASE.replace(at, `${at} ${comment}\n`));
});

suite("no line is broken before a name that would begin a declaration there", () => {
  let broken = 0;
  for (let length = 1; length <= 120; length++) {
    const text = `edition 1\nsweep all = ${"x".repeat(length)}, train, search, ${"y".repeat(100)}\n`;
    assertLaws(text);
    if (formatted(text).split("\n").length > 4) broken++;
  }
  assert.ok(broken > 100);
});

suite("comment storm: a comment at any place survives, in its place", () => {
  const { tokens } = lex(FANCY, 1);
  for (const [at, token] of tokens.entries()) {
    for (const comment of [`// c${at}\n`, `/* c${at} */`, `\n\n// c${at}\n\n`, `/* c${at}\n   more */ `]) {
      const text = `${FANCY.slice(0, token.startOffset)} ${comment}${FANCY.slice(token.startOffset)}`;
      if (parse(text).problems.length === 0) assertLaws(text);
    }
  }
});

suite("a comment stays with the declaration and the item it stands in", () => {
  const homes = (text: string) => {
    const { declarations, comments } = parse(text);
    return comments.map(({ text: comment, span }) => {
      const inside = declarations.findIndex((one) => one.span.start <= span.start && span.end <= one.span.end);
      const home = declarations[inside];
      const item =
        home?.kind === "experiment"
          ? home.items.findIndex((one) => one.span.start <= span.start && span.end <= one.span.end)
          : -1;
      return [comment, inside, item];
    });
  };
  const { tokens } = lex(BASE, 1);
  for (const token of tokens) {
    const text = `${BASE.slice(0, token.startOffset)}/* here */ ${BASE.slice(token.startOffset)}`;
    assert.equal(homes(formatted(text)), homes(text), text);
  }
});

suite("any white space gives the same text, where lines are not blocks' own", () => {
  const { tokens } = lex(FANCY, 1);
  const words = tokens.map(({ image }) => image);
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(" ", "  ", "\n", "\n\n\n", "\t", "\r\n"), { minLength: 40, maxLength: 40 }),
      (spaces) => {
        const text = words.map((word, at) => word + spaces[(at * 7) % spaces.length]).join("");
        if (parse(text).problems.length === 0) assertLaws(text);
      },
    ),
    { numRuns: 150, seed: 7 },
  );
});

suite("a comma stays where the next option would be read as part of the one before", () => {
  const inBlock = (options: string) => `edition 1\n\ntrain recipe {\n${options}}\n`;
  for (const [written, laidOut] of [
    ["optimizer, steps 3", "  optimizer,\n  steps 3\n"],
    ["optimizer,\n// why\nsteps 3", "  optimizer,\n  // why\n  steps 3\n"],
    ["steps 5, h 3", "  steps 5,\n  h     3\n"],
    ["steps 0..5, ms 3", "  steps 0..5,\n  ms    3\n"],
    ["steps 5, batch 3", "  steps 5\n  batch 3\n"],
    ["optimizer", "  optimizer\n"],
  ] as const) {
    const text = inBlock(`${written}\n`);
    assert.is(formatted(text), inBlock(laidOut));
    assertLaws(text);
  }
});

suite("what cannot be read is left alone", () => {
  for (const text of ["experiment", BASE.replace("seed 7", "seed = 7"), "{".repeat(1000)]) {
    const result = format(text);
    assert.is(result.text, undefined);
    assert.ok((result.problems?.length ?? 0) > 0);
  }
});

suite("line ends and the byte order mark of Windows go", () => {
  assert.is(formatted(`\uFEFF${BASE.replaceAll("\n", "\r\n")}`), formatted(BASE));
});

suite("long lists break behind commas and stay as they are then", () => {
  const text = `edition 1\nconst many = [${Array.from({ length: 90 }, (_, at) => at * 3).join(",")}]\n`;
  assertLaws(text);
  assert.ok(
    Math.max(
      ...formatted(text)
        .split("\n")
        .map((line) => line.length),
    ) <= 120,
  );
});

suite.run();
