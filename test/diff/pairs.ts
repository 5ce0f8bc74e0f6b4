/** Pairs of specs, one or more for each rule of the semantic diff: what changes, and what is to be said of it. */
import type { Category, ChangeSeverity } from "../../compiler/diff/index.js";

export interface Pair {
  readonly rule: string;
  readonly category: Category;
  readonly severity: ChangeSeverity;
  /** Pieces of the base spec (test/compiler/host.ts) and what stands there afterwards. */
  readonly edits: readonly (readonly [string, string])[];
  /** Something that the message or its consequence says. */
  readonly says: string;
  /** Pieces of the backbone's config.json and what stands there afterwards. */
  readonly config?: readonly (readonly [string, string])[];
}

const pair = (
  rule: string,
  category: Category,
  severity: ChangeSeverity,
  says: string,
  ...edits: readonly (readonly [string, string])[]
): Pair => ({ rule, category, severity, says, edits });

export const PAIRS: readonly Pair[] = [
  pair("added-modules", "search space", "warning", "1 module added: model.multi_modal_projector", [
    "target vision.**",
    "target vision.**, projector",
  ]),
  pair("removed-modules", "search space", "warning", "12 modules removed: model.vision_model.global_transformer", [
    "target vision.**",
    "target vision.** except vision.global_transformer.**",
  ]),
  pair("rank-choices", "search space", "warning", "ranks [0, 1, 2] → [0, 1, 2, 4] for 36 modules", [
    "[0, 1, 2]",
    "[0, 1, 2, 4]",
  ]),
  pair("ties", "search space", "warning", "36 modules tied in another way", [
    "rank in ranks",
    "rank in ranks tie per layer",
  ]),
  pair("reward", "objective", "breaking", "direction minimize → maximize, metric loss → exact_match", [
    "minimize loss on reward",
    "maximize exact_match on reward",
  ]),
  pair("reward", "objective", "breaking", "parameterWeight none → 0.000001", [
    "minimize loss on reward",
    "minimize loss on reward, minimize parameters weight 1e-6",
  ]),
  pair("reward-split", "data", "breaking", "reward.jsonl → other.jsonl", ["reward.jsonl", "other.jsonl"]),
  pair("train-split", "data", "breaking", "train.jsonl → other.jsonl", ["train.jsonl", "other.jsonl"]),
  pair("validation-split", "data", "breaking", "validation.jsonl → other.jsonl", ["validation.jsonl", "other.jsonl"]),
  pair("test-split", "data", "breaking", "test.jsonl → other.jsonl", ["test.jsonl", "other.jsonl"]),
  pair("parameter-limit", "budget", "warning", "6,912 → 13,824", ["<= 6_912", "<= uniform rank 2"]),
  pair("parameter-limit", "budget", "warning", "parameters at most: 6,912 → 5,797", ["<= 6_912", "<= 1% of vlm"]),
  pair("finalists", "budget", "note", "2 → 3", ["finalists 2", "finalists 3"]),
  pair("rescore", "training", "warning", "candidates scored once more: 0 → 8", [
    "finalists 2",
    "finalists 2, rescore 8",
  ]),
  pair("early-stopping", "training", "warning", "early stopping: off → on", [
    "finalists 2",
    "finalists 2, early_stopping on",
  ]),
  pair("time-budget", "budget", "note", "360 min → 60 min", ["wall_clock 6h", "wall_clock 1h"]),
  pair("time-budget", "budget", "note", "360 min → no limit", ["budget { wall_clock 6h }", ""]),
  pair("memory-budget", "budget", "note", "no limit → 4.0 GiB", [
    "wall_clock 6h",
    "wall_clock 6h, device_memory 4 GiB",
  ]),
  pair("step-memory", "budget", "note", "retraining no limit → super-network no limit, retraining 4.0 GiB", [
    "steps 300, batch 16",
    "steps 300, batch 16, step_memory 4 GiB",
  ]),
  pair("controller", "training", "warning", "natural_policy_gradient → reinforce", [
    "search natural_policy_gradient",
    "search reinforce",
  ]),
  pair("controller-options", "training", "warning", "rounds 2 → 4", [
    "prior gradient_probe",
    "prior gradient_probe, rounds 4",
  ]),
  pair("controller-options", "training", "warning", "prior gradient_probe → at_budget", [
    "prior gradient_probe",
    "prior at_budget",
  ]),
  pair("super-network-training", "training", "warning", "steps 200 → 201", ["steps 200", "steps 201"]),
  pair("super-network-training", "training", "warning", "optimizer.learningRate 0.0002 → 0.001", [
    "steps 200, batch 16",
    "steps 200, batch 16, optimizer adamw { learning_rate 1e-3 }",
  ]),
  pair("super-network-training", "training", "warning", "start none → runs/a", [
    "steps 200, batch 16",
    'steps 200, batch 16, start run("runs/a")',
  ]),
  pair("super-network-sampling", "training", "warning", "extremes → sandwich", [
    "steps 200, batch 16",
    "steps 200, batch 16, sampling sandwich",
  ]),
  pair("super-network-training", "training", "warning", "distillation 0 → 0.5", [
    "steps 200, batch 16",
    "steps 200, batch 16, distillation 50%",
  ]),
  pair("beside", "training", "warning", "annealed_importance.chosen yes → none", [
    "finalists 2",
    "finalists 2, beside none",
  ]),
  pair("beside", "training", "warning", "annealed_importance.steps 150 → 90", [
    "finalists 2",
    "finalists 2, beside annealed_importance { steps 90 }",
  ]),
  pair("training-length", "training", "warning", "batch 16 → 8", ["steps 300, batch 16", "steps 300, batch 8"]),
  pair("optimizer", "training", "warning", "weightDecay 0 → 0.1", [
    "steps 300, batch 16",
    "steps 300, batch 16, optimizer adamw { weight_decay 0.1 }",
  ]),
  pair("schedule", "training", "warning", "kind cosine → constant", [
    "steps 300, batch 16",
    "steps 300, batch 16, schedule constant",
  ]),
  pair("scale", "training", "warning", "2 → 1", ["= 2\n", "= 1\n"]),
  pair("dropout", "training", "warning", "0 → 0.1", ["dropout 0", "dropout 0.1"]),
  pair("seed", "reproducibility", "breaking", "7 → 8", ["seed 7", "seed 8"]),
  pair("weights", "reproducibility", "breaking", "path backbone → copy", ['folder("backbone")', 'folder("copy")']),
  pair("learning-rates", "training", "warning", "that of the training → 0.003, 0.01", [
    "seeds 3",
    "seeds 3, learning_rates [3e-3, 1e-2]",
  ]),
  pair("latency", "reproducibility", "note", "timed passes of each arm: 0 → 20", ["seeds 3", "seeds 3, latency 20"]),
  pair("ranking", "reproducibility", "note", "0 → 30", ["seeds 3", "seeds 3, ranking 30"]),
  pair("equal-cost", "reproducibility", "note", "false → true", ["seeds 3", "seeds 3, equal_cost yes"]),
  pair("comparison-seeds", "reproducibility", "note", "3 → 5", ["seeds 3", "seeds 5"]),
  pair("rivals", "reproducibility", "note", "random.chosen yes → none", ["uniform, random,", "uniform,"]),
  pair("rivals", "reproducibility", "note", "uniform, random → random, uniform", [
    "uniform, random",
    "random, uniform",
  ]),
  pair("experiment-name", "cosmetic", "note", "base → other", ["experiment base", "experiment other"]),
  pair("summary", "cosmetic", "note", "the base of the cases → none", ['  summary "the base of the cases"\n', ""]),
  pair("backbone-name", "cosmetic", "note", "vlm → model", ["backbone vlm", "backbone model"], ["on vlm", "on model"]),
  pair("dataset-name", "cosmetic", "note", "digits → numbers", ["dataset digits", "dataset numbers"]),
  pair("export", "cosmetic", "note", "path adapter → out", ['peft "adapter"', 'peft "out"']),
  {
    ...pair("backbone-model", "search space", "breaking", "parameters 579787 →"),
    config: [['"vocab_size": ', '"vocab_size": 1']],
  },
  {
    ...pair("module-sizes", "search space", "breaking", "6 modules of another size"),
    edits: [["target vision.**", "target vision.**.fc1"]],
    config: [['"intermediate_size": ', '"intermediate_size": 1']],
  },
];
