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
import { REPOSITORY } from "../golden.js";
import { analyzed, FILE } from "./editor.js";

const suite = makeSuite("services: any text at all");

const read = (path: string) => readFileSync(join(REPOSITORY, path), "utf8");
const LARGE = read("examples/llama-3.2-11b-vision/receipts.lnas");
const FANCY = `${BASE}
modules attention = vision.**.self_attn.*, language.layers[0..1, 3].self_attn.{q_proj, v_proj} except vision.global_transformer.**
train recipe { steps 40, optimizer adamw { learning_rate 1e-3 } }
train longer = recipe { steps 80 }
search careful = natural_policy_gradient { controller { rounds 3 } }
experiment other extends base {
  adapter lora on vlm { scale alpha / rank = 1 target attention except **.q_proj rank in [0, 1..2] tie per 2 layers target projector rank 1 }
  train final = longer
  search careful { super_network { optimizer adamw { beta1 0.8 } } }
}
`;

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

suite("mutated specs", () => {
  const words = FANCY.split(/(\s+|[{}[\]().,"=])/).filter((word) => word !== "");
  const strange = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    '"',
    "'",
    "..",
    ".",
    "**",
    "1e999",
    "experiment",
    "target",
    "\0",
    "é",
    "/*",
    "<=",
    "__proto__",
    "constructor",
  ];
  const change = fc.tuple(
    fc.nat(words.length - 1),
    fc.constantFrom(...strange, ...new Set(words)),
    fc.constantFrom("put", "replace", "delete", "cut"),
  );
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(100), (changes, where) => {
      const copy = [...words];
      for (const [at, word, how] of changes) {
        if (how === "cut") copy.length = Math.max(1, Math.min(at, copy.length));
        else copy.splice(at, how === "put" ? 0 : 1, ...(how === "delete" ? [] : [word]));
      }
      const text = copy.join("");
      ask(text, [0, Math.floor((text.length * where) / 100), text.length]);
    }),
    { numRuns: 150, seed: 7 },
  );
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
