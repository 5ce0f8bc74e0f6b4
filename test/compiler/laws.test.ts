import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { irProblems } from "../../compiler/index.js";
import { parse } from "../../grammar/index.js";
import { REPOSITORY } from "../golden.js";
import { BASE, compileText } from "./host.js";

const suite = makeSuite("laws of the compiler");
const hashOf = (text: string, files = {}): string => {
  const { experiments, diagnostics } = compileText(text, files);
  assert.equal(
    diagnostics.filter(({ severity }) => severity === "error"),
    [],
    text,
  );
  return experiments[0]!.irHash;
};
const replaced = (from: string | RegExp, to: string) => {
  const text = BASE.replace(from, to);
  assert.is.not(text, BASE, String(from));
  return text;
};

suite("layout, comments, order and notation do not change the hash", () => {
  const expected = hashOf(BASE);
  const item = (head: string) => new RegExp(`\\n  ${head}[^\\n]*\\n`).exec(BASE)![0];
  const same = {
    "windows line ends": BASE.replaceAll("\n", "\r\n"),
    "byte order mark": `\uFEFF${BASE}`,
    "wide spaces": BASE.replace(/ (?=(?:[^"\n]*"[^"\n]*")*[^"\n]*$)/gm, "   "),
    comments: BASE.replaceAll("{", "{ /* here */").replaceAll("\n  seed", "\n  // why 7\n  seed"),
    "seed last": BASE.replace(item("seed"), "\n").replace(/\n\}\n$/, `${item("seed")}}\n`),
    "splits in another order": replaced(/( {4}train messages.*\n)( {4}reward messages.*\n)/, "$2$1"),
    "other notation": BASE.replace("300", "3_00").replace("6h", "360min").replace("= 2\n", "= 2.0\n"),
    "defaults written out": replaced("dropout 0", "dropout 0.0").replace(
      "{ steps 200, batch 16 }",
      "{ steps 200, batch 16, sampling extremes, schedule constant { floor 0 } }",
    ),
    "a constant in place of a list": replaced("rank in ranks", "rank in [0, 1, 2]"),
  };
  for (const [name, text] of Object.entries(same)) assert.is(hashOf(text), expected, name);
});

suite("file splitting does not change the hash", () => {
  const split = replaced("const ranks = [0, 1, 2]", 'import { ranks } from "./ranks.lnas"');
  assert.is(hashOf(split, { "ranks.lnas": "edition 1\nconst ranks = [0, 1, 2]\n" }), hashOf(BASE));
});

suite("every change of meaning changes the hash, and no two are alike", () => {
  const changes = [
    BASE,
    replaced("seed 7", "seed 8"),
    replaced("[0, 1, 2]", "[0, 1, 4]"),
    replaced("vision.**", "language.**"),
    replaced("rank in ranks", "rank in ranks tie per layer"),
    replaced("= 2\n", "= 1\n"),
    replaced("dropout 0", "dropout 0.1"),
    replaced("uniform rank 1", "uniform rank 2"),
    replaced("gradient_probe", "at_budget"),
    replaced("finalists 2", "finalists 3"),
    replaced("steps 200", "steps 201"),
    replaced("uniform, random, seeds 3", "uniform, seeds 3"),
    replaced("seeds 3", "seeds 4"),
    replaced("steps 300, batch 16", "steps 300, batch 8"),
    replaced("train.jsonl", "other.jsonl"),
    replaced('peft "adapter"', 'peft "out"'),
    replaced("6h", "5h"),
    replaced("experiment base", "experiment other"),
  ];
  assert.is(new Set(changes.map((text) => hashOf(text))).size, changes.length);
});

suite("the schema accepts what the compiler makes and refuses what it does not", () => {
  const { ir } = compileText(BASE).experiments[0]!;
  assert.equal(irProblems(ir), []);
  assert.equal(irProblems({ ...ir, surprise: 1 })[0]?.pointer, "/surprise");
  assert.equal(irProblems({ ...ir, seed: -1 })[0]?.pointer, "/seed");
  assert.ok(irProblems({ ...ir, train: { ...ir.train, steps: 0 } }).length > 0);
  assert.ok(irProblems({ ...ir, irVersion: 2 }).length > 0);
});

suite("the examples compile: modules, budgets", () => {
  const example = (path: string) => readFileSync(join(REPOSITORY, "examples", path), "utf8");
  const handwriting = compileText(example("handwriting/handwriting.lnas"));
  assert.equal(handwriting.diagnostics, []);
  const { ir } = handwriting.experiments[0]!;
  const modules = ir.adapter.targets.flatMap((target) => target.modules);
  assert.is(modules.length, 72);
  assert.is(ir.objective.maxParameters, 12_768);
  const receipts = compileText(example("llama-3.2-11b-vision/receipts.lnas"));
  assert.equal(receipts.diagnostics, []);
  const large = receipts.experiments[0]!.ir;
  assert.is(large.adapter.targets.flatMap((target) => target.modules).length, 520);
  assert.is(large.objective.maxParameters, Math.floor(0.004 * 10_670_220_835));
});

suite("patterns: which modules match", () => {
  const matched = (pattern: string) =>
    compileText(replaced("vision.**", pattern)).experiments[0]!.ir.adapter.targets[0]!.modules.map(({ path }) => path);
  assert.is(matched("**").length, 72);
  assert.is(matched("**.q_proj").length, 11);
  assert.is(matched("vision.transformer.layers[1..2].mlp.*").length, 4);
  assert.is(matched("vision.transformer.layers[3].**").length, 6);
  assert.is(matched("language.layers[*].cross_attn.{k_proj, v_proj}").length, 4);
  assert.is(matched("*.language_model.layers.0.mlp.*_proj").length, 3);
  assert.equal(matched("projector"), ["model.multi_modal_projector"]);
});

suite("ties: which modules share a rank", () => {
  const ties = (tie: string) =>
    compileText(
      replaced("vision.** rank in ranks", `vision.transformer.** rank in ranks ${tie}`),
    ).experiments[0]!.ir.adapter.targets[0]!.ties.map((group) => group.length);
  assert.equal(ties("tie per layer"), [6, 6, 6, 6]);
  assert.equal(ties("tie per 2 layers"), [12, 12]);
  assert.equal(ties("tie per kind"), [4, 4, 4, 4, 4, 4]);
});

suite("monstrous files: an answer, not a crash", () => {
  const monsters = [
    "{".repeat(1_000_000),
    `edition 1\nconst x = ${"[".repeat(10_000)}`,
    `edition 1\nexperiment x { target ${"**.".repeat(2000)}a rank in [0] }`,
    "\0\uD800\u202E",
    `edition 1\n${"a".repeat(100_000)}`,
    `edition 1\nconst x = ${"9".repeat(1000)}`,
    "experiment ".repeat(20_000),
    '"'.repeat(10_001),
  ];
  for (const text of monsters) {
    assert.ok(compileText(text).diagnostics.length > 0, text.slice(0, 40));
    assert.ok(parse(text).problems.length <= 100);
  }
});

suite.run();
