/** The Pareto front: the best loss in the super-network at each number of adapter parameters. */
import { curveStepAfter, line } from "d3-shape";
import { frontKnee, frontPoints } from "../front-view.js";
import type { Report } from "../types.js";
import { countText, type Frame, horizontalAxis, scaleOver, tickText, verticalAxis, WIDTH } from "./axes.js";
import { type Drawing, element, text } from "./svg.js";

const HEIGHT = 250;

/** Room that the word beside the knee needs, in pixels. */
const KNEE_ROOM = 44;

/** Null where the search kept no front. The budget is a dashed line, the knee has a ring. `axis`: what its losses are called. */
export function frontChart(
  { search, maxParameters }: Pick<Report, "search" | "maxParameters">,
  axis: string,
): Drawing | null {
  const points = frontPoints(search);
  if (points.length === 0) return null;
  const knee = frontKnee(points);
  const limit = maxParameters === null ? [] : [maxParameters];
  const frame: Frame = { left: 52, right: WIDTH - 16, top: 26, bottom: HEIGHT - 42 };
  const x = scaleOver([...limit, ...points.map(({ parameters }) => parameters)], [frame.left, frame.right]);
  const y = scaleOver(
    points.map(({ loss }) => loss),
    [frame.bottom, frame.top],
    0.1,
  );
  type Point = (typeof points)[number];
  const steps = line<Point>(
    (point) => x(point.parameters),
    (point) => y(point.loss),
  ).curve(curveStepAfter)(points)!;
  return {
    width: WIDTH,
    height: HEIGHT,
    body: [
      horizontalAxis(x, frame, "adapter parameters", countText(x)),
      verticalAxis(y, frame, axis, tickText(y)),
      ...limit.map((most) =>
        element("line", { x1: x(most), x2: x(most), y1: frame.top, y2: frame.bottom, class: "zero dashed" }),
      ),
      element("path", { d: steps, class: "curve own" }),
      ...points.map((point) =>
        element("circle", { cx: x(point.parameters), cy: y(point.loss), r: 4, class: "dot own" }),
      ),
      ...(knee === null ? [] : [kneeMark(x(knee.parameters), y(knee.loss), frame)]),
    ].join(""),
  };
}

/** A ring and the word. Above the front nothing is drawn, nor is below it. */
function kneeMark(x: number, y: number, { right }: Frame): string {
  const isLeft = x + KNEE_ROOM > right;
  return [
    element("circle", { cx: x, cy: y, r: 8, class: "curve" }),
    text(isLeft ? x - 10 : x + 10, isLeft ? y + 18 : y - 8, "knee", {
      class: "tick",
      "text-anchor": isLeft ? "end" : "start",
    }),
  ].join("");
}
