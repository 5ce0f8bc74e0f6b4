/** The CUDA libraries that a wheel of TensorFlow for GPUs is built against: wheels of their own, named in its metadata. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** `Requires-Dist: nvidia-cublas-cu12 ==12.5.3.2 ; extra == 'and-cuda'`, with or without parentheses about the version. */
const REQUIREMENT =
  /^Requires-Dist:\s*(nvidia-[\w-]+)\s*(?:\[[^\]]*\])?\s*\(?\s*([^;()]*?)\s*\)?\s*;\s*extra == ['"]and-cuda['"]/;

/** What pip is to fetch beside an unpacked wheel, from its metadata: `nvidia-cublas-cu12==12.5.3.2`. Empty for a library without CUDA. */
export function cudaRequirements(unpacked: string): readonly string[] {
  const info = readdirSync(unpacked).find((name) => /^tensorflow-.*\.dist-info$/.test(name));
  if (info === undefined) return [];
  return readFileSync(join(unpacked, info, "METADATA"), "utf8")
    .split("\n")
    .flatMap((line) => {
      const [, name, version] = REQUIREMENT.exec(line) ?? [];
      return name === undefined ? [] : [`${name}${version?.replace(/\s+/g, "") ?? ""}`];
    });
}
