/** Trade-offs between two quantities that both should be small, such as parameters and loss. */

/** What a point costs and loses; both are minimised. */
export interface TradeOff {
  readonly cost: number;
  readonly loss: number;
}

/**
 * For every point the front it is in, from 0: those that no other point dominates, then those that only these dominate, and so on. A point
 * dominates another when it is not worse in either quantity and better in one; equal points share a front. O(n log n) (Jensen 2003).
 */
export function nonDominatedSort(points: readonly TradeOff[]): Int32Array {
  const order = [...points.keys()].sort((a, b) => compare(points[a]!, points[b]!) || a - b);
  const fronts = new Int32Array(points.length);
  /** The last point of each front in this order has its lowest loss; those losses rise from front to front. */
  const lasts: TradeOff[] = [];
  for (const at of order) {
    const point = points[at]!;
    let low = 0;
    let high = lasts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const last = lasts[middle]!;
      if (last.loss < point.loss || (last.loss === point.loss && last.cost < point.cost)) low = middle + 1;
      else high = middle;
    }
    fronts[at] = low;
    lasts[low] = point;
  }
  return fronts;
}

const compare = (a: TradeOff, b: TradeOff): number => a.cost - b.cost || a.loss - b.loss;

/** The points that none dominates, costs rising and losses falling, both strictly: of equal points the first is kept. */
export function paretoFront<P extends TradeOff>(points: readonly P[]): P[] {
  const front: P[] = [];
  for (const { point } of points
    .map((point, at) => ({ point, at }))
    .sort((a, b) => compare(a.point, b.point) || a.at - b.at))
    if (front.length === 0 || point.loss < front.at(-1)!.loss) front.push(point);
  return front;
}

/**
 * Area that points dominate, up to a reference that is worse than they are (Zitzler and Thiele 1999). Points that are not better than the
 * reference in both quantities add nothing.
 */
export function hypervolume(points: readonly TradeOff[], reference: TradeOff): number {
  const front = paretoFront(points).filter(({ cost, loss }) => cost < reference.cost && loss < reference.loss);
  return front.reduce((area, { cost, loss }, at) => {
    const next = front[at + 1]?.cost ?? reference.cost;
    return area + (next - cost) * (reference.loss - loss);
  }, 0);
}

/**
 * The knee of a front: the point furthest below the straight line between its ends, both quantities scaled to 0 .. 1 over the front (Das
 * 1999, "On characterizing the knee of the Pareto curve based on normal-boundary intersection"). From there on a further parameter buys less
 * than on average. Null when no point is below the line, which is so for fewer than three.
 */
export function kneeOf<P extends TradeOff>(front: readonly P[]): P | null {
  const [first, last] = [front[0], front.at(-1)];
  if (first === undefined || last === undefined || first === last) return null;
  const below = ({ cost, loss }: TradeOff) =>
    1 - (cost - first.cost) / (last.cost - first.cost) - (loss - last.loss) / (first.loss - last.loss);
  let knee: P | null = null;
  // Rounding aside, points on the line are no knee.
  let most = 1e-9;
  for (const point of front)
    if (below(point) > most) {
      most = below(point);
      knee = point;
    }
  return knee;
}
