/** What a lowering is. */
import type * as TfCore from "@tensorflow/tfjs-core";
import type { Instruction } from "../program.js";

export type Tf = typeof TfCore;
export type TfTensor = TfCore.Tensor;

/**
 * Computes one op from the tensors of its inputs, which stay as they are. Everything else it makes must be disposed by the time it
 * returns: ops of TensorFlow.js see to that themselves, several of them in a row go through `inOneScope`.
 */
export type Lowering = (tf: Tf, inputs: readonly TfTensor[], node: Instruction) => TfTensor;

/** A lowering of several ops; what lies between is disposed. */
export const inOneScope =
  (lowering: Lowering): Lowering =>
  (tf, inputs, node) =>
    tf.tidy(() => lowering(tf, inputs, node));

/** TensorFlow.js takes shapes as arrays that it may write to. */
export const list = (shape: readonly number[]): number[] => [...shape];
