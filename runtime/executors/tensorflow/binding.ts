/**
 * The native addon of @tensorflow/tfjs-node-gpu: the part of its interface that runs SavedModels. It is used without the package's
 * JavaScript, which needs the whole of TensorFlow.js and, in its last release, does not run on Node 23 and later.
 */
import { createRequire } from "node:module";
import type { TypedArray } from "../../graph/types.js";

/** A tensor is held by the addon until it is deleted; it has a number. */
export interface Binding {
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
  createTensor(shape: readonly number[], dtype: number, data: TypedArray): number;
  deleteTensor(tensor: number): void;
  /** A copy. */
  tensorDataSync(tensor: number): TypedArray;
  /** `tags`: separated by commas. */
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(model: number): void;
  /** Names are separated by commas: `v3:0`. Nothing runs but what the outputs need. */
  runSavedModel(
    model: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string,
  ): readonly { readonly id: number; readonly shape: readonly number[]; readonly dtype: number }[];
  getNumOfTensors(): number;
  getNumOfSavedModels(): number;
}

/** Loads the addon and with it the TensorFlow library. Throws what `require` does. */
export function loadBinding(addon: string): Binding {
  return createRequire(import.meta.url)(addon) as Binding;
}
