/** What of TensorFlow is installed and loads, for `lnasc doctor`. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { checkLibrary, chooseInstallation, doesNotLoad } from "./library.js";
import type { Library } from "./messages.js";

const SCRIPT =
  "const b = require(process.argv[1]); console.log(JSON.stringify({ version: b.TF_Version, gpu: b.isUsingGpuDevice() }));";

/**
 * Its version and variant. Rejects with an `EngineUnavailableError` as opening the engine does. The library is loaded in another process: it
 * keeps for good the settings it is loaded with, and one that is damaged, or built for other processors, ends the process it is in.
 */
export async function probeLibrary(): Promise<string> {
  const installation = chooseInstallation(undefined);
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" };
  const asked = await promisify(execFile)(process.execPath, ["-e", SCRIPT, installation.addon], { env }).catch(
    (cause: Error & { readonly signal?: string; readonly stderr?: string }) => {
      const said = cause.stderr
        ?.split("\n")
        .find((line) => line.startsWith("Error: "))
        ?.slice("Error: ".length);
      throw doesNotLoad(
        installation,
        new Error(said ?? (cause.signal ? `it ended with ${cause.signal}` : cause.message)),
      );
    },
  );
  const library = JSON.parse(asked.stdout) as Library;
  checkLibrary(installation, library, undefined);
  return `${library.version}, ${library.gpu ? "GPU" : "CPU"}`;
}
