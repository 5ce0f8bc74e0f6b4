/** How a super-network may draw ranks, and what a generated program says of each way; the runtime's names, which this has to match. */
import type { SamplingRule } from "../runtime/training/sampling.js";

export const SAMPLING_NOTES: { readonly [R in SamplingRule]: string } = {
  uniform: "every module of every sample draws its rank independently",
  balanced: "every module of every sample draws its rank by itself, each choice equally often",
  extremes: "every module of every sample draws its largest rank half of the time, its smallest three times in ten",
  sandwich: "each step trains the largest ranks, the smallest ones, and random ones between",
};
export const SAMPLING_RULES = Object.keys(SAMPLING_NOTES) as readonly SamplingRule[];
