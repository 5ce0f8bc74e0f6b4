/** Laws of the formatter, on the examples, on generated layouts of them, and with comments at every place. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { format } from "../../compiler/format/index.js";
import { lex, parse } from "../../grammar/index.js";
import { BASE, compileText } from "../compiler/host.js";
import { REPOSITORY } from "../golden.js";

const suite = makeSuite("formatter");

const read = (path: string) => readFileSync(join(REPOSITORY, path), "utf8");
const specs = ["stdlib", "examples"].flatMap((folder) =>
  readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".lnas"))
    .map((file) => `${folder}/${file}`),
);
const blocks = (page: string) => [...read(page).matchAll(/```lnas\n([\s\S]*?)```/g)].map(([, text]) => text!);
const FANCY = `${BASE}
modules attention = vision.**.self_attn.*, language.layers[0..1, 3].self_attn.{q_proj, v_proj} except vision.global_transformer.**
train recipe { steps 40, optimizer adamw { learning_rate 1e-3 } }
train longer = recipe { steps 80 }
search careful = natural_policy_gradient { controller { rounds 3 } }
experiment other extends base {
  adapter lora on vlm { scale alpha / rank = 1 target attention except **.q_proj rank in [0, 1..2] tie per 2 layers target projector rank 1 }
  train final = longer
}
`;

const formatted = (text: string): string => {
  const { text: result } = format(text);
  assert.ok(result !== undefined, text);
  return result!;
};
/** A tree without places. */
const shape = (text: string): string =>
  JSON.stringify(parse(text).declarations, (key, value) => (key === "span" ? undefined : value));
const hashes = (text: string) => compileText(text).experiments.map(({ irHash }) => irHash);

/** Checks every law for one text that parses. */
function assertLaws(text: string): void {
  const once = formatted(text);
  assert.is(formatted(once), once, "formatting twice changes nothing");
  assert.is(shape(once), shape(text), "the tree stays");
  const comments = (source: string) => parse(source).comments.map((comment) => comment.text.replace(/[ \t\r]+$/gm, ""));
  assert.equal(comments(once), comments(text), "comments stay, in order");
  assert.not.match(once, /[ \t]$/m, "no line ends in space");
  assert.not.match(once, /\n\n\n/, "no two empty lines");
}

for (const spec of specs) suite(`${spec} is canonical`, () => assert.is(formatted(read(spec)), read(spec)));
suite("the specs in the documentation are canonical", () => {
  for (const page of ["README.md", "docs/language.md", "docs/formatting.md"])
    for (const text of blocks(page)) assert.is(formatted(text), text, page);
});

suite("the laws hold for the examples and for one of everything; the meaning stays", () => {
  for (const text of [...specs.map(read), BASE, FANCY]) assertLaws(text);
  assert.is(hashes(FANCY).length, 2);
  assert.equal(hashes(formatted(FANCY)), hashes(FANCY));
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

suite("mutated specs are refused or keep the laws", () => {
  const { tokens } = lex(FANCY, 1);
  let kept = 0;
  fc.assert(
    fc.property(
      fc.nat(tokens.length - 1),
      fc.nat(tokens.length - 1),
      fc.constantFrom("delete", "repeat", "swap"),
      (a, b, how) => {
        const words = tokens.map(({ image }) => image);
        if (how === "delete") words.splice(a, 1);
        else if (how === "repeat") words.splice(a, 0, words[b]!);
        else [words[a], words[b]] = [words[b]!, words[a]!];
        const text = words.join(" ");
        if (format(text).text === undefined) return;
        kept++;
        assertLaws(text);
      },
    ),
    { numRuns: 600, seed: 11 },
  );
  assert.ok(kept > 20, `${kept} mutants could be formatted`);
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
