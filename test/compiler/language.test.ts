/** Constants, records, sets of modules and experiments that extend others: what each means, and what is refused. */
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import type { ExperimentIR } from "../../compiler/index.js";
import { BASE, compileText } from "./host.js";

const suite = makeSuite("the language");

type Files = Readonly<Record<string, string>>;

function replaced(...pairs: readonly (readonly [string, string])[]): string {
  let text = BASE;
  for (const [from, to] of pairs) {
    assert.ok(text.includes(from), from);
    text = text.replace(from, () => to);
  }
  return text;
}

/** The experiments of a spec without errors, by name. */
function experiments(text: string, files: Files = {}): Readonly<Record<string, ExperimentIR>> {
  const compilation = compileText(text, files);
  assert.equal(
    compilation.diagnostics.map(({ code, message, place }) => `${code} ${message} ${place.file}:${place.span.start}`),
    [],
    text,
  );
  return Object.fromEntries(compilation.experiments.map(({ ir }) => [ir.name, ir]));
}
const base = (text: string, files: Files = {}): ExperimentIR => experiments(text, files).base!;
/** Codes with the characters they point at. */
const problems = (text: string, files: Files = {}): string[] => {
  const { diagnostics, texts } = compileText(text, files);
  return diagnostics.map(
    ({ code, place }) => `${code} ${texts.get(place.file)?.slice(place.span.start, place.span.end)}`,
  );
};
const top = (declarations: string) => replaced(["const ranks = [0, 1, 2]", `const ranks = [0, 1, 2]\n${declarations}`]);
const paths = ({ adapter }: ExperimentIR) => adapter.targets.flatMap(({ modules }) => modules.map(({ path }) => path));

suite("a train record is a block to start from; an override block changes what it names", () => {
  const recipe = "train recipe { steps 40, batch 4, optimizer adamw { learning_rate 1e-3, beta2 0.95 } }";
  const train = (written: string, declarations = recipe) =>
    base(top(declarations).replace("train final { steps 300, batch 16 }", `train final ${written}`)).train;
  assert.equal([train("= recipe").steps, train("= recipe").batch], [40, 4]);
  const over = train("= recipe { batch 8, optimizer { learning_rate 2e-3 } }");
  assert.equal([over.steps, over.batch, over.optimizer.learningRate, over.optimizer.beta2], [40, 8, 2e-3, 0.95]);
  const same = train("= recipe { optimizer adamw { learning_rate 2e-3 } }");
  assert.is(same.optimizer.beta2, 0.95);
  const chain = train("= longer", `${recipe}\ntrain longer = recipe { steps 80 }`);
  assert.equal([chain.steps, chain.batch], [80, 4]);
});

suite("a dataset record brings its paths from its own folder", () => {
  const files = {
    "shared/data.lnas":
      'edition 1\ndataset digits { train messages("a.jsonl"), reward messages("b.jsonl"), validation messages("c.jsonl"), test messages("d.jsonl") }\n',
  };
  const text = replaced(
    ["const ranks", 'import { digits } from "./shared/data.lnas"\nconst ranks'],
    [/dataset digits \{[^}]*\}/.exec(BASE)![0], 'dataset mine = digits { test messages("mine.jsonl") }'],
  );
  const { splits, name } = base(text, files).dataset;
  assert.equal([name, splits.train.path, splits.test.path], ["mine", "shared/a.jsonl", "mine.jsonl"]);
});

suite("a search record is a controller with its options; the item's block overrides", () => {
  const text = top(
    "search careful = natural_policy_gradient { controller { rounds 5, temperature 0.01 }, finalists 4 }",
  ).replace(
    /search natural_policy_gradient \{[\s\S]*?\n {2}\}/,
    "search careful { controller { rounds 6 }, super_network { steps 10 } }",
  );
  const { search } = base(text);
  assert.equal(
    [search.controller, search.options.rounds, search.options.temperature, search.finalists, search.superNetwork.steps],
    ["natural_policy_gradient", 6, 0.01, 4, 10],
  );
});

suite("a backbone needs no record", () => {
  const text = replaced(['= mllama { weights folder("backbone") }', '{ family mllama, weights folder("backbone") }']);
  assert.is(base(text).backbone.parameters, base(BASE).backbone.parameters);
});

suite("records: what is refused", () => {
  assert.equal(problems(top("train recipe { stepz 4 }")), ["LNAS1203 stepz"]);
  assert.equal(problems(top("search lost { finalists 2 }")), ["LNAS1205 lost"]);
  assert.equal(problems(top("search lost = nobody { finalists 2 }")), ["LNAS1108 nobody"]);
  assert.equal(problems(top("dataset d { validate 3 }")), ["LNAS1203 validate"]);
  assert.equal(problems(top("train recipe { steps 4 }").replace("train final {", "train final = recip {")), [
    "LNAS1108 recip",
  ]);
  assert.equal(problems(replaced(["train final {", "train final = ranks {"])), ["LNAS1108 ranks"]);
});

suite("a mistake in a record is told in the record's file, once", () => {
  const files = { "recipes.lnas": "edition 1\ntrain recipe { steps 0.5 }\n" };
  const text = replaced(
    ["const ranks", 'import { recipe } from "./recipes.lnas"\nconst ranks'],
    ["train final { steps 300, batch 16 }", "train final = recipe { batch 4 }"],
  );
  const { diagnostics } = compileText(text, files);
  assert.equal(
    diagnostics.map(({ code, place }) => [code, place.file]),
    [["LNAS1204", "recipes.lnas"]],
  );
});

suite("sets of modules: names, unions, exclusion", () => {
  const matched = (target: string, declarations = "") =>
    paths(base(top(declarations).replace("target vision.**", `target ${target}`)));
  assert.is(matched("vision.**").length, 36);
  assert.is(matched("vision.**, projector").length, 37);
  assert.is(matched("vision.** except vision.global_transformer.**").length, 24);
  assert.is(matched("** except vision.**, projector").length, 35);
  assert.is(matched("vision.transformer.layers[0..1, 3].**").length, 18);
  assert.is(matched("attention", "modules attention = **.{self_attn, cross_attn}.*").length, 44);
  const nested =
    "modules attention = **.self_attn.*\nmodules some = attention, projector except vision.global_transformer.**";
  assert.is(matched("some", nested).length, matched("**.self_attn.*").length - 8 + 1);
  assert.is(matched("some except projector", nested).length, matched("**.self_attn.*").length - 8);
  assert.equal(matched("vision", "modules vision = projector"), ["model.multi_modal_projector"]);
});

suite("sets of modules come from other files, with the names of those files", () => {
  const files = { "sets.lnas": "edition 1\nmodules heads = **.q_proj\nmodules both = heads, projector\n" };
  const text = replaced(
    ["const ranks", 'import { both } from "./sets.lnas"\nconst ranks'],
    ["target vision.**", "target both"],
  );
  assert.is(paths(base(text, files)).length, 12);
});

suite("sets of modules: what is refused", () => {
  const wrong = (target: string, declarations = "") =>
    problems(top(declarations).replace("target vision.**", `target ${target}`));
  assert.equal(wrong("vision.**, langage.**"), ["LNAS1401 langage.**"]);
  assert.equal(wrong("atention", "modules attention = **.self_attn.*"), ["LNAS1401 atention"]);
  assert.equal(wrong("vision.** except language.**"), ["LNAS1406 language.**"]);
  assert.equal(wrong("vision.** except vison.**"), ["LNAS1401 vison.**"]);
  assert.equal(wrong("vision.** except **"), ["LNAS1407 vision.** except **"]);
  assert.equal(wrong("a", "modules a = b\nmodules b = vision.**, a"), ["LNAS1111 a"]);
  assert.equal(wrong("vision.** rank in ranks\n    target **.q_proj"), ["LNAS1402 **.q_proj"]);
});

suite("rank choices", () => {
  const ranks = (written: string) => {
    const text = replaced(["rank in ranks", written], ["uniform rank 1", "uniform rank 3"]);
    return compileText(text).experiments[0]!.ir.adapter.targets[0]!.ranks;
  };
  assert.equal(ranks("rank 3"), [3]);
  assert.equal(ranks("rank in [0, 2..4, 8]"), [0, 2, 3, 4, 8]);
  assert.equal(ranks("rank in 0..3"), [0, 1, 2, 3]);
  assert.equal(ranks("rank in range(0..8, step: 4)"), [0, 4, 8]);
  assert.equal(ranks("rank in ladder(2..8)"), [0, 2, 4, 8]);
  const wrong = (written: string) => problems(replaced(["rank in ranks", written])).map((line) => line.slice(0, 8));
  for (const written of [
    "rank [0, 1]",
    "rank in 4",
    "rank in [0, 2..1]",
    "rank in [4, 2..8]",
    "rank in 0..1e15",
    "rank in range(0..8)",
    "rank in range(0..8, step: 0)",
    "rank in [0, 0.5]",
    "rank -1",
  ])
    assert.equal(wrong(written), ["LNAS1404"], written);
});

suite("targets with the same ranks are one: how modules are divided among them means nothing", () => {
  const hash = (text: string) => compileText(text).experiments[0]!.irHash;
  const target = (written: string) => hash(replaced(["target vision.** rank in ranks", written]));
  const whole = target("target vision.** rank in ranks");
  assert.is(target("target vision.transformer.**, vision.global_transformer.** rank in [0..2]"), whole);
  assert.is(
    target("target vision.global_transformer.** rank in ranks\n target vision.transformer.** rank in [0, 1, 2]"),
    whole,
  );
  assert.is.not(target("target vision.transformer.** rank in ranks"), whole);
  const limit = (written: string) => hash(replaced(["uniform rank 1", written]));
  assert.is(limit("6_912"), limit("uniform rank 1"));
});

const extending = (body: string, name = "other") => `${BASE}\nexperiment ${name} extends base {\n${body}\n}\n`;
const other = (body: string) => experiments(extending(body)).other!;

suite("extends: what is not given is inherited, all of it", () => {
  const { base: parent, other: child } = experiments(extending("seed 8"));
  assert.equal({ ...child, name: "base", seed: 7 }, parent);
});

suite("extends: each kind of item is merged as the reference says", () => {
  const parent = base(BASE);
  assert.is(other('summary "else"').summary, "else");
  assert.is(other('export peft "out"').export.path, "out");
  assert.equal(other("compare with random").compare.arms.length, 1);
  const train = other("train final { batch 4 }").train;
  assert.equal([train.steps, train.batch], [300, 4]);
  assert.is(other('dataset digits { test messages("x.jsonl") }').dataset.splits.train.path, "train.jsonl");
  const memory = other("budget { device_memory 1 GiB }").budget;
  assert.equal(memory, { wallClockMs: 6 * 3_600_000, deviceMemoryBytes: 2 ** 30 });
  const same = other("search natural_policy_gradient { controller { rounds 9 } }").search;
  assert.equal([same.options.rounds, same.options.prior, same.superNetwork.steps], [9, "gradient_probe", 200]);
  const another = other("search random").search;
  assert.equal([another.controller, another.superNetwork.steps, another.finalists], ["random", 200, 2]);
  const scaled = other("adapter lora on vlm { scale alpha / rank = 1 }").adapter;
  assert.equal([scaled.scale, scaled.targets], [1, parent.adapter.targets]);
  assert.is(paths(other("adapter lora on vlm { target projector rank in ranks }")).length, 1);
  assert.is(other("objective { subject to parameters <= 100 }").objective.maxParameters, 100);
});

suite("extends: chains, and experiments of other files", () => {
  const text = `${BASE}
experiment b extends base { seed 1 train final { batch 2 } }
experiment c extends b { train final { steps 5 } }
`;
  const { c } = experiments(text);
  assert.equal([c!.seed, c!.train.batch, c!.train.steps], [1, 2, 5]);
  const files = { "sub/base.lnas": BASE.replace('folder("backbone")', 'folder("../backbone")') };
  const child = 'edition 1\nimport { base } from "./sub/base.lnas"\nexperiment child extends base { seed 3 }\n';
  const found = experiments(child, files).child!;
  assert.equal(
    [found.seed, found.dataset.splits.train.path, found.backbone.weights],
    [3, "sub/train.jsonl", { kind: "folder", path: "backbone" }],
  );
});

suite("extends: what is refused", () => {
  assert.equal(problems(`${BASE}experiment x extends bas { seed 1 }\n`), ["LNAS1108 bas"]);
  assert.equal(problems(`${BASE}experiment x extends ranks { seed 1 }\n`), ["LNAS1108 ranks"]);
  assert.equal(problems(`${BASE}experiment x extends y { seed 1 }\nexperiment y extends x { seed 2 }\n`), [
    "LNAS1111 x",
  ]);
  assert.equal(problems(extending("train final { stepz 4 }")), ["LNAS1203 stepz"]);
  assert.equal(problems(extending("", "base")), ["LNAS1107 base"]);
});

suite("a mistake that is inherited is told once, and what is intact still compiles", () => {
  const text = `${extending("seed 8")}`.replace("steps 300", "steps 0.5");
  const { diagnostics, experiments: sound } = compileText(text);
  assert.equal(
    diagnostics.map(({ code }) => code),
    ["LNAS1204"],
  );
  assert.equal(sound, []);
  const mended = compileText(`${text}\nexperiment third extends base { train final { steps 3 } }\n`);
  assert.equal(
    mended.experiments.map(({ ir }) => ir.name),
    ["third"],
  );
});

suite("places lead to the file and characters that say so", () => {
  const files = { "sub/base.lnas": BASE.replace('folder("backbone")', 'folder("../backbone")') };
  const text = 'edition 1\nimport { base } from "./sub/base.lnas"\nexperiment child extends base { seed 3 }\n';
  const { experiments: found, texts } = compileText(text, files);
  const at = (pointer: string) => {
    const { file, span } = found[0]!.places[pointer]!;
    return [file, texts.get(file)!.slice(span.start, span.end)];
  };
  assert.equal(at("/seed"), ["spec.lnas", "seed 3"]);
  assert.equal(at("/adapter/targets/0/modules"), ["sub/base.lnas", "vision.**"]);
  assert.equal(at("/search/finalists"), ["sub/base.lnas", "finalists 2"]);
});

suite("a file of declarations alone is no mistake; an empty one is", () => {
  assert.equal(problems("edition 1\nconst a = 1\n"), []);
  assert.equal(problems("edition 1\n"), ["LNAS1110 e"]);
});

suite("objectives: what parses but cannot run yet says so", () => {
  const objective = (goal: string) =>
    problems(replaced(["minimize loss on reward\n    subject to parameters <= uniform rank 1", goal]));
  const limit = "subject to parameters <= 100";
  assert.equal(objective(`maximize anls on reward ${limit}`), ["LNAS1206 maximize anls on reward"]);
  assert.equal(objective(`minimize los on reward ${limit}`), ["LNAS1108 los"]);
  assert.equal(objective(`minimize loss on reward minimize parameters weight 0.1 ${limit}`), [
    "LNAS1206 minimize parameters weight 0.1",
  ]);
  assert.equal(objective(`minimize loss on reward ${limit} subject to memory <= 8 GiB`), ["LNAS1206 memory"]);
  assert.equal(objective(`minimize loss on reward subject to latency <= 20ms`), ["LNAS1206 latency"]);
  assert.equal(objective(`minimize loss on reward subject to flops <= 80% of vlm ${limit}`), ["LNAS1206 flops"]);
  assert.equal(objective(`minimize loss on reward subject to memry <= 8 GiB`), ["LNAS1108 memry"]);
  assert.equal(objective(`minimize loss on reward ${limit} ${limit}`), [`LNAS1107 ${limit}`]);
});

suite.run();
