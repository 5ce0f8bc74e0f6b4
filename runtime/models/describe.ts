/** What a backbone looks like, from its `config.json` alone: all that a compiler needs, without the graphs. A new family is a row in `families.ts` and one here. */
import { UserError } from "../formats/errors.js";
import { asRecord } from "../formats/json-file.js";
import type { BackboneDescription, BackboneOutline } from "./backbone.js";
import { type FamilyName, familyOfModelType, familyTable } from "./families.js";
import { idefics3 } from "./idefics3/index.js";
import { llava } from "./llava/index.js";
import { parseMllamaConfig } from "./mllama/config.js";
import { describeMllama } from "./mllama/description.js";
import { mllamaParameterShapes } from "./mllama/parameters.js";
import { qwen2vl } from "./qwen2_vl/index.js";

/** From a parsed `config.json`; throws a `UserError` that names `place` when it is wrong or not supported. */
export type FromConfig<T> = (json: unknown, place: string) => T;

/** What each family is made of. */
const OUTLINES: { readonly [F in FamilyName]: FromConfig<BackboneOutline> } = {
  mllama: (json, place) => {
    const config = parseMllamaConfig(json, place);
    return { description: describeMllama(config), parameterShapes: mllamaParameterShapes(config) };
  },
  idefics3,
  llava,
  qwen2_vl: qwen2vl,
};

/** Modules and parameter shapes of a parsed `config.json`, of any family. `place` is for messages. */
export function backboneOutline(json: unknown, place = "config.json"): BackboneOutline {
  return OUTLINES[familyOf(json, place)](json, place);
}

/** Modules, parts and parameter counts from a parsed `config.json`. Throws as `backboneOutline`. */
export function describeConfig(json: unknown, place = "config.json"): BackboneDescription {
  return backboneOutline(json, place).description;
}

/** The family of a parsed `config.json`. Throws a `UserError` that names `place` when it is none of those known. */
export function familyOf(json: unknown, place: string): FamilyName {
  const type = asRecord(json)?.model_type;
  const family = familyOfModelType(type);
  if (family === undefined)
    throw new UserError(`model_type is ${JSON.stringify(type)}, which is not a supported backbone family`, {
      place,
      remedy: `Use a backbone of one of these families: ${familyNames()}.`,
    });
  return family;
}

/** Names of families, for messages. */
export function familyNames(isMeant: (family: FamilyName) => boolean = () => true): string {
  return (Object.keys(familyTable) as FamilyName[]).filter(isMeant).join(", ");
}
