/**
 * Batches of matrices on the wasm backend. Its own kernel multiplies a batch with a scalar loop (2 GFLOP/s, measured), a pair of matrices
 * with XNNPACK (25 GFLOP/s and more), and copying each pair out of the batch costs more than is won on small matrices. So each pair is
 * registered as a tensor of its own that lies within the batch, and the result is written into its place: nothing is copied.
 */
import type * as Wasm from "@tensorflow/tfjs-backend-wasm";
import { flagOf } from "../../../graph/ops/rule.js";
import { broadcastAxes, elementCount, stridesOf } from "../../../graph/shapes.js";
import type { Shape } from "../../../graph/types.js";
import type { Tf, TfTensor } from "../lowering/lowering.js";
import type { Instruction } from "../program.js";

export type MultiplyMatrices = (tf: Tf, x: TfTensor, y: TfTensor, node: Instruction) => TfTensor;

/** What the backend's C++ side offers; the package's types leave most of it out. */
export interface WasmModule {
  /** 0 when there is no memory. */
  _malloc(bytes: number): number;
  _free(address: number): void;
  readonly HEAPU8: Uint8Array;
  cwrap(name: string, result: null, parameters: readonly string[]): unknown;
  readonly tfjs: {
    registerTensor(id: number, elements: number, address: number): void;
    disposeData(id: number): void;
  };
}

/** The module of a backend. */
export const moduleOf = (backend: Wasm.BackendWasm): WasmModule => backend.wasm as unknown as WasmModule;

type Kernel = (
  ...call: [
    x: number,
    xShape: Uint8Array,
    xRank: number,
    y: number,
    yShape: Uint8Array,
    yRank: number,
    transposeX: boolean,
    transposeY: boolean,
    out: number,
  ]
) => void;

/** Ids of the pair and its result, far from those the backend counts up from 1. */
const [X, Y, OUT] = [2 ** 30, 2 ** 30 + 1, 2 ** 30 + 2];
const BYTES = 4;

const shapeBytes = (...shape: number[]): Uint8Array => new Uint8Array(Int32Array.from(shape).buffer);

/** For each matrix of the result, which matrix of the operand takes part. */
function places(own: Shape, batch: Shape): Int32Array {
  const lead = batch.length - own.length;
  const strides = stridesOf(own);
  const repeated = broadcastAxes(own, batch);
  const steps = batch.map((_, axis) => (axis < lead || repeated.includes(axis) ? 0 : strides[axis - lead]!));
  return Int32Array.from({ length: elementCount(batch) }, (_, index) => {
    let [rest, place] = [index, 0];
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      place += (rest % batch[axis]!) * steps[axis]!;
      rest = Math.floor(rest / batch[axis]!);
    }
    return place;
  });
}

/** How the backend multiplies; opened once for a backend. */
export function matrixProducts(backend: Wasm.BackendWasm): MultiplyMatrices {
  const { tfjs: table, cwrap } = moduleOf(backend);
  const [operand, flag] = [["number", "array", "number"], "number"];
  const kernel = cwrap("BatchMatMul", null, [...operand, ...operand, flag, flag, "number"]) as Kernel;
  return (tf, x, y, node) => {
    const [ta, tb] = [flagOf(node.attributes, "transposeA"), flagOf(node.attributes, "transposeB")];
    const batch = node.shape.slice(0, -2);
    // One pair: the backend packs the right operand once for as long as it lives, which suits weights.
    if (elementCount(batch) === 1) return tf.matMul(x, y, ta, tb);
    const [xRows, xColumns] = x.shape.slice(-2) as [number, number];
    const [yRows, yColumns] = y.shape.slice(-2) as [number, number];
    const size = node.shape.at(-2)! * node.shape.at(-1)!;
    const out = backend.makeOutput([...node.shape], "float32");
    const [xStart, yStart, outStart] = [x, y, out].map(({ dataId }) => backend.getMemoryOffset(dataId)) as [
      number,
      number,
      number,
    ];
    const [xShape, yShape] = [shapeBytes(1, xRows, xColumns), shapeBytes(1, yRows, yColumns)];
    const [xPlaces, yPlaces] = [x, y].map(({ shape }) => places(shape.slice(0, -2), batch)) as [Int32Array, Int32Array];
    for (let at = 0; at < xPlaces.length; at++) {
      table.registerTensor(X, xRows * xColumns, xStart + BYTES * xPlaces[at]! * xRows * xColumns);
      table.registerTensor(Y, yRows * yColumns, yStart + BYTES * yPlaces[at]! * yRows * yColumns);
      table.registerTensor(OUT, size, outStart + BYTES * at * size);
      kernel(X, xShape, 3, Y, yShape, 3, ta, tb, OUT);
      for (const id of [X, Y, OUT]) table.disposeData(id);
    }
    return tf.engine().makeTensorFromTensorInfo(out);
  };
}
