import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fileHost } from "../../cli/host.js";
import { countWithin } from "../../cli/plan/count-within.js";
import { surveyData } from "../../cli/plan/survey.js";
import { compile, type ExperimentIR } from "../../compiler/index.js";
import { type Plan, type PlanSetting, planExperiment, planMarkdown, planText } from "../../compiler/plan/index.js";
import { describeConfig } from "../../runtime/models/index.js";
import { runtimeFacts } from "../../runtime/training/facts.js";
import { everything, fixtureIR, fixtureModules, TINY, wordingOf } from "../emit/fixture.js";
import { assertGolden, REPOSITORY } from "../golden.js";
import { tinyMllama } from "../models/tiny-mllama.js";

const plan = suite("plan");

const HASH = "0123456789abcdef".repeat(4);
const SIZE = { tokens: 14, images: 1, from: "data" } as const;
const demo = describeConfig(tinyMllama({}, {}, "demo"));

const planOf = (ir: ExperimentIR, setting: Partial<PlanSetting> = {}) =>
  planExperiment(
    { ir, irHash: HASH, backbone: demo, written: wordingOf(ir) },
    { facts: runtimeFacts, size: SIZE, ...setting },
  );

/** The plan of a spec, as the command makes it. */
function planOfSpec(path: string, text?: string): Plan {
  const spec = join(REPOSITORY, path);
  const host = fileHost(spec);
  const { experiments, diagnostics } = compile(
    spec,
    text === undefined ? host : { ...host, readText: (file) => (file === spec ? text : host.readText(file)) },
  );
  assert.equal(
    diagnostics.filter(({ severity }) => severity === "error"),
    [],
  );
  const [experiment] = experiments;
  const { size, examples } = surveyData({ ...experiment!, specFolder: join(spec, "..") });
  return planExperiment(experiment!, {
    facts: runtimeFacts,
    size,
    examples,
    within: countWithin(experiment!),
    rate: { flopsPerSecond: 1e11, of: "as given" },
  });
}

plan("counts the demo's space exactly", () => {
  const { space, adapterParameters, targets, backbone } = planOf(fixtureIR());
  assert.is(space.modules, 72);
  assert.is(space.size, String(5n ** 72n));
  assert.ok(Math.abs(space.log10Size - 72 * Math.log10(5)) < 1e-9);
  // demo.md: the sum of in + out is 12,768, so uniform rank r has 12,768 r parameters.
  assert.is(targets[0]!.parametersPerRank, 12_768);
  assert.is(targets[0]!.largest, 8 * 12_768);
  assert.is(adapterParameters.smallest, 0);
  assert.is(adapterParameters.largest, 8 * 12_768);
  assert.is(adapterParameters.uniformRankAtBudget, 1);
  assert.equal(
    backbone.parts.map(({ modules, targeted }) => [modules, targeted]),
    [
      [36, 36],
      [1, 1],
      [35, 35],
    ],
  );
});

const RECEIPTS = "examples/llama-3.2-11b-vision/receipts.lnas";

plan(
  "Llama 3.2 11B Vision at uniform rank 64: the figures of its config, by arithmetic that uses none of our code",
  () => {
    // Every attention and MLP projection at rank 64, which is what the budget then costs.
    const text = readFileSync(join(REPOSITORY, RECEIPTS), "utf8")
      .replace(
        /target {2}language[\s\S]*?tie per 4 layers/,
        "target language.layers[*].{self_attn, cross_attn, mlp}.*, vision.** rank 64",
      )
      .replace("0.4% of vlm", "uniform rank 64");
    const { space, adapterParameters, backbone } = planOfSpec(RECEIPTS, text);

    // The published config: vision 32 + 8 layers of 1280, text 40 layers of 4096, 8 of which cross-attend; 8 of 32 heads have keys.
    const [v, vWide, h, wide, kv, vocabulary] = [1280, 5120, 4096, 14336, 1024, 128256] as const;
    const [local, global, self, cross] = [32, 8, 32, 8] as const;
    assert.is(space.modules, 6 * (local + global) + 7 * (self + cross));
    const inAndOut =
      (local + global) * (4 * (v + v) + 2 * (v + vWide)) +
      (self + cross) * (2 * (h + h) + 2 * (h + kv) + 3 * (h + wide));
    assert.is(adapterParameters.largest, 64 * inAndOut);
    assert.is(adapterParameters.smallest, 64 * inAndOut);

    // 560 pixels are 40² patches of 14 and a class token; 4 tiles; 8 aspect ratios and "no image".
    const [tokens, tiles, ratios, patch] = [40 * 40 + 1, 4, 9, 3 * 14 * 14] as const;
    const norm = 2 * v;
    const visionLayer = 4 * v * v + (v * vWide + vWide) + (vWide * v + v) + 2 * norm;
    const vision =
      v * patch +
      v +
      tokens * v +
      1 +
      ratios * tiles * tokens * v + // patches, class, positions and their gate, those of tiles
      2 * (ratios * tiles * v + 1) +
      2 * norm + // tile embeddings before and after with their gates; outer norms
      local * visionLayer +
      global * (visionLayer + 2);
    const projector = 6 * v * h + h;
    const mlp = 3 * h * wide;
    const textLayer = 2 * h * h + 2 * h * kv + mlp + 2 * h;
    // Norms of each head's queries and keys, and two gates.
    const crossLayer = textLayer + 2 * (h / 32) + 2;
    const language = (vocabulary + 8) * h + self * textLayer + cross * crossLayer + h;
    assert.is(backbone.parameters, vision + projector + language + vocabulary * h);

    assert.equal([space.modules, adapterParameters.largest, backbone.parameters], [520, 268_697_600, 10_670_220_835]);
    const printed = planText(planOfSpec(RECEIPTS, text));
    for (const figure of ["520 modules", "268,697,600", "10,670,220,835", "1 architecture"])
      assert.ok(printed.includes(figure), figure);
  },
);

plan("counts a tie group as one decision", () => {
  const { targets, space } = planOfSpec(RECEIPTS);
  assert.equal(
    targets.map(({ modules, decisions }) => [modules, decisions]),
    [
      [128, 128],
      [32, 8],
      [120, 120],
      [240, 10],
    ],
  );
  assert.is(space.size, String(5n ** 248n * 6n ** 8n * 3n ** 10n));
});

plan("small search spaces are shown to the last digit, large ones as a power of ten", () => {
  const modules = fixtureModules(TINY);
  const shown = (count: number) =>
    planText(
      planOf(
        fixtureIR({
          adapter: { kind: "lora", scale: 2, dropout: 0, targets: [everything(modules.slice(0, count), [0, 4])] },
        }),
      ),
    );
  assert.match(shown(4), ": 16 architectures\n");
  assert.match(shown(32), ": 4,294,967,296 architectures (10^9.6)\n");
  assert.match(shown(72), /: 4,722,366,482,869,645,213,696 architectures \(10\^21\.7\)\n/);
});

plan("what no adapter changes needs no activations, and is kept for as many examples as there is room for", () => {
  const modules = fixtureModules(TINY);
  const language = modules.filter(({ path }) => path.includes("language_model"));
  const languageIR = fixtureIR({
    adapter: { kind: "lora", scale: 2, dropout: 0, targets: [everything(language, [0, 4])] },
  });
  const examples = { train: 100, reward: 50, validation: 10, test: 10 };
  const all = planOf(fixtureIR(), { examples });
  const languageOnly = planOf(languageIR, { examples });
  const kept = ({ memory }: Plan) => Object.fromEntries(memory.parts.map(({ part, keptBytes }) => [part, keptBytes]));
  assert.is(kept(languageOnly).vision, 0);
  assert.ok(kept(all).vision! > 0);
  assert.ok(languageOnly.memory.activationsBytes < all.memory.activationsBytes);
  // Projected image features: 20 positions of 64 values.
  assert.is(languageOnly.memory.cachedBytesPerExample, 4 * 20 * 64);
  assert.is(languageOnly.memory.cachesBytes, (100 + 50) * 4 * 20 * 64);
  const crowded = planOf(languageIR, { examples: { ...examples, train: 1e9 } });
  assert.is(crowded.memory.cachesBytes, runtimeFacts.cacheBytes + 50 * 4 * 20 * 64);
  assert.equal([planOf(languageIR).memory.cachesBytes, planOf(languageIR).memory.dataBytes], [null, null]);
});

plan("adds up the work of every stage", () => {
  const examples = { train: 1000, reward: 2048, validation: 100, test: 200 };
  const { work } = planOf(fixtureIR(), { examples, rate: { flopsPerSecond: 1e9, of: "as given" } });
  assert.equal(
    work.map(({ stage, trainingSteps, scoredExamples, measuredExamples }) => [
      stage,
      trainingSteps,
      scoredExamples,
      measuredExamples,
    ]),
    [
      ["super-network", 200, 0, 0],
      ["search", 200, 2 * 2048 * 4, 0],
      ["retraining", 3 * 300, 0, (1 + 3) * 300],
      ["comparison", 3 * 300, 200 * 256, 3 * 300],
    ],
  );
  for (const { flops, seconds } of work) assert.is(seconds, flops / 1e9);
  const { all } = planOf(fixtureIR()).step;
  const step = all.forward + all.backward + all.adapterForward + all.adapterBackward;
  // 200 batches of 16 see every one of 1000 examples; what is frozen is computed for each once.
  assert.is(Math.round(work[0]!.flops), Math.round(200 * step + (1000 / 16) * all.once));
});

plan("counts the architectures that keep the budget as listing them does, ties included", () => {
  const modules = fixtureIR().adapter.targets[0]!.modules.slice(0, 5);
  const ranks = [0, 1, 3];
  const ties = [[modules[1]!.path, modules[3]!.path]];
  const costs = modules.map(({ inFeatures, outFeatures }) => inFeatures + outFeatures);
  const decisions = [costs[0]!, costs[1]! + costs[3]!, costs[2]!, costs[4]!];
  const sizes = decisions.reduce<number[]>(
    (sums, cost) => sums.flatMap((sum) => ranks.map((rank) => sum + rank * cost)),
    [0],
  );
  for (const maxParameters of [0, 96, 400, 700, 1e9]) {
    const base = fixtureIR();
    const ir: ExperimentIR = {
      ...base,
      adapter: { ...base.adapter, targets: [{ ranks, modules, ties }] },
      objective: { ...base.objective, maxParameters },
    };
    const within = countWithin({ ir, backbone: demo });
    const { space } = planOf(ir, { within });
    assert.is(space.size, "81");
    assert.is(space.withinBudget!.size, String(sizes.filter((size) => size <= maxParameters).length));
  }
  assert.is(planOf(fixtureIR()).space.withinBudget, null);
});

plan("says how many keep the budget, or that counting them takes too long", () => {
  const said = (within: PlanSetting["within"]) => planText(planOf(fixtureIR(), { within })).replace(/\s+/g, " ");
  assert.match(
    said({ exact: null, log10: 31.26 }),
    "about 10^50.3 architectures, about 10^31.3 of them within the budget",
  );
  assert.match(said({ exact: 1234n, log10: 3.09 }), "about 10^50.3 architectures, 1,234 of them within the budget");
  assert.match(said({ exact: 5n ** 72n, log10: 50.3 }), "about 10^50.3 architectures, all within the budget");
  assert.match(said({ exact: null, log10: null }), "architectures; those within the budget take too long to count");
  assert.match(said(undefined), "72 decisions: about 10^50.3 architectures adapter parameters");
});

plan("a smaller reward split makes less work, and unknown splits are left out", () => {
  const scored = (reward: number) =>
    planOf(fixtureIR(), { examples: { train: 10, reward, validation: 10, test: 10 } }).work[1]!.scoredExamples;
  assert.is(scored(500), 2 * 500 * 4);
  assert.is(scored(5000), 2 * 2048 * 4);
  assert.is(planOf(fixtureIR()).work[2]!.measuredExamples, null);
});

plan("where neither data nor sizes are known, one image and 512 tokens are assumed, and it is said", () => {
  const assumed = planExperiment(
    { ir: fixtureIR(), irHash: HASH, backbone: demo, written: wordingOf(fixtureIR()) },
    { facts: runtimeFacts },
  );
  assert.equal(assumed.example, {
    tokens: 512,
    images: 1,
    from: "assumed",
    positions: { vision: 32, projector: 20, language: 512 },
  });
  assert.match(planText(assumed).replace(/\s+/g, " "), "512 tokens, 1 image (assumed:");
});

plan("is JSON as its published schema says, and reads as the golden files", () => {
  const schema = JSON.parse(readFileSync(join(REPOSITORY, "schemas", "plan.schema.json"), "utf8")) as object;
  const check = new Ajv({ strict: false }).compile(schema);
  for (const [name, path] of [
    ["handwriting", "examples/handwriting/handwriting.lnas"],
    ["receipts", RECEIPTS],
  ] as const) {
    const value = planOfSpec(path);
    assert.equal(JSON.parse(JSON.stringify(value)), value);
    assert.ok(check([value]), JSON.stringify(check.errors));
    assert.not(check([{ ...value, surprise: 1 }]));
    const text = planText(value);
    assert.ok(text.split("\n").every((line) => line.length <= 100));
    assertGolden(`plan/${name}.txt`, text);
    assertGolden(`plan/${name}.md`, planMarkdown(value));
  }
});

plan.run();
