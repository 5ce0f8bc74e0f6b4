/** Figures as reports write them. */
import { summarize } from "../../search/index.js";

/** `12,768`. */
export const integer = (value: number): string => value.toLocaleString("en-US");

/** Mean of a seed's values, and their standard deviation where there are several. */
export function meanText(values: readonly number[], digits: number): string {
  const { mean, standardDeviation, count } = summarize(values);
  return mean.toFixed(digits) + (count === 1 ? "" : ` ± ${standardDeviation.toFixed(digits)}`);
}

/** A duration as people say it: `0.8 s`, `42 s`, `3 min 05 s`. */
export function durationText(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** `0.032`; below a thousandth `< 0.001`. */
export const probability = (p: number): string => (p < 0.001 ? "< 0.001" : p.toFixed(3));

/** The same in a sentence: `p = 0.012`, `p < 0.001`. */
export const pValue = (p: number): string => `p ${p < 0.001 ? "" : "= "}${probability(p)}`;

const UNITS = ["", "k", "M", "G", "T", "P"] as const;

/** A count to three digits: `1.12 G`. */
export function magnitude(value: number): string {
  const unit = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  const scaled = value / 1000 ** unit;
  const digits = unit === 0 || scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2;
  return `${scaled.toFixed(digits)} ${UNITS[unit]}`.trim();
}
