/** Arms against uniform: a dot for the mean difference, a line for its 95 % interval, zero marked. */
import type { Difference } from "../types.js";
import { type Frame, horizontalAxis, scaleOver, tickText, WIDTH } from "./axes.js";
import { type Drawing, element, text } from "./svg.js";

const ROW = 40;

/** One row for each difference that has an interval; null where none has. `axis`: what is subtracted from what. */
export function differencesChart(differences: readonly Difference[], axis: string): Drawing | null {
  const rows = differences.flatMap(({ interval, ...row }) => (interval === null ? [] : [{ ...row, interval }]));
  if (rows.length === 0) return null;
  const frame: Frame = { left: 12, right: WIDTH - 12, top: 4, bottom: 4 + rows.length * ROW };
  const scale = scaleOver([0, ...rows.flatMap(({ interval }) => [...interval])], [frame.left, frame.right]);
  const marks = rows.map(({ arm, mean, interval, told }, at) => {
    const y = frame.top + at * ROW + 27;
    const kind = arm === "searched" ? "mark own" : "mark";
    return [
      text(frame.left, y - 12, arm, { class: arm === "searched" ? "label strong" : "label" }),
      element("line", { x1: scale(interval[0]), x2: scale(interval[1]), y1: y, y2: y, class: `whisker ${kind}` }),
      ...interval.map((end) =>
        element("line", { x1: scale(end), x2: scale(end), y1: y - 4, y2: y + 4, class: `whisker ${kind}` }),
      ),
      element("circle", { cx: scale(mean), cy: y, r: 5, class: told ? `dot ${kind}` : `dot open ${kind}` }),
    ].join("");
  });
  return {
    width: WIDTH,
    height: frame.bottom + 42,
    body: [
      horizontalAxis(scale, frame, axis, tickText(scale)),
      element("line", { x1: scale(0), x2: scale(0), y1: frame.top, y2: frame.bottom, class: "zero" }),
      ...marks,
    ].join(""),
  };
}
