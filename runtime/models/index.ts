/** Backbones from Hugging Face's `config.json` and weights. A family is a row in `families.ts`, one in `describe.ts`, and one here once it has a graph. */
import { join } from "node:path";
import { UserError } from "../formats/errors.js";
import { readJsonFile } from "../formats/json-file.js";
import { openWeights } from "../formats/safetensors.js";
import type { Backbone, BackboneArchitecture } from "./backbone.js";
import { namedWeights } from "./checkpoint-names.js";
import { type FromConfig, familyNames, familyOf } from "./describe.js";
import { hasGraph, type RunnableFamily } from "./families.js";
import { mllama } from "./mllama/index.js";

export { backboneOutline, describeConfig } from "./describe.js";

/** How each family that runs computes. */
const ARCHITECTURES: { readonly [F in RunnableFamily]: FromConfig<BackboneArchitecture> } = { mllama };

/**
 * The architecture of a parsed `config.json`: graph and parameter shapes, no weights. `place` is for messages.
 * Throws a `UserError` also for a family that is described only.
 */
export function backboneArchitecture(json: unknown, place = "config.json"): BackboneArchitecture {
  const family = familyOf(json, place);
  if (!hasGraph(family))
    throw new UserError(`models of the family ${family} can be checked and planned, but not run yet`, {
      place,
      remedy: `Use a backbone of a family that runs: ${familyNames(hasGraph)}.`,
    });
  return ARCHITECTURES[family](json, place);
}

/**
 * Opens a Hugging Face folder with `config.json` and safetensors weights. Reads headers only.
 * Throws a `UserError` when a file is missing or damaged, the family cannot be run, or weights and configuration do not fit.
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
