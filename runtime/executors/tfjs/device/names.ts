/** The TensorFlow.js backends that the engine runs on; the first is the default. */
export const DEVICES = ["wasm", "webgpu", "cpu"] as const;

export type Device = (typeof DEVICES)[number];
