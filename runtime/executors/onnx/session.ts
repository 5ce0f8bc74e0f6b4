/** Creates ORT's sessions. */
import type { InferenceSession } from "onnxruntime-node";
import type { OnnxDevice } from "./devices.js";
import { failure } from "./failures.js";
import type { OrtModule } from "./load.js";
import type { Precision } from "./matmul.js";
import type { WeightForm } from "./weights.js";

export interface SessionSettings {
  readonly device: OnnxDevice;
  readonly threads: number;
  /** Default by size, see `weightForm`. */
  readonly form: WeightForm | undefined;
  readonly precision: Precision;
  readonly graphOptimizationLevel: NonNullable<InferenceSession.SessionOptions["graphOptimizationLevel"]>;
  readonly profilePrefix: string | undefined;
  /** See spinning.ts. */
  readonly spinning: boolean;
}

export interface SessionModel {
  /** Encoded. */
  readonly model: Uint8Array;
  readonly label: string;
  /** The folder that external data lies below. */
  readonly root?: string | undefined;
  readonly form?: WeightForm;
  /** Whether memory of a run is kept for the next; default true. */
  readonly arena?: boolean;
  /** Names of outputs that stay on the device. */
  readonly onDevice?: readonly string[];
}

/** A session of a model. Rejects with an `ExecutionError`. */
export async function createSession(
  ort: OrtModule,
  { model, label, root, form = "packed", arena = true, onDevice = [] }: SessionModel,
  { device, threads, graphOptimizationLevel, profilePrefix, spinning }: SessionSettings,
): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: device.providers,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    // ORT would fold the casts of mapped weights, and share those that are not folded.
    graphOptimizationLevel: form === "mapped" ? "disabled" : graphOptimizationLevel,
    logSeverityLevel: 3,
    // With patterns ORT lays a run's values out twice, in pieces when it first runs and in one planned block from then on. Measured on
    // Mllama XS, S and M: peaks are 10 to 42 % lower without; steps take 0 to 3 % more processor time (M at batch 4 the most).
    enableMemPattern: false,
    enableCpuMemArena: arena,
    extra: {
      session: {
        intra_op: { allow_spinning: spinning ? "1" : "0" },
        ...(form === "mapped" ? { disable_prepacking: "1" } : {}),
        ...(root === undefined ? {} : { model_external_initializers_file_folder_path: root }),
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
