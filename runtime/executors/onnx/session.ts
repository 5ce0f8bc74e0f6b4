/** Creates ORT's sessions. */
import type { InferenceSession } from "onnxruntime-node";
import type { OnnxDevice } from "./devices.js";
import { failure } from "./failures.js";
import type { OrtModule } from "./load.js";

export interface SessionSettings {
  readonly device: OnnxDevice;
  readonly threads: number;
  readonly graphOptimizationLevel: NonNullable<InferenceSession.SessionOptions["graphOptimizationLevel"]>;
  readonly profilePrefix: string | undefined;
}

/**
 * A session of an encoded model. `weightsRoot`: the folder that the model's external data lies below; `onDevice`: names of outputs that
 * stay on the device. Rejects with an `ExecutionError`.
 */
export async function createSession(
  ort: OrtModule,
  model: Uint8Array,
  { device, threads, graphOptimizationLevel, profilePrefix }: SessionSettings,
  label: string,
  weightsRoot?: string,
  onDevice: readonly string[] = [],
): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: device.providers,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel,
    logSeverityLevel: 3,
    // With patterns ORT lays a run's values out twice, in pieces when it first runs and in one planned block from then on. Measured on
    // Mllama XS, S and M: peaks are 10 to 30 % lower without, steps take the same time.
    enableMemPattern: false,
    extra: {
      session: {
        // A waiting thread sleeps instead of spinning: when other processes want the cores, spinning doubles a step's time.
        intra_op: { allow_spinning: "0" },
        ...(weightsRoot === undefined ? {} : { model_external_initializers_file_folder_path: weightsRoot }),
      },
    },
    ...(onDevice.length === 0
      ? {}
      : { preferredOutputLocation: Object.fromEntries(onDevice.map((name) => [name, "gpu-buffer" as const])) }),
    ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
  };
  try {
    return await ort.InferenceSession.create(model, options);
  } catch (cause) {
    throw failure(cause, label, "compiling");
  }
}
