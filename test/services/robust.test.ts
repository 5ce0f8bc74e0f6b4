/** No service throws, whatever the text, and what each answers lies within it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Analysis,
  completionsAt,
  definitionAt,
  hoverAt,
  inlayHints,
  type OutlineEntry,
  outline,
  referencesAt,
  renameAt,
  renameableAt,
  semanticTokens,
} from "../../compiler/services/index.js";
import { lex, type Span } from "../../grammar/index.js";
import { BASE, memoryHost } from "../compiler/host.js";
import { caseOf } from "../fuzz/campaign.js";
import { FANCY } from "../fuzz/corpus.js";
import { REPOSITORY } from "../golden.js";
import { analyzed, FILE } from "./editor.js";

const suite = makeSuite("services: any text at all");

const read = (path: string) => readFileSync(join(REPOSITORY, path), "utf8");
const LARGE = read("examples/llama-3.2-11b-vision/receipts.lnas");
const within = ({ start, end }: Span, text: string): boolean => start >= 0 && start <= end && end <= text.length;
const spansOf = ({ span, nameSpan, children }: OutlineEntry): Span[] => [span, nameSpan, ...children.flatMap(spansOf)];

/** Asks every service, those of a place at each of some offsets. */
function ask(text: string, offsets: readonly number[]): void {
  const host = memoryHost({ [FILE]: text, "base.lnas": BASE });
  const analysis = analyzed(FILE, host);
  for (const span of outline(analysis).flatMap(spansOf)) assert.ok(within(span, text));
  for (const { offset } of inlayHints(analysis)) assert.ok(offset <= text.length);
  let end = 0;
  for (const { span } of semanticTokens(analysis)) {
    assert.ok(within(span, text) && span.start >= end);
    end = span.end;
  }
  for (const offset of offsets) askAt(analysis, offset);
}

function askAt(analysis: Analysis, offset: number): void {
  const { text, host, loaded } = analysis;
  for (const { replace } of completionsAt(analysis, host, offset))
    assert.ok(within(replace, text) && replace.start <= offset && offset <= replace.end);
  const hover = hoverAt(analysis, host, offset);
  if (hover !== undefined) assert.ok(within(hover.span, text) && hover.markdown !== "");
  const definition = definitionAt(analysis, offset);
  if (definition !== undefined) assert.ok(within(definition.span, loaded.texts.get(definition.file)!));
  const places = referencesAt([analysis], analysis, offset);
  const keys = places.map(({ file, span }) => `${file} ${span.start}`);
  assert.is(new Set(keys).size, keys.length);
  const span = renameableAt(analysis, offset);
  const result = renameAt([analysis], analysis, offset, "renamed_here");
  assert.is("edits" in result && result.edits.length > 0, span !== undefined);
}

suite("every offset of a few specs", () => {
  const importing = 'edition 1\nimport { base, } from "./base.lnas"\nexperiment x extends base {';
  for (const [text, from] of [
    [BASE, 0],
    [FANCY, BASE.length],
    [importing, 0],
  ] as const)
    ask(
      text,
      Array.from({ length: text.length - from + 1 }, (_, index) => from + index),
    );
});

suite("the spec for the 11B model, cut off behind every ninth token", () => {
  for (const { startOffset, image } of lex(LARGE, 0).tokens.filter((_, at) => at % 9 === 0)) {
    const end = startOffset + image.length;
    ask(LARGE.slice(0, end), [end]);
    ask(`${LARGE.slice(0, end)} `, [end + 1]);
  }
});

suite("generated and mutated specs", () => {
  for (let number = 0; number < 150; number++) {
    const { text } = caseOf(7, number);
    ask(text, [0, (number * 37) % (text.length + 1), text.length]);
  }
});

suite("texts that are no specs", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.nat(60), (text, at) =>
      ask(text, [Math.min(at, text.length)]),
    ),
    { numRuns: 150, seed: 11 },
  );
  for (const text of [
    "{".repeat(20_000),
    "experiment ".repeat(5000),
    `const x = ${"[".repeat(5000)}`,
    `${"a".repeat(50_000)}`,
  ])
    ask(text, [0, text.length]);
});

suite("offsets outside of the text", () => {
  for (const offset of [-1, BASE.length + 1, 1e9]) {
    const host = memoryHost({ [FILE]: BASE });
    const analysis = analyzed(FILE, host);
    assert.is(hoverAt(analysis, host, offset), undefined);
    assert.is(definitionAt(analysis, offset), undefined);
    completionsAt(analysis, host, offset);
  }
});

suite.run();
