/** Backbone families, by the `model_type` of their `config.json`. A new family is one more row. */
import { join } from "node:path";
import { UserError } from "../formats/errors.js";
import { asRecord, readJsonFile } from "../formats/json-file.js";
import { openWeights } from "../formats/safetensors.js";
import type { Backbone, BackboneArchitecture, BackboneDescription } from "./backbone.js";
import { namedWeights } from "./checkpoint-names.js";
import { mllama } from "./mllama/index.js";

/** From a parsed `config.json`; throws a `UserError` that names `place` when it is wrong or not supported. */
export type BackboneFamily = (json: unknown, place: string) => BackboneArchitecture;

export const BACKBONE_FAMILIES: Readonly<Record<string, BackboneFamily>> = { mllama };

/** The architecture of a parsed `config.json`: graph and parameter shapes, no weights. `place` is for messages. */
export function backboneArchitecture(json: unknown, place = "config.json"): BackboneArchitecture {
  const type = asRecord(json)?.model_type;
  const family =
    typeof type === "string" && Object.hasOwn(BACKBONE_FAMILIES, type) ? BACKBONE_FAMILIES[type] : undefined;
  if (family === undefined)
    throw new UserError(`model_type is ${JSON.stringify(type)}, which is not a supported backbone family`, {
      place,
      remedy: `Use a backbone of one of these families: ${Object.keys(BACKBONE_FAMILIES).join(", ")}.`,
    });
  return family(json, place);
}

/** Modules, parts and parameter counts from a parsed `config.json`. Throws as `backboneArchitecture`. */
export function describeConfig(json: unknown, place = "config.json"): BackboneDescription {
  return backboneArchitecture(json, place).description;
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
