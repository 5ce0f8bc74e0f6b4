/** The Pareto front in figures: its points, its knee, and how much of the plane it dominates. */
import { hypervolume, kneeOf } from "../../search/index.js";
import { integer } from "./format.js";
import type { Report, SearchAccount } from "./types.js";

type Point = SearchAccount["front"][number];

const tradeOff = (point: Point) => ({ cost: point.parameters, loss: point.loss, point });

/** Points in the order of their sizes. */
export const frontPoints = (search: SearchAccount | null): Point[] =>
  [...(search?.front ?? [])].sort((a, b) => a.parameters - b.parameters);

/** The point from which on a further parameter buys less than on average; null where the front bends nowhere. */
export const frontKnee = (front: readonly Point[]): Point | null => kneeOf(front.map(tradeOff))?.point ?? null;

/**
 * What the front dominates, in parameters times loss: up to the budget (without one: its largest size) and its own highest loss. `share`: of the
 * rectangle down to its smallest size and lowest loss. Null where that rectangle is empty, as for one point.
 */
export function frontVolume(
  front: readonly Point[],
  budget: number | null,
): { readonly volume: number; readonly share: number; readonly parameters: number; readonly loss: number } | null {
  if (front.length === 0) return null;
  const sizes = front.map(({ parameters }) => parameters);
  const losses = front.map(({ loss }) => loss);
  const reference = { cost: budget ?? Math.max(...sizes), loss: Math.max(...losses) };
  const whole = (reference.cost - Math.min(...sizes)) * (reference.loss - Math.min(...losses));
  if (!(whole > 0)) return null;
  const volume = hypervolume(front.map(tradeOff), reference);
  return { volume, share: volume / whole, parameters: reference.cost, loss: reference.loss };
}

/** The front's table and the sentence on it. Null where the search kept none. */
export function frontView({ search, maxParameters }: Pick<Report, "search" | "maxParameters">) {
  const front = frontPoints(search);
  if (front.length === 0) return null;
  const knee = frontKnee(front);
  return {
    points: front.map((point) => ({
      parameters: integer(point.parameters),
      loss: point.loss.toFixed(4),
      knee: point === knee,
    })),
    hasKnee: knee !== null,
    text: [kneeText(front, knee), volumeText(front, maxParameters)].filter((text) => text !== "").join(" "),
  };
}

function kneeText(front: readonly Point[], knee: Point | null): string {
  if (knee !== null)
    return `Knee: ${integer(knee.parameters)} parameters with ${knee.loss.toFixed(4)}, the point farthest below the straight line between the front's ends; from there on a further parameter buys less than on average.`;
  return front.length < 3 ? "" : "There is no knee: no point lies below the straight line between the front's ends.";
}

function volumeText(front: readonly Point[], budget: number | null): string {
  const found = frontVolume(front, budget);
  if (found === null) return "";
  const { volume, share, parameters, loss } = found;
  return `Hypervolume: ${Number(volume.toPrecision(4)).toLocaleString("en-US")} parameters × loss, the area that the front dominates up to ${integer(parameters)} parameters and its highest loss, ${loss.toFixed(4)}: ${(100 * share).toFixed(0)} % of the rectangle down to its smallest size and lowest loss. More is better; runs compare where that corner is the same.`;
}
