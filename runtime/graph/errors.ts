/** What the graph layer throws: always a bug in the code that builds the graph, never a user's mistake. */
import type { Tensor } from "./types.js";

/** A graph that cannot be: wrong shapes, wrong dtypes, an unknown attribute. Names the op and the shapes of its inputs. */
export class GraphError extends Error {
  override readonly name = "GraphError";
  /** The op or leaf kind that was being added. */
  readonly op: string;

  constructor(op: string, inputs: readonly Tensor[], reason: string) {
    super(`${op}(${inputs.map((input) => `${input.dtype}[${input.shape.join(", ")}]`).join(", ")}): ${reason}`);
    this.op = op;
  }
}
