/** A report with every part filled, for tests of what is made of it. */
import { type Findings, type Report, reportOf } from "../../runtime/experiment/report/index.js";

export const SAMPLE_RANKS = {
  "model.vision_model.transformer.layers.0.mlp.fc1": 8,
  "model.vision_model.transformer.layers.1.mlp.fc1": 0,
  "model.vision_model.global_transformer.layers.0.mlp.fc1": 4,
  "model.multi_modal_projector": 2,
  "model.language_model.layers.0.self_attn.q_proj": 1,
  "model.language_model.layers.3.cross_attn.v_proj": 4,
};

/** An arm of ranks; seed s has a loss of `loss` + 0.02 s on test, 0.01 s on validation. */
export const sampleArm = (name: string, loss: number, seeds = 2) => ({
  name,
  parameters: 240,
  validationLoss: Array.from({ length: seeds }, (_, seed) => loss + 0.01 * seed),
  testLoss: Array.from({ length: seeds }, (_, seed) => loss + 0.02 * seed),
  testExactMatch: Array<number>(seeds).fill(0.75),
  testTokenAccuracy: Array<number>(seeds).fill(0.931),
  architecture: { a: Math.round(1e4 * loss) },
});

/** 32 pairs of 8 examples. */
const NESTED = { unit: "pair", examples: 8, pairs: 32, superNetworkSteps: 100 } as const;
const round = (mean: number) => ({ count: 32, mean, standardError: 0.01, least: mean - 0.05, ...NESTED });

/** Findings of a run of two seeds. */
export const sampleFindings: Findings = {
  backbone: { ...sampleArm("backbone as it is", 0.8, 1), parameters: 0 },
  searched: { ...sampleArm("searched", 0.16), architecture: SAMPLE_RANKS },
  rivals: [sampleArm("uniform", 0.18), sampleArm("random", 0.19)],
  maxParameters: 256,
  recounted: 240,
  selectedBy: "loss",
  movedFromPrior: 0.4,
  chosenOrigin: "searched",
  finalists: [
    { ...sampleArm("searched", 0.16), architecture: SAMPLE_RANKS, superNetworkLoss: 0.2 },
    { ...sampleArm("prior", 0.17), superNetworkLoss: null },
  ],
  search: {
    controller: "natural_policy_gradient",
    evaluations: 96,
    rounds: [round(0.5), round(0.4), round(0.35)],
    skipped: 2,
    own: SAMPLE_RANKS,
    prior: { ...SAMPLE_RANKS, "model.multi_modal_projector": 0 },
    front: [
      { parameters: 100, loss: 0.4 },
      { parameters: 180, loss: 0.3 },
      { parameters: 256, loss: 0.28 },
    ],
  },
  adapter: { folder: "out/adapter", vllmFlags: ["--max-lora-rank 8"] },
  stages: [
    { stage: "beside/annealed_importance", wallClockMs: 0, summary: "" },
    { stage: "search", wallClockMs: 20_000, summary: "20 evaluations" },
    { stage: "retrain/0a-seed-1", wallClockMs: 60_000, summary: "" },
    { stage: "retrain/0b-seed-1", wallClockMs: 5_400, summary: "" },
    { stage: "compare/random", wallClockMs: 3_000, summary: "32 evaluations" },
    { stage: "export", wallClockMs: 100, summary: "12 tensors" },
  ],
  ranking: null,
  costs: [
    { arm: "backbone as it is", parameters: 0, flops: 41e6, adapterFlops: 0, milliseconds: 2.5, quartiles: [2.4, 2.7] },
    { arm: "uniform", parameters: 12_768, flops: 41.5e6, adapterFlops: 5e5, milliseconds: 3.1, quartiles: [3, 3.3] },
    { arm: "searched", parameters: 12_736, flops: 41.2e6, adapterFlops: 2e5, milliseconds: 2.8, quartiles: [2.7, 2.9] },
  ],
  equalCost: null,
  splits: {
    train: { examples: 2048, digest: "aa" },
    validation: { examples: 512, digest: "bb" },
    test: { examples: 1500, digest: "cc" },
  },
  tokens: { validation: [], test: [] },
  command: "lnasc run digits.lnas",
  specHash: "e0e0",
};

/** `sampleFindings` with changes, as a report. */
export function sampleReport(change: Partial<Findings> = {}, name = "digits", summary = "Where?"): Report {
  return reportOf(
    { ...sampleFindings, ...change },
    {
      name,
      summary,
      irHash: "ab12",
      seed: 7,
      engine: "reference",
      machine: { lnas: "0.1.0", node: "v20", platform: "linux x64", cpu: "a cpu", processors: 2, memoryBytes: 2 ** 33 },
      hashes: { "model.safetensors": "cafe" },
    },
  );
}
