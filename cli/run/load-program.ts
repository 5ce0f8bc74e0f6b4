/** From a program's text to its experiment: transpiled, and imported as the module it is. */
import * as nodeModule from "node:module";
import { pathToFileURL } from "node:url";
import { transpileProgram } from "../../compiler/emit/index.js";
import type { ExperimentDefinition } from "../../runtime/experiment/api.js";
import type { Architecture } from "../../runtime/search/types.js";
import { initialize, load, type ProgramHookData, resolve } from "./program-hooks.js";

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
  hook(data);
  const module = (await import(data.programUrl)) as { readonly default?: ExperimentDefinition<Architecture> };
  if (typeof module.default?.program !== "function") throw new TypeError(`${file} does not export an experiment`);
  return module.default;
}

/** Hooks on this thread, which Node has from 22.15 on; they replace those on a loader thread, which Node 26 deprecates. */
const { registerHooks } = nodeModule as {
  readonly registerHooks?: (hooks: { readonly resolve: unknown; readonly load: unknown }) => unknown;
};
let hooked = false;

function hook(data: ProgramHookData): void {
  if (registerHooks === undefined) {
    nodeModule.register("./program-hooks.js", { parentURL: import.meta.url, data });
    return;
  }
  initialize(data);
  if (!hooked) registerHooks({ resolve, load });
  hooked = true;
}
