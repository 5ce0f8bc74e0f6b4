/**
 * Pieces of tensors copied within the memory of wasm. The backend's own slice takes the whole tensor out of that memory first, and its
 * concatenation reads pieces one by one: of a state with 135 tensors in one vector they took 60 and 16 of a step's 260 ms.
 */
import type * as Wasm from "@tensorflow/tfjs-backend-wasm";
import { elementCount } from "../../../graph/shapes.js";
import type { Shape } from "../../../graph/types.js";
import type { Tf, TfTensor } from "../lowering/lowering.js";
import { moduleOf } from "./wasm-products.js";

/** All types that graphs have take as many. */
const BYTES = 4;

/** Where a piece lies in a tensor and in the result, along one axis. */
export interface Piece {
  readonly tensor: TfTensor;
  /** First index along the axis, in the tensor and in the result. */
  readonly from: number;
  readonly to: number;
  /** How many indices along the axis. */
  readonly size: number;
}

/** Puts a tensor of `shape` together from pieces along `axis`; zeros where there is none. */
export type CopyPieces = (tf: Tf, shape: Shape, axis: number, pieces: readonly Piece[]) => TfTensor;

/** How the backend copies; opened once for a backend. */
export function pieceCopies(backend: Wasm.BackendWasm): CopyPieces {
  return (tf, shape, axis, pieces) => {
    const out = backend.makeOutput([...shape], pieces[0]!.tensor.dtype);
    const start = backend.getMemoryOffset(out.dataId);
    // After the allocation: memory that grows is another array.
    const { HEAPU8: memory } = moduleOf(backend);
    const [outer, inner] = [elementCount(shape.slice(0, axis)), BYTES * elementCount(shape.slice(axis + 1))];
    const filled = pieces.reduce((sum, { size }) => sum + size, 0);
    if (filled < shape[axis]!) memory.fill(0, start, start + outer * shape[axis]! * inner);
    for (const { tensor, from, to, size } of pieces) {
      const [rowOfTensor, rowOfOut, bytes] = [tensor.shape[axis]! * inner, shape[axis]! * inner, size * inner];
      let source = backend.getMemoryOffset(tensor.dataId) + from * inner;
      let target = start + to * inner;
      for (let row = 0; row < outer; row++, source += rowOfTensor, target += rowOfOut)
        memory.copyWithin(target, source, source + bytes);
    }
    return tf.engine().makeTensorFromTensorInfo(out);
  };
}
