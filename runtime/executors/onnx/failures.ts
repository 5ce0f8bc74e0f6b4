/** What ORT's messages mean to a user. */
import { ExecutionError, LESS_MEMORY, OutOfMemoryError } from "../errors.js";

interface Meaning {
  readonly says: RegExp;
  readonly message: string;
  readonly remedy: string;
  readonly memory?: boolean;
}

/** Tried in order. WebGPU has buffers that were not allocated for invalid ones, and spreads values larger than a binding over several. */
const MEANINGS: readonly Meaning[] = [
  {
    says: /bad_alloc|failed to allocate|out of memory|OUT_OF_MEMORY|cudaErrorMemoryAllocation|allocate memory|buffer size .* exceeds|exceeds the max|Allocation size too large|\[Invalid Buffer|Too many storage buffers/i,
    message: "the device has too little memory",
    remedy: LESS_MEMORY,
    memory: true,
  },
  {
    says: /device (was|is) lost|DeviceLost|VK_ERROR_DEVICE_LOST/i,
    message: "the GPU stopped answering",
    remedy:
      "Run lnasc doctor; a step that takes longer than the driver allows is cut off: lower the batch or use --device cpu.",
  },
  {
    says: /indices element out of data bounds|out of bounds|out of range/i,
    message: "an index lies outside of its table",
    remedy: "Check ids and labels of the batch.",
  },
  {
    says: /could not find an implementation|not implemented|NOT_IMPLEMENTED/i,
    message: "onnxruntime lacks an operation of this graph",
    remedy: "Use --device cpu or the reference engine, and report this as a bug of lnas.",
  },
];

const OTHERWISE = {
  compiling: {
    message: "onnxruntime refused the graph",
    remedy: "Try the reference engine, and report this as a bug of lnas.",
  },
  running: {
    message: "onnxruntime failed",
    remedy: "Check ids and labels of the batch; if they are right, report this as a bug of lnas.",
  },
} as const;

/** The error to throw for what ORT threw while it compiled or ran a graph. */
export function failure(cause: unknown, label: string, doing: keyof typeof OTHERWISE): ExecutionError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const meaning = MEANINGS.find(({ says }) => says.test(text));
  const { message, remedy } = meaning ?? OTHERWISE[doing];
  const said = `${label}: ${message}: ${text}`;
  return meaning?.memory === true ? new OutOfMemoryError(said, { cause }) : new ExecutionError(said, { remedy, cause });
}
