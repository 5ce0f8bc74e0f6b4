/** What a lowering is. */
import type { Tensor } from "../../../graph/types.js";
import { FLOAT, type GraphEmitter, INT32 } from "../emitter.js";
import type { AttrValue } from "../proto.js";

/** Emits TensorFlow nodes for one op; `inputs` are the names of its inputs' values. Returns the name of the result. */
export type Lowering = (emit: GraphEmitter, inputs: readonly string[], node: Tensor) => string;

/** An op that is one TensorFlow op on f32 without further attributes. */
export const direct =
  (op: string): Lowering =>
  (emit, inputs) =>
    emit.float(op, ...inputs);

/** The element type of a tensor as an attribute. */
export const typeOf = ({ dtype }: Tensor): AttrValue => (dtype === "i32" ? INT32 : FLOAT);
