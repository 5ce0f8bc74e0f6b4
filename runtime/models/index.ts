/** Backbone families, by the `model_type` of their `config.json`. A new family is one more row, here and in describe.ts. */
import { join } from "node:path";
import { readJsonFile } from "../formats/json-file.js";
import { openWeights } from "../formats/safetensors.js";
import type { Backbone, BackboneArchitecture } from "./backbone.js";
import { namedWeights } from "./checkpoint-names.js";
import { familyOf } from "./describe.js";
import { mllama } from "./mllama/index.js";

export { describeConfig } from "./describe.js";

/** From a parsed `config.json`; throws a `UserError` that names `place` when it is wrong or not supported. */
export type BackboneFamily = (json: unknown, place: string) => BackboneArchitecture;

export const BACKBONE_FAMILIES: Readonly<Record<string, BackboneFamily>> = { mllama };

/** The architecture of a parsed `config.json`: graph and parameter shapes, no weights. `place` is for messages. */
export function backboneArchitecture(json: unknown, place = "config.json"): BackboneArchitecture {
  return familyOf(json, BACKBONE_FAMILIES, place)(json, place);
}

/**
 * Opens a Hugging Face folder with `config.json` and safetensors weights. Reads headers only.
 * Throws a `UserError` when a file is missing or damaged, the family is not supported, or weights and configuration do not fit.
 */
export function openBackbone(folder: string): Backbone {
  const place = join(folder, "config.json");
  const config = readJsonFile(place);
  const architecture = backboneArchitecture(config, place);
  const { parameterShapes, canonicalName } = architecture;
  return {
    ...architecture,
    folder,
    config,
    weights: namedWeights(folder, openWeights(folder), parameterShapes, canonicalName),
  };
}
