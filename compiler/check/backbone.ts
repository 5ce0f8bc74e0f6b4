/** `backbone vlm = mllama { weights folder("…") }`: which model, and what it looks like. */
import type { Name, Option, OptionBlock, Value } from "../../grammar/index.js";
import type { BackboneDescription } from "../../runtime/models/backbone.js";
import type { CompilerHost } from "../host.js";
import type { BackboneIR } from "../ir/types.js";
import { folderOf, joinPath, relativePath } from "../paths.js";
import { argumentsOf } from "./calls.js";
import type { Context } from "./context.js";
import { misspelt, optionsByName, refuseBlock, refuseUnknown } from "./fields.js";

/** A backbone with the record it starts from in place. */
interface BackboneItem {
  readonly name: Name;
  readonly block: OptionBlock | null;
}
export interface CheckedBackbone {
  readonly ir: BackboneIR;
  readonly description: BackboneDescription;
}

/** Options of a backbone, with what is said of them. */
export const BACKBONE_OPTIONS = ["family", "config", "weights"] as const;
/** How a backbone may compute. */
export const FAMILIES = ["mllama"] as const;

/** A description and the text it was made from. */
interface Described {
  readonly text: string;
  readonly description: BackboneDescription;
}
/** Descriptions by path: experiments of a file, and versions of it in an editor, share theirs as long as the text is the same. */
const descriptions = new WeakMap<CompilerHost["describeBackbone"], Map<string, Described>>();

function described({ describeBackbone }: CompilerHost, { path, text }: Config): BackboneDescription {
  const known = descriptions.get(describeBackbone) ?? new Map<string, Described>();
  descriptions.set(describeBackbone, known);
  const before = known.get(path);
  if (before?.text === text) return before.description;
  const description = describeBackbone(JSON.parse(text), path);
  known.set(path, { text, description });
  return description;
}

/** Checks a backbone and reads its `config.json`; undefined after a report. */
export function checkBackbone(context: Context, item: BackboneItem, host: CompilerHost): CheckedBackbone | undefined {
  const options = optionsByName(context, item.block?.options ?? []);
  refuseUnknown(context, options.values(), BACKBONE_OPTIONS, `backbone ${item.name.text}`);
  const meant = misspelt(options.values(), BACKBONE_OPTIONS);
  if (BACKBONE_OPTIONS.some((name) => meant.has(name) && !options.has(name))) return undefined;
  const family = familyOf(context, item, options.get("family"));
  const weights = weightsOf(context, item, options.get("weights"));
  const config = configText(context, item, host, options.get("config"), weights);
  if (family === undefined || weights === undefined || config === undefined) return undefined;
  try {
    const description = described(host, config);
    return {
      ir: { name: item.name.text, family, weights: weights.ir, parameters: description.parameters },
      description,
    };
  } catch (error) {
    context.at(weights.option).report("LNAS1302", weights.value.span, {
      path: config.path,
      problem: error instanceof SyntaxError ? "it is no JSON" : (error as Error).message,
    });
    return undefined;
  }
}

function familyOf(context: Context, item: BackboneItem, option: Option | undefined): BackboneIR["family"] | undefined {
  const { name } = item;
  if (option === undefined) {
    context.at(item).report("LNAS1205", name.span, { where: `backbone ${name.text}`, option: `family ${FAMILIES[0]}` });
    return undefined;
  }
  const { value } = option;
  const family = FAMILIES.find((known) => value?.kind === "name" && value.name === known);
  refuseBlock(context, option, "family");
  if (family === undefined)
    context.at(option).report("LNAS1204", option.span, { option: "family", expected: `one of ${FAMILIES.join(", ")}` });
  return family;
}

/** A `config.json` as it was read. */
interface Config {
  readonly text: string;
  readonly path: string;
}

interface Weights {
  readonly ir: BackboneIR["weights"];
  readonly option: Option;
  readonly value: Value;
  /** Of the config.json beside the weights; undefined for weights on the Hub. */
  readonly folder: string | undefined;
}

function weightsOf(context: Context, item: BackboneItem, option: Option | undefined): Weights | undefined {
  if (option === undefined) {
    context.at(item).report("LNAS1303", item.name.span, { name: item.name.text });
    return undefined;
  }
  const there = context.at(option);
  const value = option.value === null ? null : there.resolve(option.value);
  refuseBlock(there, option, "weights");
  const [path] = argumentsOf(there, value, "folder", [null]) ?? [];
  if (value !== null && path?.kind === "string" && path.value !== "") {
    const folder = joinPath(folderOf(there.scope.file), path.value);
    const relative = relativePath(folderOf(context.scope.file), folder);
    return { ir: { kind: "folder", path: relative }, option, value, folder };
  }
  const [repository, revision] = argumentsOf(there, value, "hub", [null, "revision"]) ?? [];
  if (
    value !== null &&
    repository?.kind === "string" &&
    revision?.kind === "string" &&
    repository.value &&
    revision.value
  )
    return {
      ir: { kind: "hub", repository: repository.value, revision: revision.value },
      option,
      value,
      folder: undefined,
    };
  there.report("LNAS1204", (value ?? option).span, {
    option: "weights",
    expected: 'folder("path") or hub("owner/name", revision: "…")',
  });
  return undefined;
}

function configText(
  context: Context,
  item: BackboneItem,
  host: CompilerHost,
  given: Option | undefined,
  weights: Weights | undefined,
): Config | undefined {
  if (weights?.folder !== undefined) {
    const path = `${weights.folder}/config.json`;
    const text = host.readText(path);
    if (text === undefined) context.at(weights.option).report("LNAS1301", weights.value.span, { path });
    return text === undefined ? undefined : { text, path };
  }
  if (weights === undefined) return undefined;
  const value = given?.value;
  if (given === undefined || value?.kind !== "string") {
    context.at(item).report("LNAS1303", item.name.span, { name: item.name.text });
    return undefined;
  }
  refuseBlock(context, given, "config");
  const { scope } = context.at(given);
  const path = scope.standard ? value.value : joinPath(folderOf(scope.file), value.value);
  const text = scope.standard ? host.readStandard(path) : host.readText(path);
  if (text === undefined) context.at(given).report("LNAS1301", value.span, { path });
  return text === undefined ? undefined : { text, path };
}
