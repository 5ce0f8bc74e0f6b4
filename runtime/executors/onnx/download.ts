/**
 * Copies device buffers to the host. Asking such a tensor for its data ends the process (onnxruntime-node 1.30), so it goes through a
 * session that only hands it on, and whose output lies on the host.
 */
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { Download } from "./executable.js";
import { failure } from "./failures.js";
import type { OrtModule } from "./load.js";
import { DataType, encodeModel } from "./proto.js";
import { createSession, type SessionSettings } from "./session.js";

const MODEL = encodeModel({
  irVersion: 10,
  opsets: { "": 21 },
  name: "download",
  nodes: [{ opType: "Identity", domain: "", inputs: ["x"], outputs: ["y"], attributes: {} }],
  initializers: [],
  inputs: [{ name: "x", dataType: DataType.FLOAT, shape: undefined }],
  outputs: [{ name: "y", dataType: DataType.FLOAT, shape: undefined }],
});

/** One session for tensors of any shape, made when it is first needed. */
export function downloader(ort: OrtModule, settings: SessionSettings): Download {
  let session: Promise<InferenceSession> | undefined;
  return async (tensor) => {
    session ??= createSession(
      ort,
      { model: MODEL, label: "reading state" },
      { ...settings, threads: 1, profilePrefix: undefined },
    );
    const results = await (await session).run({ x: tensor }).catch((cause: unknown) => {
      throw failure(cause, "reading state", "running");
    });
    return results.y as OrtTensor;
  };
}
