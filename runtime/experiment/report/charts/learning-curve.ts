/** What the controller was told, round by round: mean loss with its 95 % band, over the losses so far. */
import { area, line } from "d3-shape";
import type { SearchAccount } from "../types.js";
import { countText, type Frame, horizontalAxis, scaleOver, tickText, verticalAxis, WIDTH } from "./axes.js";
import { type Drawing, element } from "./svg.js";

const HEIGHT = 250;

/** Null without a round. `axis`: what is counted from left to right. */
export function learningCurve({ rounds }: SearchAccount, axis: string): Drawing | null {
  if (rounds.length === 0) return null;
  let evaluations = 0;
  const points = rounds.map(({ count, mean, standardError }) => {
    evaluations += count;
    return { evaluations, mean, low: mean - 1.96 * standardError, high: mean + 1.96 * standardError };
  });
  const frame: Frame = { left: 52, right: WIDTH - 16, top: 26, bottom: HEIGHT - 42 };
  const x = scaleOver([0, ...points.map((point) => point.evaluations)], [frame.left, frame.right], 0.02);
  const y = scaleOver(
    points.flatMap(({ low, high }) => [low, high]),
    [frame.bottom, frame.top],
    0.1,
  );
  type Point = (typeof points)[number];
  const across = (point: Point) => x(point.evaluations);
  const band = area<Point>(
    across,
    (point) => y(point.low),
    (point) => y(point.high),
  )(points)!;
  const curve = line<Point>(across, (point) => y(point.mean))(points)!;
  return {
    width: WIDTH,
    height: HEIGHT,
    body: [
      horizontalAxis(x, frame, axis, countText(x)),
      verticalAxis(y, frame, "mean loss of a round", tickText(y)),
      element("path", { d: band, class: "band" }),
      element("path", { d: curve, class: "curve own" }),
      ...points.flatMap((point) => [
        element("line", {
          x1: across(point),
          x2: across(point),
          y1: y(point.low),
          y2: y(point.high),
          class: "whisker own",
        }),
        element("circle", { cx: across(point), cy: y(point.mean), r: points.length > 40 ? 2 : 4, class: "dot own" }),
      ]),
    ].join(""),
  };
}
