/** The program of a compiled experiment, with the sentences of the controller table as comments. */
import { emitProgram } from "../../compiler/emit/index.js";
import { LNAS_VERSION } from "../../runtime/experiment/machine.js";
import { controllerTable } from "../../runtime/search/controllers/table.js";
import type { CompiledExperiment } from "./compiled-experiment.js";

/** The text of `<name>.search.ts` for a compiled experiment; the same experiment gives the same bytes. */
export function emitExperiment({ ir, irHash }: CompiledExperiment): Promise<string> {
  return emitProgram(ir, { irHash, version: LNAS_VERSION, controllers: controllerTable });
}
