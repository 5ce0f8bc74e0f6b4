/** Constants, records, sets of modules and experiments that extend others: what each means, and what is refused. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { applySafeFixes, type ExperimentIR } from "../../compiler/index.js";
import { UserError } from "../../runtime/formats/errors.js";
import { MOST_CHOICES, spaceOf } from "../../runtime/search/rank-space.js";
import { REPOSITORY } from "../golden.js";
import { BASE, compileText } from "./host.js";

const suite = makeSuite("the language");

/** Headings of docs/language.md that some test is about. */
const covered = { meaning: new Set<string>(), misuse: new Set<string>() };
const about = (kind: keyof typeof covered) => (construct: string, what: string, test: () => void) => {
  covered[kind].add(construct);
  suite(`${construct}, ${kind}: ${what}`, test);
};
/** A test of what a construct means; `construct` is its heading in docs/language.md. */
const meaning = about("meaning");
/** A test of what is refused, and where. */
const misuse = about("misuse");

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

meaning("Records", "a train record is a block to start from; an override block changes what it names", () => {
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

meaning("Records", "a dataset record brings its paths from its own folder", () => {
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

meaning("Records", "a search record is a controller with its options; the item's block overrides", () => {
  const text = top(
    "search careful = natural_policy_gradient { controller { rounds 5, exploration 0.01 }, finalists 4 }",
  ).replace(
    /search natural_policy_gradient \{[\s\S]*?\n {2}\}/,
    "search careful { controller { rounds 6 }, super_network { steps 10 } }",
  );
  const { search } = base(text);
  assert.equal(
    [search.controller, search.options.rounds, search.options.exploration, search.finalists, search.superNetwork.steps],
    ["natural_policy_gradient", 6, 0.01, 4, 10],
  );
});

meaning("backbone", "a backbone needs no record", () => {
  const text = replaced(['= mllama { weights folder("backbone") }', '{ family mllama, weights folder("backbone") }']);
  assert.is(base(text).backbone.parameters, base(BASE).backbone.parameters);
});

meaning("backbone", "a config stands in for that of weights that are not here yet", () => {
  const missing = replaced(['folder("backbone")', 'folder("later"), config "backbone/config.json"']);
  assert.equal(base(missing).backbone.weights, { kind: "folder", path: "later" });
  assert.is(base(missing).backbone.parameters, base(BASE).backbone.parameters);
  const both = replaced(['folder("backbone")', 'folder("backbone"), config "backbone/config.json"']);
  assert.equal(base(both), base(BASE));
});

misuse("Records", "records: what is refused", () => {
  assert.equal(problems(top("train recipe { stepz 4 }")), ["LNAS1203 stepz"]);
  assert.equal(problems(top("search lost { finalists 2 }")), ["LNAS1205 lost"]);
  assert.equal(problems(top("search lost = nobody { finalists 2 }")), ["LNAS1108 nobody"]);
  assert.equal(problems(top("dataset d { validate 3 }")), ["LNAS1203 validate"]);
  assert.equal(problems(top("train recipe { steps 4 }").replace("train final {", "train final = recip {")), [
    "LNAS1108 recip",
  ]);
  assert.equal(problems(replaced(["train final {", "train final = ranks {"])), ["LNAS1108 ranks"]);
});

misuse("Records", "a record that is not there hides no other mistake, and makes none", () => {
  const missing = replaced(
    ['= mllama { weights folder("backbone") }', '= mlama { weigths folder("backbone") }'],
    ["train final {", "train final = recipe { stepz 4,"],
    [/ {2}dataset digits \{[^}]*\}/.exec(BASE)![0], ""],
  );
  assert.equal(problems(missing), [
    "LNAS1201 base",
    "LNAS1108 mlama",
    "LNAS1203 weigths",
    "LNAS1108 recipe",
    "LNAS1203 stepz",
  ]);
  // What a child leaves as it is inherits the gap.
  const child = `${replaced(["train final {", "train final = recipe {"])}experiment child extends base { train final { steps 3 } }\n`;
  assert.equal(problems(child), ["LNAS1108 recipe"]);
});

misuse("Records", "a mistake in a record is told in the record's file, once", () => {
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

meaning("Sets of modules", "sets of modules: names, unions, exclusion", () => {
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

meaning("modules", "sets of modules come from other files, with the names of those files", () => {
  const files = { "sets.lnas": "edition 1\nmodules heads = **.q_proj\nmodules both = heads, projector\n" };
  const text = replaced(
    ["const ranks", 'import { both } from "./sets.lnas"\nconst ranks'],
    ["target vision.**", "target both"],
  );
  assert.is(paths(base(text, files)).length, 12);
});

misuse("Sets of modules", "sets of modules: what is refused", () => {
  const wrong = (target: string, declarations = "") =>
    problems(top(declarations).replace("target vision.**", `target ${target}`));
  assert.equal(wrong("vision.**, langage.**"), ["LNAS1401 langage.**"]);
  assert.equal(wrong("atention", "modules attention = **.self_attn.*"), ["LNAS1401 atention"]);
  assert.equal(wrong("vision.** except language.**"), ["LNAS1406 language.**"]);
  assert.equal(wrong("vision.** except vison.**"), ["LNAS1401 vison.**"]);
  assert.equal(wrong("vision.** except **"), ["LNAS1407 vision.** except **"]);
  assert.equal(wrong("a", "modules a = b\nmodules b = vision.**, a"), ["LNAS1111 a"]);
});

meaning("Rank choices", "rank choices", () => {
  const ranks = (written: string) => {
    const text = replaced(["rank in ranks", written], ["uniform rank 1", "uniform rank 3"]);
    return compileText(text).experiments[0]!.ir.adapter.targets[0]!.ranks;
  };
  assert.equal(ranks("rank 3"), [3]);
  assert.equal(ranks("rank in [0, 2..4, 8]"), [0, 2, 3, 4, 8]);
  assert.equal(ranks("rank in 0..3"), [0, 1, 2, 3]);
  assert.equal(ranks("rank in range(0..8, step: 4)"), [0, 4, 8]);
  assert.equal(ranks("rank in ladder(2..8)"), [0, 2, 4, 8]);
});

misuse("Rank choices", "each slip is told", () => {
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

misuse("Rank choices", "the compiler's limit on their number is the runtime's, and the documentation's", () => {
  const messages = (written: string) =>
    compileText(replaced(["rank in ranks", written])).diagnostics.map(({ code, message }) => `${code} ${message}`);
  const module = { path: "q", inFeatures: 512, outFeatures: 512, kind: "q", part: "language", layer: 0 };
  const space = (count: number) => spaceOf({ q: Array.from({ length: count }, (_, rank) => rank) }, [], [module]);
  for (const written of [
    (count: number) => `rank in 0..${count - 1}`,
    (count: number) => `rank in range(0..${8 * (count - 1)}, step: 8)`,
    (count: number) => `rank in [0..${count - 2}, ${count - 1}]`,
  ]) {
    assert.equal(messages(written(MOST_CHOICES + 1)), [`LNAS1404 more than ${MOST_CHOICES} ranks to choose from`]);
    // Another limit is met then: no module of this backbone is so large.
    assert.match(messages(written(MOST_CHOICES)).join(), /^LNAS1403/);
  }
  assert.is(space(MOST_CHOICES).genes.length, 1);
  assert.throws(
    () => space(MOST_CHOICES + 1),
    (error: unknown) => error instanceof UserError,
  );
  const documented = readFileSync(join(REPOSITORY, "docs", "language.md"), "utf8");
  assert.ok(documented.includes(`at most ${MOST_CHOICES} ranks to choose from`));
});

const searched = (written: string, limit: string, ...more: readonly (readonly [string, string])[]) =>
  replaced(["target vision.** rank in ranks", written], ["uniform rank 1", limit], ...more);
const PLAIN = [
  "search natural_policy_gradient {\n    controller { prior gradient_probe }\n    super_network { steps 200, batch 16 }",
  "search uniform {\n    super_network { steps 1, batch 16 }",
] as const;

meaning(
  "Rank choices",
  "one module with a choice is a search; one rank for each is a plain LoRA, said with uniform",
  () => {
    const codes = (...spec: Parameters<typeof searched>) =>
      compileText(searched(...spec)).diagnostics.map(({ code }) => code);
    const choice = "target vision.transformer.layers[0].self_attn.q_proj rank in [0, 1, 2]";
    assert.equal(codes(choice, "uniform rank 1"), []);
    assert.equal(codes(`${choice}\n target language.** rank 1`, "uniform rank 1"), []);
    for (const alike of [
      "target vision.** rank 1",
      "target vision.** rank in [1]",
      "target vision.** rank 1\n target language.** rank 2",
    ]) {
      assert.equal(codes(alike, "uniform rank 4"), ["LNAS1409"], alike);
      assert.equal(codes(alike, "uniform rank 4", PLAIN), [], alike);
    }
    assert.equal(codes("target vision.** rank in [1, 2]", "uniform rank 1"), ["LNAS1504"]);
    assert.equal(codes("target vision.** rank in [1, 2]", "uniform rank 1", PLAIN), []);
  },
);

misuse("Rank choices", "no rank above 0, or no room for one", () => {
  const messages = (...spec: Parameters<typeof searched>) => {
    const { diagnostics, experiments: found } = compileText(searched(...spec));
    assert.is(found.length, 0);
    return diagnostics.map(({ code, message, help }) => `${code} ${message}. ${help}`).join("\n");
  };
  assert.match(messages("target vision.** rank 0", "uniform rank 1"), /^LNAS1408 [^\n]*$/);
  assert.match(messages("target vision.** rank 0\n target language.** rank in [0]", "50"), /^LNAS1408/);
  // The cheapest module of the towers: 32 + 96 features.
  const lone = "model.vision_model.transformer.layers.0.self_attn.q_proj";
  assert.match(messages("target vision.** rank in ranks", "uniform rank 0"), /^LNAS1503 a limit of 0 parameters/);
  assert.is(
    messages("target vision.** rank in [0, 2, 4]", "255"),
    `LNAS1503 a limit of 255 parameters leaves room for no adapter: the cheapest has 256. It is rank 2 on ${lone}; raise the limit, or allow smaller ranks or modules.`,
  );
  assert.equal(compileText(searched("target vision.** rank in [0, 2, 4]", "256")).diagnostics, []);
  // What is tied costs all at once.
  assert.match(messages("target vision.** rank in [0, 2] tie per kind", "256"), /^LNAS1503/);
});

misuse("Rank choices", "each has the fix that mends it", () => {
  const mended = (written: string) => {
    const text = replaced(["rank in ranks", written]);
    const { diagnostics } = compileText(text);
    const { texts } = applySafeFixes(
      diagnostics,
      () => text,
      () => true,
    );
    return experiments(texts.get("spec.lnas") ?? text).base!.adapter.targets[0]!.ranks;
  };
  assert.equal(mended("rank [0, 2]"), [0, 2]);
  assert.equal(mended("rank in [2, 0, 1, 2]"), [0, 1, 2]);
  assert.equal(mended("rank ladder(1..4)"), [0, 1, 2, 4]);
});

meaning("Overlap", "targets with the same ranks are one: how modules are divided among them means nothing", () => {
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

meaning("extends", "extends: what is not given is inherited, all of it", () => {
  const { base: parent, other: child } = experiments(extending("seed 8"));
  assert.equal({ ...child, name: "base", seed: 7 }, parent);
});

meaning("extends", "extends: each kind of item is merged as the reference says", () => {
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
  assert.is(other("objective { subject to parameters <= 1_000 }").objective.maxParameters, 1_000);
});

meaning("extends", "extends: chains, and experiments of other files", () => {
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

misuse("extends", "extends: what is refused", () => {
  assert.equal(problems(`${BASE}experiment x extends bas { seed 1 }\n`), ["LNAS1108 bas"]);
  assert.equal(problems(`${BASE}experiment x extends ranks { seed 1 }\n`), ["LNAS1108 ranks"]);
  assert.equal(problems(`${BASE}experiment x extends y { seed 1 }\nexperiment y extends x { seed 2 }\n`), [
    "LNAS1111 x",
  ]);
  assert.equal(problems(extending("train final { stepz 4 }")), ["LNAS1203 stepz"]);
  assert.equal(problems(extending("", "base")), ["LNAS1107 base"]);
});

misuse("extends", "a mistake that is inherited is told once, and what is intact still compiles", () => {
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

misuse("Overlap", "two targets with a module in common are both shown", () => {
  const text = replaced(["rank in ranks", "rank in ranks\n    target **.q_proj rank in [0, 4]"]);
  assert.equal(problems(text), ["LNAS1402 **.q_proj"]);
  const [{ labels }] = compileText(text).diagnostics as unknown as [{ labels: readonly { text: string }[] }];
  assert.equal(
    labels.map((label) => label.text),
    ["targeted here first"],
  );
});

meaning("Files", "a file may hold several experiments, in any order", () => {
  assert.equal(
    Object.keys(experiments(`${BASE.replace("edition 1\n", "edition 1\nexperiment first extends base { seed 1 }\n")}`)),
    ["first", "base"],
  );
});
misuse("Files", "the edition is missing, unknown, or given twice", () => {
  assert.equal(problems("const a = 1\n"), ["LNAS1101 c"]);
  assert.equal(problems("edition 2\nconst a = 1\n"), ["LNAS1102 2"]);
  assert.equal(problems("edition 1\nconst a = 1\nedition 1\n"), ["LNAS1107 edition 1"]);
});

meaning("Values", "units, shares, grouped digits and exponents are the amounts they say", () => {
  const { budget, train } = base(
    replaced(
      ["wall_clock 6h", "wall_clock 90min, device_memory 1.5 GiB"],
      [
        "steps 300, batch 16 }",
        "steps 2_000, batch 16, optimizer adamw { learning_rate 2e-4 }, schedule cosine { warmup 6.7% } }",
      ],
    ),
  );
  assert.equal(budget, { wallClockMs: 5_400_000, deviceMemoryBytes: 1.5 * 2 ** 30 });
  assert.equal([train.steps, train.optimizer.learningRate, train.schedule.warmup], [2000, 2e-4, 0.067]);
});
misuse("Values", "a number without its unit, with one too many, or beyond its bounds", () => {
  assert.equal(problems(replaced(["wall_clock 6h", "wall_clock 6"])), ["LNAS1204 6"]);
  assert.equal(problems(replaced(["steps 300", "steps 300 h"])), ["LNAS1204 300 h"]);
  assert.equal(problems(replaced(["steps 300", "steps 1e999"])), ["LNAS1013 1e999"]);
});

meaning("import", "constants, records, sets and experiments of other files", () => {
  const text = replaced(["const ranks = [0, 1, 2]", 'import { ranks } from "./a.lnas"']);
  const files = { "a.lnas": 'edition 1\nimport { small } from "std:ranks"\nconst ranks = small\n' };
  assert.equal(base(text, files).adapter.targets[0]!.ranks, [0, 1, 2, 4, 8]);
});
misuse("import", "modules and names that are not there, circles", () => {
  const importing = (clause: string) => top("").replace("const ranks", `${clause}\nconst ranks`);
  assert.equal(problems(importing('import { x } from "std:rank"')), ['LNAS1103 "std:rank"']);
  assert.equal(problems(importing('import { smal } from "std:ranks"')), ["LNAS1106 smal"]);
  assert.equal(problems(importing('import { x } from "ranks.lnas"')), ['LNAS1105 "ranks.lnas"']);
  const files = {
    "a.lnas": 'edition 1\nimport { b } from "./b.lnas"\n',
    "b.lnas": 'edition 1\nimport { a } from "./a.lnas"\nconst b = 1\n',
  };
  assert.equal(
    problems(importing('import { b } from "./a.lnas"'), files).map((line) => line.slice(0, 8)),
    ["LNAS1104"],
  );
});

meaning("const", "constants of constants, in every value", () => {
  const text = top("const count = 30\nconst counts = count").replace("steps 300", "steps counts");
  assert.is(base(text).train.steps, 30);
});
misuse("const", "names of nothing, constants of themselves, a name twice", () => {
  assert.equal(problems(replaced(["steps 300", "steps cuont"])), ["LNAS1108 cuont"]);
  assert.equal(problems(top("const a = b\nconst b = a").replace("steps 300", "steps a")), ["LNAS1108 a"]);
  assert.equal(problems(top("const ranks = [1]")), ["LNAS1107 ranks"]);
});

misuse("modules", "a set that is no set", () => {
  assert.equal(problems(top("modules a = vision.**\nmodules a = projector")), ["LNAS1107 a"]);
  assert.equal(problems(top("modules a =")), ["LNAS1001 ="]);
});

const TIGHT = "\nexperiment tight extends base { objective { subject to parameters <= 3_000 } }\n";
meaning(
  "sweep",
  "experiments of the file by name, in the order in which they run; the experiments stay as they are",
  () => {
    const { diagnostics, sweeps, experiments: all } = compileText(`${BASE}${TIGHT}sweep budgets = tight, base\n`);
    assert.equal(diagnostics, []);
    assert.equal(sweeps, [{ name: "budgets", experiments: ["tight", "base"] }]);
    assert.equal(
      all.map(({ irHash }) => irHash),
      compileText(`${BASE}${TIGHT}`).experiments.map(({ irHash }) => irHash),
    );
  },
);
meaning("sweep", "an experiment of another file, through one of this file that extends it", () => {
  const text = `edition 1
import { base } from "./base.lnas"
experiment whole extends base {}
experiment tight extends base { objective { subject to parameters <= 3_000 } }
sweep budgets = tight, whole
`;
  const { diagnostics, sweeps } = compileText(text, { "base.lnas": BASE });
  assert.equal(diagnostics, []);
  assert.is(sweeps.length, 1);
});
misuse(
  "sweep",
  "names of no experiment of the file, one twice, one alone, two that mean the same, a name that is taken",
  () => {
    const told = (sweep: string, files: Files = {}) => problems(`${BASE}${TIGHT}${sweep}\n`, files);
    assert.equal(told("sweep budgets = tigt, base"), ["LNAS1108 tigt"]);
    assert.equal(told("sweep budgets = ranks, base"), ["LNAS1108 ranks"]);
    assert.equal(told("sweep budgets = tight, base, tight, tight"), ["LNAS1801 tight", "LNAS1801 tight"]);
    assert.equal(told("sweep budgets = tight"), ["LNAS1802 budgets"]);
    assert.equal(told('experiment again extends tight { summary "once more" }\nsweep budgets = tight, base, again'), [
      "LNAS1803 again",
    ]);
    assert.equal(told("sweep tight = tight, base"), ["LNAS1107 tight"]);
    const imported = 'edition 1\nimport { base } from "./base.lnas"\nexperiment own extends base { seed 8 }\n';
    const files = { "base.lnas": `${BASE}${TIGHT}sweep budgets = tight, base\n` };
    const { diagnostics } = compileText(`${imported}sweep seeds = own, base\n`, files);
    assert.equal(
      diagnostics.map(({ code, help }) => `${code} ${help}`),
      ["LNAS1108 It comes from base.lnas. Declare one here that starts from it: `experiment <name> extends base { }`."],
    );
    const importing = compileText(
      'edition 1\nimport { budgets } from "./base.lnas"\nsweep more = budgets, budgets\n',
      files,
    );
    assert.equal(importing.diagnostics.map(({ code, message, help }) => `${code} ${message}. ${help}`).slice(0, 1), [
      "LNAS1108 budgets is not a name that can be imported. It is a sweep, which is run from its own file: `lnasc run base.lnas --sweep budgets`.",
    ]);
  },
);
misuse(
  "sweep",
  "what is nearly right is mended; a sweep with a mistake in it, or in one of its experiments, cannot be run",
  () => {
    const of = (text: string) => compileText(text).sweeps.map(({ name }) => name);
    const mended = (sweep: string) => {
      const text = `${BASE}${TIGHT}${sweep}\n`;
      const { diagnostics } = compileText(text);
      return applySafeFixes(
        diagnostics,
        () => text,
        () => true,
      ).texts.get("spec.lnas");
    };
    const right = `${BASE}${TIGHT}sweep budgets = tight, base\n`;
    assert.is(mended("sweep budgets = tigt, base"), right);
    assert.is(mended("sweep budgets = tight, base, tight"), right);
    assert.equal(of(right), ["budgets"]);
    assert.equal(of(right.replace("3_000", "0 h")), []);
    assert.equal(of(right.replace("tight, base", "tight, tight")), []);
    assert.equal(of(`${right}experiment small extends base { seed 8 }\nsweep more = small, base\n`), [
      "budgets",
      "more",
    ]);
    assert.equal(of(`${right}experiment small extends base { seed -8 }\nsweep more = small, base\n`), ["budgets"]);
  },
);

meaning("experiment", "summary, seed, compare and budget may be left out", () => {
  const text = BASE.replace(/\n {2}(summary|seed|compare|budget)[^\n]*/g, "");
  const { seed, summary, compare, budget } = base(text);
  assert.equal(
    [seed, summary, compare, budget],
    [0, "", { arms: [], seeds: 1, learningRates: [], ranking: 0, equalCost: false }, {}],
  );
});
misuse("experiment", "an item is missing, or there twice", () => {
  assert.equal(problems(replaced(['  export peft "adapter"\n', ""])), ["LNAS1201 base"]);
  assert.equal(problems(replaced(["  seed 7\n", "  seed 7\n  seed 8\n"])), ["LNAS1202 seed 8"]);
});

misuse("backbone", "no family, no weights, options that are none", () => {
  const own = (block: string) => problems(replaced(['= mllama { weights folder("backbone") }', block]));
  assert.equal(own('{ weights folder("backbone") }'), ["LNAS1205 vlm"]);
  assert.equal(own("{ family mllama }"), ["LNAS1303 vlm"]);
  assert.equal(own('{ family mllama, weights folder("backbone"), revision 3 }'), ["LNAS1203 revision"]);
  assert.equal(own('= mlama { weights folder("backbone") }'), ["LNAS1108 mlama"]);
  assert.equal(own('{ family lava, weights folder("backbone") }'), ["LNAS1204 family lava"]);
  assert.equal(own('{ family llava, weights folder("backbone") }'), ['LNAS1305 folder("backbone")']);
  assert.equal(own('= llava_1_5_7b { weights folder("backbone") }'), ["LNAS1108 llava_1_5_7b"]);
});

/** The base spec with a published model, and its warning allowed. */
const planned = (name: string, targets: string) =>
  replaced(
    ["import { mllama }", `import { ${name} }`],
    ['backbone vlm = mllama { weights folder("backbone") }', `// allow LNAS1304: planned\n  backbone vlm = ${name}`],
    ["target vision.** rank in ranks", targets],
  );

meaning("backbone", "published models are known without their weights; modules of a part are that part's alone", () => {
  const all = "target vision.** rank in ranks\n target projector.** rank in ranks\n target language.** rank in ranks";
  const counts: Readonly<Record<string, number>> = {
    smolvlm_256m: 283,
    smolvlm_500m: 297,
    llava_1_5_7b: 364,
    qwen2_vl_2b: 326,
    qwen2_vl_7b: 326,
  };
  for (const [name, count] of Object.entries(counts)) assert.is(paths(base(planned(name, all))).length, count, name);
  assert.equal(paths(base(planned("qwen2_vl_2b", "target projector.mlp.0 rank in ranks"))), [
    "model.visual.merger.mlp.0",
  ]);
  assert.is(paths(base(planned("qwen2_vl_2b", "target model.visual.** rank in ranks"))).length, 130);
});

misuse("backbone", "modules of a model that is not here are known by their paths", () => {
  const found = (name: string, pattern: string) => problems(planned(name, `target ${pattern} rank in ranks`));
  assert.equal(found("qwen2_vl_2b", "vision.merger.**"), ["LNAS1401 vision.merger.**"]);
  assert.equal(found("qwen2_vl_2b", "vision.blocks[*].attn.q_proj"), ["LNAS1401 vision.blocks[*].attn.q_proj"]);
  assert.equal(found("llava_1_5_7b", "vision.encoder.layers[23].**"), ["LNAS1401 vision.encoder.layers[23].**"]);
  assert.equal(found("smolvlm_256m", "model.language_model.**"), ["LNAS1401 model.language_model.**"]);
});

meaning("modules", "every family of the standard library has its groups of modules", () => {
  const groups = (family: string, name: string) =>
    planned(name, "target attention rank in ranks\n target mlp rank in ranks").replace(
      "\n\nconst",
      `\nimport { attention, mlp } from "std:targets/${family}"\n\nconst`,
    );
  assert.is(paths(base(groups("idefics3", "smolvlm_500m"))).length, 12 * 6 + 32 * 7);
  assert.is(paths(base(groups("llava", "llava_1_5_7b"))).length, 23 * 6 + 32 * 7);
  assert.is(paths(base(groups("qwen2_vl", "qwen2_vl_7b"))).length, 32 * 4 + 28 * 7);
});

meaning("dataset", "a file for each role", () => {
  assert.is(base(BASE).dataset.splits.validation.path, "validation.jsonl");
});
misuse("dataset", "a role without a file, another source, one source for all", () => {
  assert.equal(problems(replaced(['    test messages("test.jsonl")\n', ""])), ["LNAS1205 digits"]);
  assert.equal(problems(replaced(['messages("test.jsonl")', 'parquet("test")'])), ['LNAS1204 parquet("test")']);
  const whole = /dataset digits \{[^}]*\}/.exec(BASE)![0];
  const divided = 'dataset digits { source messages("all.jsonl") split train 90%, reward 4%, validation 3%, test 3% }';
  assert.equal(
    problems(replaced([whole, divided])).map((line) => line.slice(0, 8)),
    ["LNAS1206"],
  );
});

meaning("adapter", "scale and dropout", () => {
  const { scale, dropout } = base(replaced(["= 2\n", "= 0.5\n"], ["dropout 0", "dropout 5%"])).adapter;
  assert.equal([scale, dropout], [0.5, 0.05]);
});
misuse("adapter", "another method, another backbone, no target", () => {
  assert.equal(problems(replaced(["adapter lora", "adapter dora"])), ["LNAS1108 dora"]);
  assert.equal(problems(replaced(["on vlm", "on vml"])), ["LNAS1108 vml"]);
  assert.equal(problems(replaced(["    target vision.** rank in ranks\n", ""])), ["LNAS1405 lora"]);
});

meaning("Patterns", "stars, layers, alternatives and short names match what they say", () => {
  const count = (pattern: string) => paths(base(replaced(["vision.**", pattern]))).length;
  assert.equal(
    ["**", "**.q_proj", "vision.transformer.layers[1..2].mlp.*", "**.{fc1, fc2}", "**.layers[0].**", "**.*_proj"].map(
      count,
    ),
    [72, 11, 4, 12, 19, 59],
  );
});
misuse("Patterns", "a pattern that matches nothing says what stands there", () => {
  const hint = (pattern: string) => compileText(replaced(["vision.**", pattern])).diagnostics[0]!.help;
  assert.match(hint("vision.transformer.layer[0].**"), "Did you mean `layers`?");
  assert.match(hint("vision.transformer.layers[9].**"), "layers goes from 0 to 3");
  assert.match(hint("language"), "Add `.**`");
});

meaning("Ties", "groups of modules with one rank", () => {
  const ties = (tie: string) =>
    base(replaced(["vision.** rank in ranks", `vision.transformer.** rank in ranks ${tie}`])).adapter.targets[0]!.ties;
  assert.equal(
    ["", "tie per layer", "tie per 2 layers", "tie per kind"].map((tie) => ties(tie).length),
    [0, 4, 2, 6],
  );
});
misuse("Ties", "units that are none", () => {
  const tied = (tie: string) => problems(replaced(["rank in ranks", `rank in ranks ${tie}`]));
  assert.equal(tied("tie per block"), ["LNAS1204 tie per block"]);
  assert.equal(tied("tie per 0 layers"), ["LNAS1204 tie per 0 layers"]);
});

meaning("objective", "a number, a share and a uniform rank are limits in parameters", () => {
  const limit = (written: string) => base(replaced(["uniform rank 1", written])).objective.maxParameters;
  assert.equal(["1_000", "1% of vlm", "uniform rank 1"].map(limit), [1000, 5797, 6912]);
});

meaning("objective", "a goal is a metric in its own direction", () => {
  const reward = (goal: string) => base(replaced(["minimize loss on reward", goal])).objective.reward;
  assert.equal(
    ["minimize loss", "minimize perplexity on reward", "maximize token_accuracy", "maximize exact_match on reward"].map(
      (goal) => Object.values(reward(goal)),
    ),
    [
      ["loss", "minimize"],
      ["perplexity", "minimize"],
      ["token_accuracy", "maximize"],
      ["exact_match", "maximize"],
    ],
  );
});

meaning("objective", "a price of parameters stands beside the goal", () => {
  const reward = (goal: string) => base(replaced(["minimize loss on reward", goal])).objective.reward;
  assert.equal(reward("minimize loss on reward, minimize parameters weight 2e-6"), {
    metric: "loss",
    direction: "minimize",
    parameterWeight: 2e-6,
  });
  assert.equal(reward("minimize loss on reward"), { metric: "loss", direction: "minimize" });
});

meaning("search", "every option has a value in the IR", () => {
  const { search } = base(BASE);
  assert.equal([search.options.rounds, search.superNetwork.sampling, search.finalists], [2, "extremes", 2]);
});
meaning("search", "the best may be scored once more", () => {
  const rescore = (written: string) => base(replaced(["finalists 2", `finalists 2${written}`])).search.rescore;
  assert.equal([rescore(", rescore 8"), rescore(", rescore 0"), rescore("")], [8, undefined, undefined]);
});
meaning("search", "hopeless candidates may be stopped early", () => {
  const stops = (written: string) => {
    const evolution = replaced(
      ["search natural_policy_gradient", "search evolution"],
      ["finalists 2", `finalists 2${written}`],
    );
    return base(evolution).search.earlyStopping;
  };
  assert.equal([stops(", early_stopping on"), stops(", early_stopping off"), stops("")], [true, undefined, undefined]);
  assert.equal(problems(replaced(["finalists 2", "finalists 2, early_stopping maybe"])), ["LNAS1204 maybe"]);
});
misuse("search", "a number of candidates that is none", () => {
  assert.equal(problems(replaced(["finalists 2", "finalists 2, rescore half"])), ["LNAS1108 half"]);
  assert.equal(problems(replaced(["finalists 2", "finalists 2, rescore 1.5"])), ["LNAS1204 1.5"]);
});

misuse("search", "what does nothing with its controller is warned of, and does nothing else", () => {
  const searching = (controller: string, options: string) =>
    replaced(
      ["search natural_policy_gradient {\n    controller { prior gradient_probe }", `search ${controller} {`],
      ["finalists 2", `finalists 2 ${options}`],
    );
  const stopping = "early_stopping on";
  for (const [controller, options, warned] of [
    ["nsga2", stopping, ["LNAS1207 early_stopping on"]],
    ["natural_policy_gradient", stopping, ["LNAS1207 early_stopping on"]],
    ["successive_halving", `${stopping} rescore 4`, ["LNAS1207 early_stopping on", "LNAS1207 rescore 4"]],
    ["annealed_importance", `${stopping} rescore 4`, ["LNAS1207 early_stopping on", "LNAS1207 rescore 4"]],
    ["darts", `${stopping} rescore 2`, ["LNAS1207 early_stopping on"]],
    ["evolution", "rescore 1", ["LNAS1207 rescore 1"]],
    ["successive_halving", "rescore 1", ["LNAS1207 rescore 1"]],
    ["evolution", `${stopping} rescore 2`, []],
    ["gradient_probe", "early_stopping off rescore 0", []],
  ] as const) {
    const text = searching(controller, options);
    assert.equal(problems(text), warned, `${controller} ${options}`);
    assert.is(compileText(text).experiments.length, 1);
  }
});
misuse("search", "a price of parameters that its controller does not look at is warned of", () => {
  const priced = (controller: string) =>
    problems(
      replaced(
        ["minimize loss on reward", "minimize loss on reward, minimize parameters weight 2e-6"],
        ["search natural_policy_gradient {\n    controller { prior gradient_probe }", `search ${controller} {`],
      ),
    );
  for (const controller of ["gradient_probe", "annealed_importance", "adalora", "eva", "no_search", "uniform"])
    assert.equal(priced(controller), [`LNAS1208 ${controller}`]);
  for (const controller of ["natural_policy_gradient", "reinforce", "nsga2", "random", "darts", "successive_halving"])
    assert.equal(priced(controller), []);
});
misuse("search", "an option that an extended experiment gives is warned of where the controller changes", () => {
  const text = `${replaced(
    ["search natural_policy_gradient {\n    controller { prior gradient_probe }", "search evolution {"],
    ["finalists 2", `finalists 2 early_stopping on`],
  )}\nexperiment other extends base { search nsga2 }\n`;
  assert.equal(problems(text), ["LNAS1207 early_stopping on"]);
});

misuse(
  "search",
  "what cannot stand beside importance stands beside a search that scores, unless the spec says another or none",
  () => {
    const beside = (...edits: readonly (readonly [string, string])[]) =>
      base(replaced(...edits)).search.beside.map(({ controller, options }) => [controller, options.steps]);
    assert.equal(beside(), [["annealed_importance", 150]]);
    assert.equal(beside(["finalists 2", "finalists 2, beside annealed_importance { steps 90 }"]), [
      ["annealed_importance", 90],
    ]);
    assert.equal(beside(["finalists 2", "finalists 2, beside gradient_probe"]), [["gradient_probe", undefined]]);
    assert.equal(beside(["finalists 2", "finalists 2, beside none"]), []);
    const oneShot = [
      /search natural_policy_gradient \{[\s\S]*?\n {2}\}/.exec(BASE)![0],
      "search gradient_probe",
    ] as const;
    assert.equal(beside(oneShot), []);
  },
);
meaning("search", "how the super-network draws ranks and what its smaller ranks listen to", () => {
  const read = (options: string) => base(replaced(["steps 200, batch 16", `steps 200, batch 16${options}`])).search;
  assert.equal([read("").superNetwork.sampling, read("").superNetwork.distillation], ["extremes", 0]);
  const other = read(", sampling balanced, distillation 50%").superNetwork;
  assert.equal([other.sampling, other.distillation], ["balanced", 0.5]);
});
misuse("search", "what cannot stand beside a search", () => {
  const beside = (written: string) => problems(replaced(["finalists 2", `finalists 2, beside ${written}`]));
  assert.equal(beside("annealed"), ["LNAS1108 annealed"]);
  assert.equal(beside("3"), ["LNAS1204 3"]);
  assert.equal(beside("none { steps 3 }"), ["LNAS1203 steps"]);
  assert.equal(beside("annealed_importance { step 3 }"), ["LNAS1203 step"]);
  assert.equal(problems(replaced(["steps 200, batch 16", "steps 200, batch 16, distillation 2"])), ["LNAS1204 2"]);
});
meaning("search", "fixed ranks are read from the file into the IR, for every module that may carry an adapter", () => {
  const files = {
    "sub/mine.json": JSON.stringify({
      peft_type: "LORA",
      r: 1,
      target_modules: ".*vision_model.*(q_proj|v_proj)",
      rank_pattern: { "layers\\.0\\.self_attn\\.q_proj": 2 },
    }),
  };
  const text = replaced([
    "search natural_policy_gradient {\n    controller { prior gradient_probe }",
    'search fixed {\n    controller { ranks "sub/mine.json" }',
  ]);
  const compilation = compileText(text, files);
  assert.equal(compilation.diagnostics, []);
  const ranks = Object.entries(compilation.experiments[0]!.ir.search.options.ranks as Record<string, number>);
  const ofKind = (kind: string) => ranks.filter(([path]) => path.endsWith(kind)).map(([, rank]) => rank);
  assert.is(ranks.length, compilation.experiments[0]!.ir.adapter.targets[0]!.modules.length);
  assert.ok(ofKind("q_proj").includes(2) && ofKind("v_proj").every((rank) => rank === 1));
  assert.ok(ofKind("fc1").every((rank) => rank === 0));
});
const EARLIER = {
  "runs/a/ir.json": JSON.stringify({ adapter: { targets: [] } }),
  "runs/a/ranks.json": JSON.stringify({ peft_type: "LORA", r: 2, target_modules: ".*vision_model.*fc1" }),
};
meaning("search", "a prior that is an earlier run: its ranks are in the IR, whatever its budget was", () => {
  const compilation = compileText(replaced(["prior gradient_probe", 'prior run("runs/a")']), EARLIER);
  assert.equal(compilation.diagnostics, []);
  const { prior, prior_ranks: ranks, rounds } = compilation.experiments[0]!.ir.search.options;
  assert.equal([prior, rounds], ["run", 2]);
  for (const [path, rank] of Object.entries(ranks as Record<string, number>))
    assert.is(rank, path.endsWith("fc1") ? 2 : 0, path);
});
misuse("search", "an earlier run that is none, or not of this backbone", () => {
  const of = (written: string, files: Record<string, string> = {}) =>
    compileText(replaced(["prior gradient_probe", `prior ${written}`]), { ...EARLIER, ...files }).diagnostics.map(
      ({ code, message }) => `${code} ${message}`,
    );
  assert.match(of('run("runs/b")')[0]!, /^LNAS1706 .*no run folder/);
  assert.match(of('run("runs/b")', { "runs/b/ir.json": EARLIER["runs/a/ir.json"] })[0]!, /^LNAS1706 .*not finished/);
  const elsewhere = { path: "model.layers.0.q_proj", inFeatures: 4, outFeatures: 4 };
  const other = JSON.stringify({ adapter: { targets: [{ modules: [elsewhere] }] } });
  assert.match(of('run("runs/a")', { "runs/a/ir.json": other })[0]!, /^LNAS1706 .*another backbone/);
  assert.match(of('run("runs/a")', { "runs/a/ranks.json": "[]" })[0]!, /^LNAS1701 /);
  assert.match(of("run")[0]!, /^LNAS1204 /);
  assert.match(of('run("")')[0]!, /^LNAS1204 /);
});
const EARLIER_NETWORK = {
  "runs/a/ir.json": () => JSON.stringify({ adapter: base(BASE).adapter }),
  "runs/a/stages/super-network.json": () => "{}",
};
const starting = (written: string, files: Readonly<Record<string, string | undefined>> = {}) => {
  const there = Object.entries({
    ...Object.fromEntries(Object.entries(EARLIER_NETWORK).map(([path, text]) => [path, text()])),
    ...files,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return compileText(
    replaced(["steps 200, batch 16", `start ${written}, steps 200, batch 16`]),
    Object.fromEntries(there),
  );
};
meaning("search", "a super-network that starts from that of an earlier run", () => {
  const compilation = starting('run("runs/a")');
  assert.equal(compilation.diagnostics, []);
  assert.is(compilation.experiments[0]!.ir.search.superNetwork.start, "runs/a");
  assert.is(base(BASE).search.superNetwork.start, undefined);
});
misuse("search", "an earlier run whose super-network does not fit", () => {
  const of = (written: string, files: Readonly<Record<string, string | undefined>> = {}) =>
    starting(written, files).diagnostics.map(({ code, message }) => `${code} ${message}`)[0]!;
  const { adapter } = base(BASE);
  const ir = (change: object) => ({ "runs/a/ir.json": JSON.stringify({ adapter: { ...adapter, ...change } }) });
  const [target] = adapter.targets;
  const resized = target!.modules.map((module) => ({ ...module, inFeatures: module.inFeatures + 1 }));
  assert.match(of('run("runs/b")'), /^LNAS1709 .*no run folder/);
  assert.match(of('run("runs/a")', { "runs/a/stages/super-network.json": undefined }), /^LNAS1709 .*not trained/);
  assert.match(of('run("runs/a")', ir({ scale: 1 })), /^LNAS1709 .*scale 1, this one 2/);
  assert.match(of('run("runs/a")', ir({ targets: [{ ...target, modules: resized }] })), /^LNAS1709 .*another backbone/);
  assert.match(of('run("runs/a")', ir({ targets: [] })), /^LNAS1709 .*no module/);
  assert.match(of('run("")'), /^LNAS1204 /);
  assert.match(of("uniform"), /^LNAS1204 /);
});
/** What a search that keeps preferences leaves of one over the vision modules: the deeper a layer, the larger its ranks. */
const policyOf = (genes: readonly (readonly string[])[], ranks: readonly number[] = [0, 1, 2]) => ({
  policyVersion: 1,
  controller: "reinforce",
  maxParameters: 4096,
  genes: genes.map((modules, depth) => ({
    modules,
    logOdds: Object.fromEntries(ranks.map((rank) => [rank, depth * rank - 3])),
  })),
});
const visionModules = () => base(BASE).adapter.targets[0]!.modules.map(({ path }) => path);
const earlierPolicy = (policy: unknown, controller = "reinforce") => ({
  "runs/a/ir.json": JSON.stringify({ adapter: { targets: [] }, search: { controller } }),
  ...(policy !== undefined && { "runs/a/policy.json": typeof policy === "string" ? policy : JSON.stringify(policy) }),
});
const GOES_ON: [string, string] = ["prior gradient_probe", 'prior policy("runs/a")'];

meaning(
  "search",
  "a prior that is the policy of an earlier run: its log-odds are in the IR, whatever its budget was",
  () => {
    const modules = visionModules();
    // Modules that are no longer searched are left aside.
    const policy = policyOf([...modules.map((path) => [path]), ["model.language_model.layers.0.self_attn.q_proj"]]);
    const compilation = compileText(replaced(GOES_ON), earlierPolicy(policy));
    assert.equal(compilation.diagnostics, []);
    const { prior, prior_policy: table, rounds } = compilation.experiments[0]!.ir.search.options;
    assert.equal([prior, rounds], ["policy", 2]);
    assert.equal(table, Object.fromEntries(policy.genes.slice(0, -1).map((gene) => [gene.modules[0], gene.logOdds])));
  },
);
meaning("search", "the policy of tied modules stands at the first of them", () => {
  const tie: [string, string] = ["rank in ranks\n", "rank in ranks tie per kind\n"];
  const { ties } = base(replaced(tie)).adapter.targets[0]!;
  const policy = policyOf(ties);
  const compilation = compileText(replaced(tie, GOES_ON), earlierPolicy(policy));
  assert.equal(compilation.diagnostics, []);
  const table = compilation.experiments[0]!.ir.search.options.prior_policy;
  assert.equal(table, Object.fromEntries(policy.genes.map((gene) => [gene.modules[0], gene.logOdds])));
  const alone = policyOf(visionModules().map((path) => [path]));
  const message = (text: string, earlier: unknown) => compileText(text, earlierPolicy(earlier)).diagnostics[0]!.message;
  assert.match(
    message(replaced(tie, GOES_ON), alone),
    /layers\.1\S+ shares its rank with \S+layers\.0\S+ here, and not there/,
  );
  assert.match(
    message(replaced(GOES_ON), policy),
    /layers\.0\S+ shares its rank with \S+layers\.1\S+ there, and not here/,
  );
});
misuse("search", "an earlier run without a policy, or with one of another space", () => {
  const of = (policy: unknown, controller?: string) =>
    compileText(replaced(GOES_ON), earlierPolicy(policy, controller)).diagnostics.map(
      ({ code, message }) => `${code} ${message}`,
    )[0]!;
  assert.match(of(undefined), /^LNAS1707 .*not finished \(it has no policy.json\)/);
  assert.match(of(undefined, "evolution"), /^LNAS1707 .*: evolution prefers no ranks/);
  const whole = policyOf(visionModules().map((path) => [path]));
  const [first] = whole.genes;
  const unread: [unknown, RegExp][] = [
    ["{", /it is no JSON/],
    [{}, /it has no policyVersion/],
    [[], /it has no policyVersion/],
    [{ ...whole, policyVersion: 2 }, /it has format 2, and this lnas reads format 1/],
    [{ ...whole, controller: 1 }, /which controller/],
    [{ ...whole, maxParameters: "4096" }, /which budget/],
    [{ ...whole, genes: {} }, /no list of genes/],
    [{ ...whole, genes: [first, { modules: [] }] }, /gene 2 names no modules/],
    [{ ...whole, genes: [{ ...first, logOdds: {} }] }, /q_proj has no log-odds/],
    [{ ...whole, genes: [{ ...first, logOdds: { 0: 0, 1: null } }] }, /q_proj has no log-odds but 1: null/],
    [{ ...whole, genes: [{ ...first, logOdds: { 0: 0, "1.5": 1 } }] }, /q_proj has no log-odds but 1.5: 1/],
  ];
  for (const [policy, problem] of unread) {
    assert.match(of(policy), /^LNAS1707 .*its policy.json cannot be read: /);
    assert.match(of(policy), problem);
  }
  const others = policyOf(whole.genes.slice(1).map(({ modules }) => modules));
  assert.match(of(others), /^LNAS1708 .*it says nothing of model\.vision_model\..*q_proj$/);
  const wider = policyOf(
    whole.genes.map(({ modules }) => modules),
    [0, 1, 4],
  );
  assert.match(of(wider), /^LNAS1708 .*q_proj chooses between 0, 1, 4 there, and 0, 1, 2 here \(and \d+ more\)/);
  assert.match(
    compileText(replaced(["prior gradient_probe", "prior policy"])).diagnostics[0]!.message,
    /policy\("…"\)/,
  );
});
misuse("search", "controllers and options that are none", () => {
  assert.equal(problems(replaced(["search natural_policy_gradient", "search natural_gradient"])), [
    "LNAS1108 natural_gradient",
  ]);
  assert.equal(problems(replaced(["prior gradient_probe", "priors gradient_probe"])), ["LNAS1203 priors"]);
  assert.equal(problems(replaced(["finalists 2", "finalists 0"])), ["LNAS1204 0"]);
});

meaning("compare", "rivals with their options, and seeds", () => {
  const { arms, seeds } = base(replaced(["random, seeds 3", "random { candidates 5 }, seeds 4"])).compare;
  assert.equal(
    [arms.map(({ controller }) => controller), arms[1]!.options.candidates, seeds],
    [["uniform", "random"], 5, 4],
  );
});
meaning("compare", "learning rates to try, and a test of the super-network's order", () => {
  const read = (options: string) => base(replaced(["seeds 3", `seeds 3${options}`])).compare;
  assert.equal([read("").learningRates, read("").ranking], [[], 0]);
  const { learningRates, ranking } = read(", learning_rates [3e-3, 1e-2], ranking 30");
  assert.equal([learningRates, ranking], [[3e-3, 1e-2], 30]);
});
meaning("compare", "how often what arms cost to use is timed, where that is asked", () => {
  const read = (options: string) => base(replaced(["seeds 3", `seeds 3${options}`])).compare.latency;
  assert.equal([read(""), read(", latency 0"), read(", latency 20")], [undefined, undefined, 20]);
});
misuse("compare", "numbers of timed passes that are none", () => {
  assert.equal(problems(replaced(["seeds 3", "seeds 3, latency 2.5"])), ["LNAS1204 2.5"]);
  assert.equal(problems(replaced(["seeds 3", "seeds 3, latency on"])), ["LNAS1108 on"]);
});
meaning("compare", "arms at equal total cost, where that is asked", () => {
  const read = (options: string) => base(replaced(["seeds 3", `seeds 3${options}`])).compare.equalCost;
  assert.equal([read(""), read(", equal_cost no"), read(", equal_cost yes")], [false, false, true]);
});
misuse("compare", "an answer to equal cost that is none", () => {
  assert.equal(problems(replaced(["seeds 3", "seeds 3, equal_cost 2"])), ["LNAS1204 2"]);
  assert.equal(problems(replaced(["seeds 3", "seeds 3, equal_cost maybe"])), ["LNAS1204 maybe"]);
  assert.equal(problems(replaced(["uniform, random, seeds 3", "seeds 3, equal_cost yes"])), ["LNAS1204 yes"]);
});
misuse("compare", "learning rates and rankings that are none", () => {
  const read = (options: string) => problems(replaced(["seeds 3", `seeds 3, ${options}`]));
  assert.equal(read("learning_rates 1e-2"), ["LNAS1204 1e-2"]);
  assert.equal(read("learning_rates [0, 1e-2]"), ["LNAS1204 [0, 1e-2]"]);
  assert.equal(read("learning_rates [1e-2, 1e-2]"), ["LNAS1204 [1e-2, 1e-2]"]);
  assert.equal(read("ranking -1").length > 0, true);
  assert.equal(read("ranking 1.5"), ["LNAS1204 1.5"]);
});
misuse("compare", "rivals that are none, and twice the same", () => {
  assert.equal(problems(replaced(["uniform, random", "unifrm, random"])), ["LNAS1108 unifrm"]);
  assert.equal(problems(replaced(["uniform, random", "uniform, uniform"])), ["LNAS1107 uniform"]);
});

meaning("train", "defaults are written out", () => {
  const { train } = base(replaced(["train final { steps 300, batch 16 }", "train final { }"]));
  assert.equal(
    [train.steps, train.batch, train.optimizer.learningRate, train.schedule.kind],
    [1000, 8, 2e-4, "cosine"],
  );
});
meaning("train", "micro-batches and a limit of a step's memory, of which the whole batch is none", () => {
  const read = (options: string) => {
    const { microBatch, memoryBytes } = base(replaced(["steps 300, batch 16", `steps 300, batch 16${options}`])).train;
    return [microBatch, memoryBytes];
  };
  assert.equal(read(", micro_batch 4, step_memory 2 GiB"), [4, 2 ** 31]);
  assert.equal(read(", micro_batch 16"), [undefined, undefined]);
});
misuse("train", "options, optimizers and amounts that are none", () => {
  const final = (block: string) => problems(replaced(["{ steps 300, batch 16 }", block]));
  assert.equal(final("{ steps 0 }"), ["LNAS1204 0"]);
  assert.equal(final("{ optimizer sgd }"), ["LNAS1204 sgd"]);
  assert.equal(final("{ batch 16, micro_batch 5 }"), ["LNAS1204 5"]);
  assert.equal(final("{ step_memory 5 }"), ["LNAS1204 5"]);
  assert.equal(final("{ optimizer adamw { momentum 0.9 } }"), ["LNAS1203 momentum"]);
});

meaning("budget", "both limits are optional", () => {
  assert.equal(base(replaced(["budget { wall_clock 6h }", "budget { device_memory 4 GiB }"])).budget, {
    deviceMemoryBytes: 4 * 2 ** 30,
  });
});
misuse("budget", "limits that are none", () => {
  assert.equal(problems(replaced(["wall_clock 6h", "wall_clok 6h"])), ["LNAS1203 wall_clok"]);
  assert.equal(problems(replaced(["wall_clock 6h", "wall_clock 4 GiB"])), ["LNAS1204 4 GiB"]);
});

meaning("export", "a folder within the run folder", () => {
  assert.is(base(replaced(['"adapter"', '"out/adapter"'])).export.path, "out/adapter");
});
misuse("export", "another format, a folder elsewhere", () => {
  assert.equal(problems(replaced(["export peft", "export gguf"])), ["LNAS1108 gguf"]);
  assert.equal(problems(replaced(['"adapter"', '"../adapter"'])), ['LNAS1204 "../adapter"']);
  assert.equal(problems(replaced(['"adapter"', '"/tmp/adapter"'])), ['LNAS1204 "/tmp/adapter"']);
});

suite("every construct of docs/language.md has a test of meaning and one of misuse", () => {
  const page = readFileSync(join(REPOSITORY, "docs/language.md"), "utf8");
  const headings = [...page.matchAll(/^##+ (.+)$/gm)].map(([, heading]) => heading!).sort();
  assert.equal([...covered.meaning].sort(), headings);
  assert.equal([...covered.misuse].sort(), headings);
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

misuse("objective", "objectives: what parses but cannot run yet says so", () => {
  const objective = (goal: string) =>
    problems(replaced(["minimize loss on reward\n    subject to parameters <= uniform rank 1", goal]));
  const limit = "subject to parameters <= 100";
  assert.equal(objective(`maximize anls on reward ${limit}`), ["LNAS1206 maximize anls on reward"]);
  assert.equal(objective(`maximize loss on reward ${limit}`), ["LNAS1206 maximize loss on reward"]);
  assert.equal(objective(`minimize exact_match on reward ${limit}`), ["LNAS1206 minimize exact_match on reward"]);
  assert.equal(objective(`maximize exact_match on test ${limit}`), ["LNAS1206 maximize exact_match on test"]);
  assert.equal(objective(`minimize los on reward ${limit}`), ["LNAS1108 los"]);
  const second = (goal: string) => objective(`minimize loss on reward ${goal} ${limit}`);
  assert.equal(second("minimize flops weight 0.1"), ["LNAS1206 minimize flops weight 0.1"]);
  assert.equal(second("minimize parameters on reward weight 0.1"), [
    "LNAS1206 minimize parameters on reward weight 0.1",
  ]);
  assert.equal(second("maximize parameters weight 0.1"), ["LNAS1206 maximize parameters weight 0.1"]);
  assert.equal(second("minimize parameters"), ["LNAS1205 minimize parameters"]);
  assert.equal(second("minimize parameters weight 0"), ["LNAS1204 0"]);
  assert.equal(second("minimize parameters weight 5%"), ["LNAS1204 5%"]);
  assert.equal(second("minimize parameters weight lots"), ["LNAS1108 lots"]);
  assert.equal(second("minimize parameters weight 1e-6 minimize parameters weight 1e-6"), [
    "LNAS1206 minimize parameters weight 1e-6",
  ]);
  assert.equal(objective(`minimize loss on reward weight 2 ${limit}`), ["LNAS1206 minimize loss on reward weight 2"]);
  assert.equal(objective(`minimize loss on reward ${limit} subject to memory <= 8 GiB`), ["LNAS1206 memory"]);
  assert.equal(objective(`minimize loss on reward subject to latency <= 20ms`), ["LNAS1206 latency"]);
  assert.equal(objective(`minimize loss on reward subject to flops <= 80% of vlm ${limit}`), ["LNAS1206 flops"]);
  assert.equal(objective(`minimize loss on reward subject to memry <= 8 GiB`), ["LNAS1108 memry"]);
  assert.equal(objective(`minimize loss on reward ${limit} ${limit}`), [`LNAS1107 ${limit}`]);
});

suite.run();
