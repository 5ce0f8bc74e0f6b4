/** Minimum cuts, by Dinic's algorithm. */

interface Edge {
  readonly to: number;
  remaining: number;
  /** Index of the opposite edge among those of `to`. */
  readonly back: number;
}

/** A network with capacities on directed edges; vertices are numbered from 0. */
export class FlowNetwork {
  readonly #edges: Edge[][];

  constructor(vertices: number) {
    this.#edges = Array.from({ length: vertices }, () => []);
  }

  addEdge(from: number, to: number, capacity: number): void {
    const forward = this.#edges[from]!;
    const backward = this.#edges[to]!;
    forward.push({ to, remaining: capacity, back: backward.length });
    backward.push({ to: from, remaining: 0, back: forward.length - 1 });
  }

  /**
   * The vertices on the source's side of a minimum cut; of several minimum cuts, the one nearest to the source. Every path from source
   * to sink must have an edge of finite capacity.
   */
  sourceSide(source: number, sink: number): ReadonlySet<number> {
    for (;;) {
      const levels = this.#levels(source);
      if (levels[sink] === -1) return new Set(levels.flatMap((level, vertex) => (level === -1 ? [] : [vertex])));
      this.#blockFlow(source, sink, levels);
    }
  }

  /** Distance of every vertex from the source along edges with capacity left; -1 out of reach. */
  #levels(source: number): number[] {
    const levels = new Array<number>(this.#edges.length).fill(-1);
    levels[source] = 0;
    const queue = [source];
    for (const vertex of queue)
      for (const { to, remaining } of this.#edges[vertex]!)
        if (remaining > 0 && levels[to] === -1) {
          levels[to] = levels[vertex]! + 1;
          queue.push(to);
        }
    return levels;
  }

  /** Sends flow along shortest paths until each has a full edge. Without recursion: networks are as deep as models. */
  #blockFlow(source: number, sink: number, levels: readonly number[]): void {
    const next = new Array<number>(this.#edges.length).fill(0);
    const path: Edge[] = [];
    let vertex = source;
    for (;;) {
      if (vertex === sink) {
        const amount = path.reduce((least, edge) => Math.min(least, edge.remaining), Number.POSITIVE_INFINITY);
        for (const edge of path) {
          edge.remaining -= amount;
          this.#edges[edge.to]![edge.back]!.remaining += amount;
        }
        path.length = 0;
        vertex = source;
        continue;
      }
      const edges = this.#edges[vertex]!;
      while (next[vertex]! < edges.length) {
        const { to, remaining } = edges[next[vertex]!]!;
        if (remaining > 0 && levels[to] === levels[vertex]! + 1) break;
        next[vertex]!++;
      }
      const edge = edges[next[vertex]!];
      if (edge !== undefined) {
        path.push(edge);
        vertex = edge.to;
      } else {
        if (vertex === source) return;
        const last = path.pop()!;
        vertex = this.#edges[last.to]![last.back]!.to;
        next[vertex]!++;
      }
    }
  }
}
