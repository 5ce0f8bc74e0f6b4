/** The frame of a chart: scales, grid lines and their labels. */
import { type ScaleLinear, scaleLinear } from "d3-scale";
import { element, text } from "./svg.js";

/** Charts are drawn this wide and shown between 0.8 and 1.3 times as large: texts stay readable on a telephone. */
export const WIDTH = 420;

/** Where the axes lie, in pixels. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A scale over values, with some room around them. */
export function scaleOver(
  values: readonly number[],
  range: readonly [number, number],
  room = 0.06,
): ScaleLinear<number, number> {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low) * room || Math.abs(high) * room || 1;
  return scaleLinear([low - margin, high + margin], range);
}

/** Vertical lines with labels below. */
export function horizontalAxis(
  scale: ScaleLinear<number, number>,
  frame: Frame,
  title: string,
  format: (value: number) => string,
): string {
  const ticks = scale.ticks(5);
  return [
    ...ticks.flatMap((tick) => [
      element("line", { x1: scale(tick), x2: scale(tick), y1: frame.top, y2: frame.bottom, class: "grid" }),
      text(scale(tick), frame.bottom + 16, format(tick), { class: "tick", "text-anchor": "middle" }),
    ]),
    text((frame.left + frame.right) / 2, frame.bottom + 34, title, { class: "tick", "text-anchor": "middle" }),
  ].join("");
}

/** Horizontal lines with labels on the left. */
export function verticalAxis(
  scale: ScaleLinear<number, number>,
  frame: Frame,
  title: string,
  format: (value: number) => string,
): string {
  return [
    ...scale
      .ticks(5)
      .flatMap((tick) => [
        element("line", { x1: frame.left, x2: frame.right, y1: scale(tick), y2: scale(tick), class: "grid" }),
        text(frame.left - 6, scale(tick) + 4, format(tick), { class: "tick", "text-anchor": "end" }),
      ]),
    text(0, frame.top - 10, title, { class: "tick" }),
  ].join("");
}

/** Labels of ticks with the decimals that their distance needs, and the minus of typography. */
export function tickText(scale: ScaleLinear<number, number>): (value: number) => string {
  const format = scale.tickFormat(5);
  return (value) => format(value).replace("-", "−");
}

/** `12k`, `1.5M`: counts on an axis. */
export function countText(scale: ScaleLinear<number, number>): (value: number) => string {
  const format = scale.tickFormat(5, "~s");
  return (value) => (value === 0 ? "0" : format(value));
}
