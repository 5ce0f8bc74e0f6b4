/** One experiment of a spec, as the commands use it. */

import type { Written } from "../../compiler/index.js";
import type { ExperimentIR } from "../../compiler/ir/types.js";
import type { BackboneDescription } from "../../runtime/models/backbone.js";

export interface CompiledExperiment {
  readonly ir: ExperimentIR;
  /** SHA-256 of `irText`. */
  readonly irHash: string;
  /** The canonical IR as JSON. */
  readonly irText: string;
  readonly backbone: BackboneDescription;
  /** Text of its `config.json`. */
  readonly config: string;
  /** The wording of the spec. */
  readonly written: Written;
  /** Folder of the spec; relative paths are relative to it. */
  readonly specFolder: string;
}
