/** What a backbone looks like, from its `config.json` alone: all that a compiler needs, without the graphs. A new family is one more row. */
import { UserError } from "../formats/errors.js";
import { asRecord } from "../formats/json-file.js";
import type { BackboneDescription } from "./backbone.js";
import { parseMllamaConfig } from "./mllama/config.js";
import { describeMllama } from "./mllama/description.js";

/** From a parsed `config.json`; throws a `UserError` that names `place` when it is wrong or not supported. */
type Describer = (json: unknown, place: string) => BackboneDescription;

/** By the `model_type` of the `config.json`. */
export const DESCRIBERS: Readonly<Record<string, Describer>> = {
  mllama: (json, place) => describeMllama(parseMllamaConfig(json, place)),
};

/** Modules, parts and parameter counts from a parsed `config.json`. Throws as the `Describer`. `place` is for messages. */
export function describeConfig(json: unknown, place = "config.json"): BackboneDescription {
  return familyOf(json, DESCRIBERS, place)(json, place);
}

/** The row of a table by `model_type` for a parsed `config.json`. Throws a `UserError` that names `place` when there is none. */
export function familyOf<Row>(json: unknown, table: Readonly<Record<string, Row>>, place: string): Row {
  const type = asRecord(json)?.model_type;
  const row = typeof type === "string" && Object.hasOwn(table, type) ? table[type] : undefined;
  if (row !== undefined) return row;
  throw new UserError(`model_type is ${JSON.stringify(type)}, which is not a supported backbone family`, {
    place,
    remedy: `Use a backbone of one of these families: ${Object.keys(table).join(", ")}.`,
  });
}
