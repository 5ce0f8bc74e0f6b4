/** The named values that live in a model between runs: variables, with what reads and writes them from outside. */
import type { Shape } from "../../graph/types.js";
import { FLOAT, type GraphEmitter } from "./emitter.js";
import { DataType } from "./proto.js";
import { assign, ownCopy, variable } from "./weights.js";

export interface StateNodes {
  readonly shape: Shape;
  readonly handle: string;
  /** Fetched: the value before this run's update. */
  readonly read: string;
  /** Fed, with `written` fetched: a new value. */
  readonly fed: string;
  readonly written: string;
  /** Makes the value zeros. */
  readonly zeroed: string;
}

/** Emits a variable and its reader and writers for each state. */
export function emitStates(
  emit: GraphEmitter,
  states: ReadonlyMap<string, { readonly shape: Shape }>,
): ReadonlyMap<string, StateNodes> {
  return new Map(
    [...states].map(([name, { shape }], index) => {
      const handle = variable(emit, `state/${index}`, shape, DataType.FLOAT);
      const read = emit.own("ReadVariableOp", [handle], { dtype: FLOAT });
      const fed = emit.own("Placeholder", [], { dtype: FLOAT, shape: { shape } });
      const written = afterAll(emit, [assign(emit, handle, ownCopy(emit, fed), DataType.FLOAT)]);
      const zeros = emit.op("Fill", [emit.ints(shape), emit.scalar(0)], {
        T: FLOAT,
        index_type: { type: DataType.INT32 },
      });
      const zeroed = assign(emit, handle, zeros, DataType.FLOAT);
      return [name, { shape, handle, read, fed, written, zeroed }];
    }),
  );
}

/** A value to fetch so that nodes without outputs run: calls name values, not nodes. */
export const afterAll = (emit: GraphEmitter, nodes: readonly string[]): string =>
  emit.own("Identity", [emit.scalar(1)], { T: FLOAT }, { after: nodes });
