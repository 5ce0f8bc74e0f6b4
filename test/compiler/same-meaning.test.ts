/** One meaning, one hash: generated layouts, orders and splittings into files of one spec that has everything. */
import fc from "fast-check";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { compile, renderText } from "../../compiler/index.js";
import { lex, parse, type Span } from "../../grammar/index.js";
import { type RandomStream, randomStream } from "../../runtime/random/random.js";
import { BASE, memoryHost } from "./host.js";

const suite = makeSuite("one meaning, one hash");

/** Declarations that use one another, and experiments that extend others. */
const SPEC = `${BASE.replace("[0, 1, 2]", "[0, 1, most]")}
const most = 2

const share = 5%

modules attention = vision.transformer.**.self_attn.*, decoder except **.k_proj

modules decoder = language.layers[0..1].self_attn.{q_proj, k_proj, v_proj}

backbone own = mllama { weights folder("backbone") }

dataset other { train messages("a.jsonl"), reward messages("b.jsonl"), validation messages("c.jsonl"), test messages("d.jsonl") }

train recipe { steps 40, optimizer adamw { learning_rate 1e-3, beta1 0.8 }, schedule cosine { warmup share } }

train longer = recipe { steps 80 }

search careful = natural_policy_gradient { controller { rounds most, prior at_budget }, finalists 4 }

experiment narrow extends base {
  backbone vlm = own
  dataset digits = other
  adapter lora on vlm { scale alpha / rank = 1, target attention rank in [0, 1..2] tie per 2 layers, target projector rank 1 }
  search careful { super_network { steps 7, sampling sandwich } }
  train final = longer { batch 3 }
}

experiment narrower extends narrow {
  seed 8
  objective { minimize loss on reward subject to parameters <= 0.5% of vlm }
}
`;

const hashesOf = (files: Readonly<Record<string, string>>): Record<string, string> => {
  const { experiments, diagnostics, texts } = compile("spec.lnas", memoryHost(files));
  const text = renderText(diagnostics, (file) => texts.get(file));
  assert.equal(diagnostics, [], `${text}\n${files["spec.lnas"]}`);
  return Object.fromEntries(experiments.map(({ ir, irHash }) => [ir.name, irHash]));
};
const EXPECTED = hashesOf({ "spec.lnas": SPEC });
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

suite("the spec has three experiments, each of its own", () => {
  assert.equal(Object.keys(EXPECTED), ["base", "narrow", "narrower"]);
  assert.is(new Set(Object.values(EXPECTED)).size, 3);
});

suite("white space, line ends and comments, wherever white space may stand", () => {
  const { tokens } = lex(SPEC, 1);
  const spaces = [" ", "   ", "\t", "\n", "\r\n", "\n\n\n", " /* why */ ", " // why\n", "\r\n// why\r\n"];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...spaces), { minLength: 50, maxLength: 97 }),
      fc.boolean(),
      (chosen, mark) => {
        let text = mark ? "\uFEFF" : "";
        let at = 0;
        for (const [index, { startOffset, image }] of tokens.entries()) {
          text += (startOffset > at ? chosen[index % chosen.length]! : "") + image;
          at = startOffset + image.length;
        }
        assert.equal(hashesOf({ "spec.lnas": text }), EXPECTED);
      },
    ),
    { numRuns: 60, seed: 3 },
  );
});

/** Things that stand beside one another, whose order means nothing: declarations, items, options, what is in an adapter. */
function siblings(node: unknown): readonly { readonly span: Span; readonly node: unknown }[][] {
  if (typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(siblings);
  const { kind } = node as { kind?: string };
  return Object.entries(node).flatMap(([key, value]) => {
    const owner = { declarations: undefined, options: undefined, items: "experiment", entries: "adapter" };
    const isList = Object.hasOwn(owner, key) && [undefined, kind].includes(owner[key as keyof typeof owner]);
    if (!isList || !Array.isArray(value)) return siblings(value);
    return [
      value
        .filter((part: { kind?: string }) => part.kind !== "edition")
        .map((part) => ({ span: spanOf(part), node: part })),
    ];
  });
}

type Part = {
  readonly span?: Span;
  readonly target?: { readonly span: Span };
  readonly name?: { readonly span: Span };
  readonly value?: { readonly span: Span };
};
const spanOf = ({ span, target, name, value }: Part): Span =>
  span ?? target?.span ?? { start: name!.span.start, end: value!.span.end };

/** The text of a part, with everything within it that may be in any order in another. */
function reordered(text: string, { start, end }: Span, node: unknown, random: RandomStream): string {
  const lists = siblings(node).filter((list) => list.length > 0);
  let out = "";
  let at = start;
  for (const list of lists) {
    const order = [...list];
    for (let left = order.length - 1; left > 0; left--) {
      const other = random.integer(left + 1);
      [order[left], order[other]] = [order[other]!, order[left]!];
    }
    for (const [index, { span }] of list.entries()) {
      const put = order[index]!;
      out += text.slice(at, span.start) + reordered(text, put.span, put.node, random);
      at = span.end;
    }
  }
  return out + text.slice(at, end);
}

suite("order of declarations, items, options and targets", () => {
  const parsed = parse(SPEC);
  const seen = new Set<string>();
  fc.assert(
    fc.property(seeds, (seed) => {
      const text = reordered(SPEC, { start: 0, end: SPEC.length }, parsed, randomStream(seed, "order"));
      seen.add(text);
      // Experiments come out in the order of the text.
      assert.equal(sorted(hashesOf({ "spec.lnas": text })), sorted(EXPECTED));
    }),
    { numRuns: 80, seed: 4 },
  );
  assert.ok(seen.size > 70, `${seen.size} orders`);
});

const sorted = (hashes: Readonly<Record<string, string>>) => Object.entries(hashes).sort();

/** A declaration that has a name, and the names it uses. */
interface Piece {
  readonly name: string;
  readonly text: string;
  readonly uses: readonly string[];
}
const PIECES: readonly Piece[] = (() => {
  const named = parse(SPEC).declarations.flatMap((declaration) =>
    "name" in declaration
      ? [{ name: declaration.name.text, text: SPEC.slice(declaration.span.start, declaration.span.end) }]
      : [],
  );
  const words = (text: string) => new Set(text.match(/\w+/g));
  return named.map(({ name, text }) => {
    const found = words(text);
    return { name, text, uses: named.map((other) => other.name).filter((other) => other !== name && found.has(other)) };
  });
})();

/** A file of these pieces; other names come from where `importFrom` says. */
function fileOf(pieces: readonly Piece[], importFrom: (name: string) => string): string {
  const own = new Set(pieces.map(({ name }) => name));
  const needed = new Set(pieces.flatMap(({ uses }) => uses).filter((name) => !own.has(name)));
  const standard = pieces.some(({ text }) => /\bmllama\b/.test(text)) ? ['import { mllama } from "std:backbones"'] : [];
  const imports = [...needed].map((name) => `import { ${name} } from "${importFrom(name)}"`);
  return ["edition 1", ...standard, ...imports, ...pieces.map(({ text }) => text), ""].join("\n");
}

suite("splitting into files, of this folder and of another", () => {
  const spread = new Set<string>();
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = randomStream(seed, "files");
      // What is used lies in the same file or in a lower one, so that no two files import one another.
      const level = new Map<string, number>();
      const place = (name: string): number => {
        const known = level.get(name);
        if (known !== undefined) return known;
        const least = Math.max(0, ...PIECES.find((piece) => piece.name === name)!.uses.map(place));
        const chosen = name.startsWith("narrow") || name === "base" ? 2 : least + random.integer(3 - least);
        level.set(name, chosen);
        return chosen;
      };
      for (const { name } of PIECES) place(name);
      spread.add(JSON.stringify([...level]));
      const at = (wanted: number) => PIECES.filter(({ name }) => level.get(name) === wanted);
      const upward = (text: string) => text.replace(/(folder|messages)\("/g, '$1("../');
      const files = {
        "shared/lowest.lnas": upward(fileOf(at(0), () => "")),
        "middle.lnas": fileOf(at(1), () => "./shared/lowest.lnas"),
        "spec.lnas": fileOf(at(2), (name) => (level.get(name) === 0 ? "./shared/lowest.lnas" : "./middle.lnas")),
      };
      assert.equal(hashesOf(files), EXPECTED);
    }),
    { numRuns: 80, seed: 5 },
  );
  assert.ok(spread.size > 70, `${spread.size} ways to split`);
});

suite.run();
