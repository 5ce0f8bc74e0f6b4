/**
 * The worker in which TensorFlow runs: a step blocks its thread, and the main thread has progress to show and interrupts to hear. Answers
 * one request at a time, in the order in which they came.
 */
import { parentPort } from "node:worker_threads";
import type { HostTensor } from "../../graph/types.js";
import { type Binding, loadBinding } from "./binding.js";
import type { Answer, Calls, Kind, Request, RunRequest } from "./messages.js";
import { DataType, TAG } from "./proto.js";

let loaded: Binding | undefined;
function binding(): Binding {
  if (loaded === undefined) throw new Error("the library was not opened");
  return loaded;
}

const answers: { readonly [K in Kind]: (takes: Calls[K]["takes"]) => Calls[K]["gives"] } = {
  open: ({ addon }) => {
    loaded = loadBinding(addon);
    return { version: loaded.TF_Version, gpu: loaded.isUsingGpuDevice() };
  },
  load: ({ folder }) => binding().loadSavedModel(folder, TAG),
  run,
  drop: ({ model }) => {
    binding().deleteSavedModel(model);
    return null;
  },
  held: () => ({ tensors: binding().getNumOfTensors(), models: binding().getNumOfSavedModels() }),
};

/** Feeds and fetches are held by the addon only while this runs. */
function run({ model, feeds, fetches }: RunRequest): readonly HostTensor[] {
  const tf = binding();
  const held: number[] = [];
  try {
    for (const { shape, dtype, data } of feeds)
      held.push(tf.createTensor(shape, dtype === "i32" ? DataType.INT32 : DataType.FLOAT, data));
    const inputs = [...held];
    const inputNames = feeds.map(({ placeholder }) => `${placeholder}:0`).join();
    const outputs = tf.runSavedModel(model, inputs, inputNames, fetches.map((value) => `${value}:0`).join());
    held.push(...outputs.map(({ id }) => id));
    return outputs.map(({ id, shape, dtype }) => ({
      shape,
      dtype: dtype === DataType.INT32 ? "i32" : "f32",
      data: tf.tensorDataSync(id),
    }));
  } finally {
    for (const tensor of held) tf.deleteTensor(tensor);
  }
}

const answer = <K extends Kind>({ kind, takes }: Request<K>): Calls[K]["gives"] => answers[kind](takes);

const port = parentPort!;
port.on("message", (request: Request) => {
  const { id } = request;
  let said: Answer;
  try {
    said = { id, gives: answer(request) };
  } catch (cause) {
    said = { id, failed: (cause as Error).message };
  }
  const results = "gives" in said && request.kind === "run" ? (said.gives as readonly HostTensor[]) : [];
  port.postMessage(
    said,
    results.map(({ data }) => data.buffer as ArrayBuffer),
  );
});
