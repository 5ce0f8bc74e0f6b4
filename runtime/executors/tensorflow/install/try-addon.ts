/** Whether an addon loads and computes, asked of another process: a library that is damaged may end the one it is loaded in. */
import { InstallError } from "./install-error.js";
import { runProgram, saidLast } from "./run-program.js";

export interface LoadedLibrary {
  /** What the library says it is. */
  readonly version: string;
  readonly gpu: boolean;
}

/** Multiplies two matrices of ones, [2, 3] and [3, 2], whose product is 3 everywhere. */
const SCRIPT = `
const b = require(process.argv[1]);
const ones = (shape) => b.createTensor(shape, b.TF_FLOAT, new Float32Array(6).fill(1));
const attributes = [
  { name: "transpose_a", type: b.TF_ATTR_BOOL, value: false },
  { name: "transpose_b", type: b.TF_ATTR_BOOL, value: false },
  { name: "T", type: b.TF_ATTR_TYPE, value: b.TF_FLOAT },
];
const [product] = b.executeOp("MatMul", attributes, [ones([2, 3]), ones([3, 2])], 1);
const right = Array.from(b.tensorDataSync(product.id)).join() === "3,3,3,3";
console.log(JSON.stringify({ version: b.TF_Version, gpu: b.isUsingGpuDevice(), right }));
`;

/** Loads it with this Node. Throws an `InstallError` when it does not load or computes wrongly. */
export async function tryAddon(addon: string): Promise<LoadedLibrary> {
  const environment = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3", TF_FORCE_GPU_ALLOW_GROWTH: "true" };
  const tried = await runProgram(process.execPath, ["-e", SCRIPT, addon], {
    environment,
    missing: { message: "Node cannot be started", remedy: "Check the installation of Node." },
  });
  if (tried.status !== 0)
    throw new InstallError(`the addon does not load: ${saidLast(tried)}`, {
      place: addon,
      remedy:
        tried.signal === "SIGILL"
          ? "This library is built for processors with instructions that this one lacks (AVX); build TensorFlow for it and give the folder with --from."
          : "Try another --version, or give a library of your own with --from.",
    });
  const { version, gpu, right } = JSON.parse(tried.stdout.trim().split("\n").at(-1)!) as LoadedLibrary & {
    readonly right: boolean;
  };
  if (!right)
    throw new InstallError("the library computes a product of matrices wrongly", {
      place: addon,
      remedy: "Try another --version.",
    });
  return { version, gpu };
}
