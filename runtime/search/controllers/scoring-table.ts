/** The controllers that are told losses of architectures. */
import {
  beta,
  type ControllerRow,
  candidates,
  entropy,
  limit,
  mutations,
  ownLearningRate,
  policyLearningRate,
  policySamples,
  population,
  prior,
  priorRanks,
  rewardExamples,
} from "./option-rows.js";

export const scoringControllers = {
  natural_policy_gradient: {
    summary:
      "Policy gradient with many architectures a batch: regresses each example's losses on the ranks, and moves the policy from its prior by what that explains.",
    rival: true,
    scores: true,
    options: {
      prior: { ...prior, default: "leave_one_out" },
      prior_ranks: priorRanks,
      learning_rate: {
        kind: "number",
        default: 1,
        min: 0,
        max: 100,
        doc: "Factor on the estimated gains; 0 leaves the prior as it is.",
      },
      rounds: {
        kind: "integer",
        default: 2,
        min: 0,
        max: 1000,
        doc: "Rounds of scoring; data of all rounds is pooled. 0 takes the prior as it is.",
      },
      super_network_steps: {
        kind: "integer",
        default: 100,
        min: 0,
        max: 1_000_000,
        doc: "Further steps of super-network training before each round.",
      },
      reward_examples: {
        ...rewardExamples,
        default: 2048,
        doc: "Reward examples scored in a round (all of them when there are fewer).",
      },
      architectures_per_example: {
        kind: "integer",
        default: 4,
        min: 2,
        max: 256,
        doc: "Architectures drawn for each example; their losses are compared within the example.",
      },
      exploration: {
        kind: "number",
        default: 0.2,
        min: 0,
        max: 1,
        doc: "Share of draws that come from a fixed distribution over all ranks instead of the policy.",
      },
      temperature: {
        kind: "number",
        default: 0.001,
        min: 1e-9,
        max: 1e9,
        doc: "Loss that weighs as much as one nat of the prior.",
      },
      gain_deviation: {
        kind: "number",
        default: 0.003,
        min: 1e-9,
        max: 1e9,
        doc: "Standard deviation, in loss, expected of the gain of a module's first rank step: larger believes the data more.",
      },
    },
  },
  reinforce: {
    summary:
      "REINFORCE with a factored categorical policy (a bias for each module, shared factors for depth, kind and part) and a leave-one-out baseline.",
    rival: true,
    scores: true,
    options: {
      prior: { ...prior, default: "at_budget" },
      prior_ranks: priorRanks,
      learning_rate: { ...policyLearningRate, default: 0.2 },
      candidates: { ...candidates, default: 600 },
      samples: {
        ...policySamples,
        doc: "Architectures in one policy update; each one's baseline is the mean reward of the others.",
      },
      entropy,
      limit,
      beta,
      reward_examples: rewardExamples,
    },
  },
  ppo: {
    summary:
      "Proximal policy optimisation of the same policy as reinforce: several steps on each round's samples, clipped where a rank's probability has moved far.",
    rival: true,
    scores: true,
    options: {
      prior: { ...prior, default: "at_budget" },
      prior_ranks: priorRanks,
      learning_rate: { ...policyLearningRate, default: 0.1 },
      candidates: { ...candidates, default: 600 },
      samples: {
        ...policySamples,
        doc: "Architectures in one round; each one's baseline is the mean reward of the others.",
      },
      epochs: { kind: "integer", default: 4, min: 1, max: 1000, doc: "Policy steps on the samples of a round." },
      clip: {
        kind: "number",
        default: 0.2,
        min: 1e-6,
        max: 1,
        doc: "Change of a choice's probability, as a share of it, from which a sample no longer pushes it further.",
      },
      entropy,
      limit,
      beta,
      reward_examples: rewardExamples,
    },
  },
  evolution: {
    summary:
      "Regularised evolution: a tournament chooses the parent, the oldest dies, children are repaired to the budget.",
    rival: true,
    scores: true,
    options: {
      prior: { ...prior, default: "at_budget" },
      prior_ranks: priorRanks,
      candidates: { ...candidates, default: 600 },
      population: { ...population, doc: "Architectures alive at one time." },
      tournament: {
        kind: "integer",
        default: 10,
        min: 1,
        max: 100_000,
        doc: "Architectures that compete to be a parent.",
      },
      mutations,
      samples: { kind: "integer", default: 10, min: 1, max: 10_000, doc: "Children scored together." },
      reward_examples: rewardExamples,
    },
  },
  nsga2: {
    summary:
      "NSGA-II: evolves loss and parameters together, over all sizes up to the budget; chooses the lowest loss and hands out the whole front.",
    rival: true,
    scores: true,
    options: {
      prior: { ...prior, default: "at_budget" },
      prior_ranks: priorRanks,
      candidates: { ...candidates, default: 600 },
      population: { ...population, doc: "Architectures alive at one time, and children scored together." },
      mutations,
      reward_examples: rewardExamples,
    },
  },
  random: {
    summary: "Draws architectures within the budget at random and keeps the best by super-network loss.",
    rival: true,
    scores: true,
    options: {
      candidates: {
        ...candidates,
        default: 600,
        doc: "Architectures scored in all; 1 is a control without any search, 0 takes what at_budget allocates.",
      },
      draws: {
        kind: "choice",
        default: "filled",
        choices: ["filled", "uniform"],
        doc: "filled: of the budget's size, around the uniform rank; uniform: every architecture within the budget as likely as any other.",
      },
      reward_examples: rewardExamples,
    },
  },
  successive_halving: {
    summary:
      "Trains architectures by themselves, without sharing weights: all for a few steps, the best by reward loss for more, until one is left.",
    rival: true,
    scores: true,
    options: {
      prior: { ...prior, default: "at_budget" },
      prior_ranks: priorRanks,
      architectures: {
        kind: "integer",
        default: 16,
        min: 1,
        max: 100_000,
        doc: "Architectures to begin with: the prior's choice, the uniform one, and draws of the prior.",
      },
      eta: { kind: "number", default: 2, min: 1.25, max: 1000, doc: "One in so many goes on to the next round." },
      steps: {
        kind: "integer",
        default: 160,
        min: 1,
        max: 1_000_000,
        doc: "Training steps of the last round; each round before it has a part of them, `eta` times smaller.",
      },
      learning_rate: ownLearningRate,
      reward_examples: rewardExamples,
    },
  },
} as const satisfies Readonly<Record<string, ControllerRow>>;
