/** Where the onnx engine computes: a row for each device. */
import type { InferenceSession } from "onnxruntime-node";
import { cudaCommand, cudaFolder, hasCuda, moduleWithCuda } from "./cuda.js";
import { ortVersion } from "./load.js";
import type { Precision } from "./matmul.js";

/** What ORT's kernels of a device can do; what they cannot is put together from others, so that values need not leave the device. */
export interface OnnxKernels {
  /** Products of transposed operands with more than two axes, and with a factor. */
  readonly fusedMatMul: boolean;
  readonly oneHot: boolean;
  readonly logSoftmax: boolean;
  /** Whether SimplifiedLayerNormalization gives the statistics of its rows. */
  readonly rmsStatistics: boolean;
  /** Whether weights may stay as they are stored: mapped from their file, bf16 and f16 cast at each use. */
  readonly mapsWeights: boolean;
  /** Whether Split and Concat make a table of the axis at every run, see rows.ts. */
  readonly tabulatesAxes: boolean;
  /** Whether products of f32 may be had in TF32, see tf32.ts. */
  readonly tf32: boolean;
  /** What products can be computed in. */
  readonly precisions: readonly Precision[];
  /** Most outputs of one Split. */
  readonly splitOutputs: number;
}

export interface OnnxDevice {
  /** As reports name it. */
  readonly title: string;
  /** ORT's execution providers; the CPU takes what they have no kernel for. */
  readonly providers: readonly InferenceSession.ExecutionProviderConfig[];
  /** Whether state stays in buffers of the device between runs. */
  readonly keepsState: boolean;
  readonly kernels: OnnxKernels;
  /** What is not on this machine, and what brings it. */
  readonly missing?: () => { readonly message: string; readonly remedy: string } | undefined;
  /** What a user does about a device that does not open though nothing is missing. */
  readonly remedy: string;
}

/** Of CUDA's provider, which npm does not bring. */
function missingCuda(): { readonly message: string; readonly remedy: string } | undefined {
  const version = ortVersion() ?? "";
  if (hasCuda(moduleWithCuda(version))) return undefined;
  return {
    message: `the CUDA provider of onnxruntime ${version} is not in ${cudaFolder(version)}`,
    remedy: `Bring it with: ${cudaCommand(version)}`,
  };
}

const ALL_KERNELS: OnnxKernels = {
  fusedMatMul: true,
  oneHot: true,
  logSoftmax: true,
  rmsStatistics: true,
  mapsWeights: true,
  tabulatesAxes: false,
  tf32: false,
  precisions: ["f32"],
  splitOutputs: Number.POSITIVE_INFINITY,
};

export const onnxDevices = {
  cpu: {
    title: "CPU",
    providers: ["cpu"],
    keepsState: false,
    kernels: ALL_KERNELS,
    remedy: "Install onnxruntime-node again.",
  },
  webgpu: {
    title: "WebGPU",
    // Without robust access an index outside of its table, which the CPU reports, reads and writes memory of others.
    providers: [{ name: "webgpu", enableRobustness: true } as InferenceSession.ExecutionProviderConfig],
    keepsState: true,
    // Of 1.30. The first three have no kernel, the statistics are not those of the rows, there is no bf16, and every output of
    // a Split is a storage buffer of one shader, of which WebGPU promises eight.
    kernels: {
      fusedMatMul: false,
      oneHot: false,
      logSoftmax: false,
      rmsStatistics: false,
      mapsWeights: false,
      tabulatesAxes: false,
      tf32: false,
      precisions: ["f32"],
      splitOutputs: 7,
    },
    remedy:
      "Install a Vulkan driver for the GPU: apt install mesa-vulkan-drivers, or NVIDIA's own (VK_ICD_FILENAMES names one that is not found by itself, such as SwiftShader's vk_swiftshader_icd.json); or use --device cpu.",
  },
  cuda: {
    title: "CUDA",
    providers: ["cuda"],
    // onnxruntime-node hands out buffers of WebGPU only.
    keepsState: false,
    kernels: { ...ALL_KERNELS, tabulatesAxes: true, tf32: true, precisions: ["f32", "bf16", "f16"] },
    missing: missingCuda,
    remedy:
      "onnxruntime's own line above names the library that it misses: install CUDA 13 and cuDNN 9, or name their folders in LD_LIBRARY_PATH; or use --device cpu.",
  },
} as const satisfies Record<string, OnnxDevice>;

export type OnnxDeviceName = keyof typeof onnxDevices;
