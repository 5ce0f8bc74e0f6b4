/**
 * A compiled graph of the onnx engine. State goes in as inputs and comes out as outputs; between runs the output tensors simply become
 * the next inputs, on whichever device they lie.
 */
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { elementCount } from "../../graph/shapes.js";
import type { HostTensor, TypedArray } from "../../graph/types.js";
import type { Executable, Feeds, Fetches } from "../executor.js";
import { checkIndices, type IndexRange } from "../index-ranges.js";
import { checkFeeds, checkState, type Leaves } from "../leaves.js";
import { failure } from "./failures.js";
import type { OrtModule } from "./load.js";
import type { LoweredGraph } from "./lower-graph.js";

/** Copies a tensor of the device to the host. */
export type Download = (tensor: OrtTensor) => Promise<OrtTensor>;

/** What an executable needs to know of its graph beside the session. */
export interface ExecutableParts {
  readonly leaves: Leaves;
  readonly ranges: readonly IndexRange[];
  readonly label: string;
  readonly download: Download;
}

/** The executable of a session: keeps its states as tensors, `download` brings those of a device to the host. */
export function executable(
  ort: OrtModule,
  session: InferenceSession,
  lowered: LoweredGraph,
  { leaves, ranges, label, download }: ExecutableParts,
): Executable {
  const states = new Map<string, OrtTensor>();
  const replace = (name: string, tensor: OrtTensor): void => {
    const old = states.get(name);
    states.set(name, tensor);
    if (old !== undefined && old.location !== "cpu") old.dispose();
  };
  for (const [name, { shape }] of leaves.states)
    replace(name, new ort.Tensor("float32", new Float32Array(elementCount(shape)), shape));

  const run = async (feeds: Feeds): Promise<Fetches> => {
    checkFeeds(leaves, feeds, label);
    checkIndices(ranges, feeds, label);
    const given: Record<string, OrtTensor> = {};
    for (const [name, onnxName] of lowered.inputs) given[onnxName] = ortTensor(ort, feeds[name]!);
    for (const [name, onnxName] of lowered.states) given[onnxName] = states.get(name)!;
    const results = await session.run(given).catch((cause: unknown) => {
      throw failure(cause, label, "running");
    });
    for (const [name, onnxName] of lowered.updates) replace(name, results[onnxName] as OrtTensor);
    const fetches: Record<string, HostTensor> = {};
    for (const [name, onnxName] of lowered.outputs) {
      const { data, dims, type } = results[onnxName] as OrtTensor;
      fetches[name] = { shape: dims, dtype: type === "int32" ? "i32" : "f32", data: data as TypedArray };
    }
    return fetches;
  };

  return {
    run,
    readState: async (name) => {
      checkState(leaves, name, label);
      const state = states.get(name)!;
      // Its own getData() would end the process.
      const { data } = state.location === "cpu" ? state : await download(state);
      return (data as Float32Array).slice();
    },
    writeState: async (name, data) => {
      checkState(leaves, name, label, data);
      replace(name, new ort.Tensor("float32", Float32Array.from(data), leaves.states.get(name)!.shape));
    },
    dispose: async () => {
      for (const state of states.values()) if (state.location !== "cpu") state.dispose();
      states.clear();
      await session.release();
    },
  };
}

function ortTensor(ort: OrtModule, { dtype, data, shape }: HostTensor): OrtTensor {
  if (dtype === "i32") return new ort.Tensor("int32", data as Int32Array, shape);
  return new ort.Tensor("float32", data instanceof Float32Array ? data : Float32Array.from(data), shape);
}
