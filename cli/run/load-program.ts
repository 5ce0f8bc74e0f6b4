/** From a program's text to its experiment: transpiled, and imported as the module it is. */
import { register } from "node:module";
import { pathToFileURL } from "node:url";
import { transpileProgram } from "../../compiler/emit/index.js";
import type { ExperimentDefinition } from "../../runtime/experiment/api.js";
import type { Architecture } from "../../runtime/search/types.js";
import type { ProgramHookData } from "./program-hooks.js";

/**
 * Imports a generated program and returns its default export. `file` is where the program lies or will lie: stack traces name it. The program's
 * `lnas/runtime` is the one this command itself uses, so that nothing has to be installed beside the program.
 */
export async function loadProgram(program: string, file: string): Promise<ExperimentDefinition<Architecture>> {
  const data: ProgramHookData = {
    programUrl: pathToFileURL(file).href,
    source: await transpileProgram(program, file),
    runtimeUrl: new URL("../../runtime/index.js", import.meta.url).href,
  };
  register("./program-hooks.js", { parentURL: import.meta.url, data });
  const module = (await import(data.programUrl)) as { readonly default?: ExperimentDefinition<Architecture> };
  if (typeof module.default?.program !== "function") throw new TypeError(`${file} does not export an experiment`);
  return module.default;
}
