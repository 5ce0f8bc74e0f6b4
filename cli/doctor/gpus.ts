/** GPUs of NVIDIA, as their driver's own tool lists them. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface Gpu {
  readonly name: string;
  readonly driver: string;
  readonly memoryBytes: number;
}

const QUERY = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader,nounits"];
const LIMIT_MS = 10_000;

/** All of this machine; none where the tool is not there or fails. `tool`: its name or path. */
export async function nvidiaGpus(tool = "nvidia-smi"): Promise<readonly Gpu[]> {
  const { stdout } = await promisify(execFile)(tool, QUERY, { timeout: LIMIT_MS }).catch(() => ({ stdout: "" }));
  return stdout.split("\n").flatMap((line): readonly Gpu[] => {
    const [name, driver, mebibytes] = line.split(",").map((field) => field.trim());
    // Unified memory is "[N/A]".
    return name === undefined || driver === undefined || name === ""
      ? []
      : [{ name, driver, memoryBytes: (Number(mebibytes) || 0) * 2 ** 20 }];
  });
}
