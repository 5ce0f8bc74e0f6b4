/** What a lowering is. */
import type { Tensor } from "../../../graph/types.js";
import type { OnnxEmitter } from "../emitter.js";

/** Emits ONNX nodes for one op; `inputs` are the ONNX names of its inputs. Returns the name of the result. */
export type Lowering = (emit: OnnxEmitter, inputs: readonly string[], node: Tensor) => string;

/** An op that is one ONNX node without attributes. */
export const direct =
  (opType: string): Lowering =>
  (emit, inputs) =>
    emit.op(opType, inputs);
