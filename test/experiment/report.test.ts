import { test } from "uvu";
import * as assert from "uvu/assert";
import { rankPicture } from "../../runtime/experiment/picture.js";
import { durationText, reportMarkdown, reportOf } from "../../runtime/experiment/report.js";

const ranks = {
  "model.vision_model.transformer.layers.0.mlp.fc1": 8,
  "model.vision_model.transformer.layers.1.mlp.fc1": 0,
  "model.vision_model.global_transformer.layers.0.mlp.fc1": 4,
  "model.multi_modal_projector": 2,
  "model.language_model.layers.0.self_attn.q_proj": 1,
  "model.language_model.layers.3.cross_attn.v_proj": 4,
};
const arm = (name: string, loss: number, seeds = 2) => ({
  name,
  parameters: 240,
  validationLoss: Array.from({ length: seeds }, (_, seed) => loss + 0.01 * seed),
  testLoss: Array.from({ length: seeds }, (_, seed) => loss + 0.02 * seed),
  testExactMatch: Array(seeds).fill(0.75),
  testTokenAccuracy: Array(seeds).fill(0.931),
});
const report = reportOf(
  {
    backbone: { ...arm("backbone as it is", 0.8, 1), parameters: 0 },
    searched: arm("searched", 0.16),
    rivals: [arm("uniform", 0.18), arm("random", 0.19)],
    ranks,
    maxParameters: 256,
    movedFromPrior: 0.4,
    chosenOrigin: "searched",
    finalists: [
      { name: "searched", parameters: 240, superNetworkLoss: 0.2, validationLoss: [0.16] },
      { name: "prior", parameters: 240, superNetworkLoss: null, validationLoss: [0.17] },
    ],
    adapter: { folder: "out/adapter", vllmFlags: ["--max-lora-rank 8"] },
    ranking: null,
  stages: [
      { stage: "search", wallClockMs: 20_000, summary: "20 evaluations" },
      { stage: "retrain/0a-seed-1", wallClockMs: 60_000, summary: "" },
      { stage: "retrain/0b-seed-1", wallClockMs: 5_400, summary: "" },
      { stage: "export", wallClockMs: 100, summary: "12 tensors" },
    ],
    splits: { train: 2048, test: 1500 },
  },
  {
    name: "digits",
    summary: "Where?",
    irHash: "ab12",
    seed: 7,
    engine: "reference",
    machine: { lnas: "0.1.0", node: "v20", platform: "linux x64", cpu: "a cpu", processors: 2, memoryBytes: 1 },
    hashes: { "model.safetensors": "cafe" },
  },
);

test("the page shows every arm, the ranks by part, kind and layer, and how to use and repeat it", () => {
  const page = reportMarkdown(report);
  for (const line of [
    "| backbone as it is | 0 | 0.8000 | 0.8000 | 0.750 | 0.931 |",
    "| **searched** | 240 | 0.1650 ± 0.0071 | 0.1700 ± 0.0141 | 0.750 ± 0.000 | 0.931 ± 0.000 |",
    "| searched | -0.0200 | 0.0000 | 2 |",
    "240 adapter parameters of at most 256; 5 of 6 modules carry an adapter. The search's own choice differs from its prior on 40 % of the modules.",
    "**vision_model.transformer**",
    "| mlp.fc1 | 8 | 0 | ",
    "**vision_model.global_transformer**",
    "| mlp.fc1 | 4 | ",
    "| cross_attn.v_proj |  | 4 | ",
    "| prior | 240 |  | 0.1700 |",
    "vLLM: `--enable-lora --max-lora-rank 8`",
    "| retrain | 1 min 05 s | 2 trainings, measured on validation and test |",
    "| all | 1 min 26 s | |",
    "| model.safetensors | `cafe` |",
    "Splits, proved disjoint by content: train 2,048, test 1,500.",
  ])
    assert.ok(page.split("\n").includes(line), `missing: ${line}\n${page}`);
  assert.not.match(page, /undefined|NaN|\[object/);
});

test("tables have no blank line inside", () => {
  const lines = reportMarkdown(report).split("\n");
  lines.forEach((line, index) => {
    if (/^\|[-:| ]+\|$/.test(line)) assert.match(lines[index - 1]!, /^\|/, `header before ${line}`);
  });
});

test("the picture has a cell for every module and its rank in it", () => {
  const picture = rankPicture("a < b", ranks);
  assert.is(picture.match(/class="rank"/g)?.length, Object.keys(ranks).length);
  assert.match(picture, /a &lt; b/);
});

test("durations", () => {
  assert.equal([820, 42_000, 185_000, 7_500_000].map(durationText), ["0.8 s", "42 s", "3 min 05 s", "2 h 05 min"]);
});

test.run();
