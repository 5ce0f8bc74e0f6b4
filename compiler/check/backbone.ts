/** `backbone vlm = mllama { weights folder("…") }`: which model, and what it looks like. */
import type { Name, Option, OptionBlock, Value } from "../../grammar/index.js";
import type { BackboneDescription } from "../../runtime/models/backbone.js";
import { FAMILIES, FAMILY_NAMES, RUNNABLE_FAMILIES } from "../families.js";
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
  /** Text of its `config.json`. */
  readonly config: string;
}

/** Options of a backbone, with what is said of them. */
export const BACKBONE_OPTIONS = ["family", "config", "weights"] as const;

/** A description and the text it was made from. */
interface Described {
  readonly text: string;
  readonly description: BackboneDescription;
}
/** Descriptions by path: experiments of a file, and versions of it in an editor, share theirs as long as the text is the same. */
const descriptions = new WeakMap<CompilerHost["describeBackbone"], Map<string, Described>>();

function described({ describeBackbone }: CompilerHost, { path, text }: ConfigFile): BackboneDescription {
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
  const description = describe(context, host, config, weights);
  if (description === undefined) return undefined;
  if (description.family !== family) {
    const option = options.get("family")!;
    context
      .at(weights.option)
      .report("LNAS1305", weights.value.span, { path: config.path, found: description.family, family }, [
        context.at(option).label("the family is given here", option.span),
      ]);
    return undefined;
  }
  if (!FAMILIES[family].runs)
    context.at(item).report("LNAS1304", item.name.span, { family, runnable: RUNNABLE_FAMILIES.join(", ") });
  return {
    ir: { name: item.name.text, family, weights: weights.ir, parameters: description.parameters },
    description,
    config: config.text,
  };
}

/** What the config says; undefined after a report. */
function describe(
  context: Context,
  host: CompilerHost,
  config: ConfigFile,
  weights: Weights,
): BackboneDescription | undefined {
  try {
    return described(host, config);
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
    context
      .at(item)
      .report("LNAS1205", name.span, { where: `backbone ${name.text}`, option: `family ${FAMILY_NAMES[0]}` });
    return undefined;
  }
  const { value } = option;
  const family = FAMILY_NAMES.find((known) => value?.kind === "name" && value.name === known);
  refuseBlock(context, option, "family");
  if (family === undefined)
    context
      .at(option)
      .report("LNAS1204", option.span, { option: "family", expected: `one of ${FAMILY_NAMES.join(", ")}` });
  return family;
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

/** A `config.json` as it was read. */
interface ConfigFile {
  readonly text: string;
  readonly path: string;
}

/** The config that counts: the one in the weights folder, else the one that `config` names. */
function configText(
  context: Context,
  item: BackboneItem,
  host: CompilerHost,
  given: Option | undefined,
  weights: Weights | undefined,
): ConfigFile | undefined {
  if (weights === undefined) return undefined;
  const here = weights.folder === undefined ? undefined : readConfig(host, `${weights.folder}/config.json`);
  if (here !== undefined && !describesAnother(context, host, here, given, weights)) return here;
  if (here !== undefined) return undefined;
  if (given === undefined && weights.folder !== undefined) {
    const path = `${weights.folder}/config.json`;
    context.at(weights.option).report("LNAS1301", weights.value.span, { path });
    return undefined;
  }
  const file = given && givenConfig(context, host, given);
  if (given === undefined || file === undefined) {
    context.at(item).report("LNAS1303", item.name.span, { name: item.name.text });
    return undefined;
  }
  if (file.text === undefined) context.at(given).report("LNAS1301", given.value!.span, { path: file.path });
  return file.text === undefined ? undefined : { text: file.text, path: file.path };
}

function readConfig(host: CompilerHost, path: string): ConfigFile | undefined {
  const text = host.readText(path);
  return text === undefined ? undefined : { text, path };
}

/** The file that `config` names; undefined where it names none. */
function givenConfig(context: Context, host: CompilerHost, option: Option) {
  const { value } = option;
  if (value?.kind !== "string") return undefined;
  refuseBlock(context, option, "config");
  const { scope } = context.at(option);
  const path = scope.standard ? value.value : joinPath(folderOf(scope.file), value.value);
  return { path, text: scope.standard ? host.readStandard(path) : host.readText(path) };
}

/** Whether the config that a spec names has other modules than the one in the weights folder: one of the two is of another model. Reported. */
function describesAnother(
  context: Context,
  host: CompilerHost,
  here: ConfigFile,
  option: Option | undefined,
  weights: Weights,
): boolean {
  const given = option && givenConfig(context, host, option);
  if (option === undefined || given?.text === undefined) return false;
  const modulesOf = (file: ConfigFile) => {
    try {
      return JSON.stringify(described(host, file).modules);
    } catch {
      return undefined;
    }
  };
  const [found, expected] = [modulesOf(here), modulesOf({ ...given, text: given.text })];
  // A config that cannot be read is told where it is used.
  if (found === undefined || expected === undefined || found === expected) return false;
  context
    .at(weights.option)
    .report("LNAS1306", weights.value.span, { path: here.path, config: given.path }, [
      context.at(option).label("the other model is named here", option.span),
    ]);
  return true;
}
