/**
 * Backbones from Hugging Face's `config.json`. A new family is a row in `families.ts` and one here: in `OUTLINES`, and in `ARCHITECTURES` once
 * it has a graph.
 */
import { join } from "node:path";
import { UserError } from "../formats/errors.js";
import { asRecord, readJsonFile } from "../formats/json-file.js";
import { openWeights } from "../formats/safetensors.js";
import type { Backbone, BackboneArchitecture, BackboneDescription, BackboneOutline } from "./backbone.js";
import { namedWeights } from "./checkpoint-names.js";
import { type FamilyName, familyOfModelType, familyTable, hasGraph, type RunnableFamily } from "./families.js";
import { idefics3 } from "./idefics3/index.js";
import { llava } from "./llava/index.js";
import { mllama } from "./mllama/index.js";
import { qwen2vl } from "./qwen2_vl/index.js";

/** From a parsed `config.json`; throws a `UserError` that names `place` when it is wrong or not supported. */
type FromConfig<T> = (json: unknown, place: string) => T;

/** What each family is made of. */
const OUTLINES: { readonly [F in FamilyName]: FromConfig<BackboneOutline> } = {
  mllama,
  idefics3,
  llava,
  qwen2_vl: qwen2vl,
};
/** How each family that runs computes. */
const ARCHITECTURES: { readonly [F in RunnableFamily]: FromConfig<BackboneArchitecture> } = { mllama };

/** Modules and parameter shapes of a parsed `config.json`, of any family. `place` is for messages. */
export function backboneOutline(json: unknown, place = "config.json"): BackboneOutline {
  return OUTLINES[familyOf(json, place)](json, place);
}

/** Modules, parts and parameter counts from a parsed `config.json`. Throws as `backboneOutline`. */
export function describeConfig(json: unknown, place = "config.json"): BackboneDescription {
  return backboneOutline(json, place).description;
}

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

function familyOf(json: unknown, place: string): FamilyName {
  const type = asRecord(json)?.model_type;
  const family = familyOfModelType(type);
  if (family === undefined)
    throw new UserError(`model_type is ${JSON.stringify(type)}, which is not a supported backbone family`, {
      place,
      remedy: `Use a backbone of one of these families: ${familyNames()}.`,
    });
  return family;
}

const familyNames = (isMeant: (family: FamilyName) => boolean = () => true): string =>
  (Object.keys(familyTable) as FamilyName[]).filter(isMeant).join(", ");

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
