/** Where the time went: a bar for each purpose. */
import { scaleLinear } from "d3-scale";
import { durationText } from "../format.js";
import type { TimeAccount } from "../types.js";
import { WIDTH } from "./axes.js";
import { type Drawing, element, text } from "./svg.js";

const ROW = 36;

/** The purposes of a time account, in the order of its table. */
export const purposes = ({ search, finalists, rivals, equalCost, other }: TimeAccount) => [
  { what: "search (super-network and controller)", ms: search },
  { what: "retraining the finalists", ms: finalists },
  ...rivals.map(({ arm, choosing, retraining }) => ({ what: `rival ${arm}`, ms: choosing + retraining })),
  ...(equalCost === undefined ? [] : [{ what: "training at equal total cost", ms: equalCost }]),
  { what: "everything else (data, backbone, export)", ms: other },
];

/** One bar a purpose, its time beside it. */
export function timeChart(time: TimeAccount): Drawing {
  const rows = purposes(time);
  const scale = scaleLinear([0, Math.max(1, ...rows.map(({ ms }) => ms))], [0, WIDTH - 100]);
  return {
    width: WIDTH,
    height: rows.length * ROW,
    body: rows
      .map(({ what, ms }, at) =>
        [
          text(0, at * ROW + 13, what, { class: "label" }),
          element("rect", {
            x: 0,
            y: at * ROW + 18,
            width: Math.max(1, scale(ms)),
            height: 12,
            rx: 2,
            class: at === 0 ? "bar own" : "bar",
          }),
          text(scale(ms) + 8, at * ROW + 28, durationText(ms), { class: "tick" }),
        ].join(""),
      )
      .join(""),
  };
}
