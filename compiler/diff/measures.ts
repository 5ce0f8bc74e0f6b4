/** The numbers that changes are told in. */
import type { ExperimentIR } from "../ir/types.js";
import { groupedDigits } from "../numbers.js";

/** Adapter parameters with every module at its largest rank. */
export function largestAdapter({ adapter }: ExperimentIR): number {
  return adapter.targets.reduce(
    (sum, { ranks, modules }) =>
      sum + ranks.at(-1)! * modules.reduce((total, { inFeatures, outFeatures }) => total + inFeatures + outFeatures, 0),
    0,
  );
}

/** The number of architectures as a power of ten. */
export function sizeOfSpace({ adapter }: ExperimentIR): number {
  return adapter.targets.reduce((sum, { ranks, modules, ties }) => {
    const decisions = modules.length - ties.reduce((tied, group) => tied + group.length - 1, 0);
    return sum + decisions * Math.log10(ranks.length);
  }, 0);
}

/** `parameters at most 1.2 M → 2.4 M; search space 10^34.1 → 10^41.0`: what a change of the search space comes to. */
export function spaceConsequence(before: ExperimentIR, after: ExperimentIR): string {
  const parts = [
    arrow("parameters at most", short(largestAdapter(before)), short(largestAdapter(after))),
    arrow("search space", `10^${sizeOfSpace(before).toFixed(1)}`, `10^${sizeOfSpace(after).toFixed(1)}`),
  ];
  return parts.filter((part) => part !== "").join("; ");
}

/** `steps 300 → 600`; empty when both are the same. */
export function arrow(what: string, before: string, after: string): string {
  return before === after ? "" : `${what} ${before} → ${after}`;
}

/** `12,768`, `1.2 M`, `3.4 G`. */
export function short(value: number): string {
  for (const [unit, size] of [
    ["G", 1e9],
    ["M", 1e6],
  ] as const)
    if (value >= size) return `${Number((value / size).toPrecision(3))} ${unit}`;
  return groupedDigits(value);
}
