/** `backbone vlm = mllama { weights folder("…") }`: which model, and what it looks like. */
import type { Item, Option, Value } from "../../grammar/index.js";
import type { BackboneDescription } from "../../runtime/models/backbone.js";
import { suggestion } from "../diagnostics/nearest.js";
import type { CompilerHost } from "../host.js";
import type { BackboneIR } from "../ir/types.js";
import { folderOf, joinPath, relativePath } from "../paths.js";
import { argumentsOf } from "./calls.js";
import type { Binding, Context, Scope } from "./context.js";
import { optionsByName, refuseBlock, refuseUnknown } from "./fields.js";

type BackboneItem = Extract<Item, { kind: "backbone" }>;
export interface CheckedBackbone {
  readonly ir: BackboneIR;
  readonly description: BackboneDescription;
}

const OPTIONS = ["family", "config", "weights"] as const;
const FAMILIES = ["mllama"] as const;

/** An option and the file it stands in: paths are relative to that file. */
interface Placed {
  readonly option: Option;
  readonly scope: Scope;
}

/** Checks a backbone and reads its `config.json`; undefined after a report. */
export function checkBackbone(context: Context, item: BackboneItem, host: CompilerHost): CheckedBackbone | undefined {
  const binding = context.scope.names.get(item.base.text);
  if (binding?.kind === "unavailable" || (binding === undefined && context.scope.damaged)) return undefined;
  if (binding?.kind !== "backboneRecord") {
    const records = [...context.scope.names].filter(([, { kind }]) => kind === "backboneRecord").map(([name]) => name);
    context.report("LNAS1108", item.base.span, {
      name: item.base.text,
      what: "a backbone",
      hint: suggestion(item.base.text, records, 'Import one: `import { mllama } from "std:backbones"`.'),
    });
    return undefined;
  }
  const options = overridden(context, item, binding);
  const family = familyOf(context, item, options.get("family"));
  const weights = weightsOf(context, item, options.get("weights"));
  const config = configText(context, item, host, options.get("config"), weights);
  if (family === undefined || weights === undefined || config === undefined) return undefined;
  try {
    const description = host.describeBackbone(JSON.parse(config.text), config.path);
    return {
      ir: { name: item.name.text, family, weights: weights.ir, parameters: description.parameters },
      description,
    };
  } catch (error) {
    context.report("LNAS1302", weights.value.span, {
      path: config.path,
      problem: error instanceof SyntaxError ? "it is no JSON" : (error as Error).message,
    });
    return undefined;
  }
}

/** The record's options, replaced by those of the block. */
function overridden(
  context: Context,
  item: BackboneItem,
  binding: Extract<Binding, { kind: "backboneRecord" }>,
): Map<string, Placed> {
  const found = new Map<string, Placed>();
  for (const [scope, options] of [
    [binding.scope, binding.record.block.options],
    [context.scope, item.block?.options ?? []],
  ] as const) {
    const there = context.in(scope);
    const named = optionsByName(there, options);
    refuseUnknown(there, named.values(), OPTIONS, item.base.text);
    for (const [name, option] of named) found.set(name, { option, scope });
  }
  return found;
}

function familyOf(context: Context, item: BackboneItem, placed: Placed | undefined): BackboneIR["family"] | undefined {
  if (placed === undefined) {
    context.report("LNAS1205", item.base.span, { where: item.base.text, option: `family ${FAMILIES[0]}` });
    return undefined;
  }
  const { value } = placed.option;
  const family = FAMILIES.find((known) => value?.kind === "name" && value.name === known);
  refuseBlock(context.in(placed.scope), placed.option, "family");
  if (family === undefined)
    context
      .in(placed.scope)
      .report("LNAS1204", placed.option.span, { option: "family", expected: `one of ${FAMILIES.join(", ")}` });
  return family;
}

interface Weights {
  readonly ir: BackboneIR["weights"];
  readonly value: Value;
  /** Of the config.json beside the weights; undefined for weights on the Hub. */
  readonly folder: string | undefined;
}

function weightsOf(context: Context, item: BackboneItem, placed: Placed | undefined): Weights | undefined {
  if (placed === undefined) {
    context.report("LNAS1303", item.name.span, { name: item.name.text });
    return undefined;
  }
  const there = context.in(placed.scope);
  const value = placed.option.value === null ? null : there.resolve(placed.option.value);
  refuseBlock(there, placed.option, "weights");
  const [path] = argumentsOf(there, value, "folder", [null]) ?? [];
  if (value !== null && path?.kind === "string" && path.value !== "") {
    const folder = joinPath(folderOf(placed.scope.file), path.value);
    const relative = relativePath(folderOf(context.scope.file), folder);
    return { ir: { kind: "folder", path: relative }, value, folder };
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
      value,
      folder: undefined,
    };
  there.report("LNAS1204", (value ?? placed.option).span, {
    option: "weights",
    expected: 'folder("path") or hub("owner/name", revision: "…")',
  });
  return undefined;
}

function configText(
  context: Context,
  item: BackboneItem,
  host: CompilerHost,
  given: Placed | undefined,
  weights: Weights | undefined,
): { readonly text: string; readonly path: string } | undefined {
  if (weights?.folder !== undefined) {
    const path = `${weights.folder}/config.json`;
    const text = host.readText(path);
    if (text === undefined) context.report("LNAS1301", weights.value.span, { path });
    return text === undefined ? undefined : { text, path };
  }
  if (weights === undefined) return undefined;
  const value = given?.option.value;
  if (given === undefined || value?.kind !== "string") {
    context.report("LNAS1303", item.name.span, { name: item.name.text });
    return undefined;
  }
  refuseBlock(context.in(given.scope), given.option, "config");
  const path = given.scope.standard ? value.value : joinPath(folderOf(given.scope.file), value.value);
  const text = given.scope.standard ? host.readStandard(path) : host.readText(path);
  if (text === undefined) context.in(given.scope).report("LNAS1301", value.span, { path });
  return text === undefined ? undefined : { text, path };
}
