/** `dataset digits { train messages("…") … }`: one source for each of the four roles data play. */
import type { Item, Option } from "../../grammar/index.js";
import type { DatasetIR, MessagesIR } from "../ir/types.js";
import { folderOf, joinPath, relativePath } from "../paths.js";
import { argumentsOf } from "./calls.js";
import type { Context } from "./context.js";
import { optionsByName, refuseBlock, refuseUnknown } from "./fields.js";

type DatasetItem = Extract<Item, { kind: "dataset" }>;
export const SPLITS = ["train", "reward", "validation", "test"] as const;

/** Checks a dataset; undefined after a report. */
export function checkDataset(context: Context, { name, block }: DatasetItem): DatasetIR | undefined {
  const options = optionsByName(context, block.options);
  refuseUnknown(context, options.values(), [...SPLITS, ...DIVISION], `dataset ${name.text}`);
  const divided = block.options.find((option) => DIVISION.includes(option.name.text));
  if (divided !== undefined)
    context.report("LNAS1206", divided.span, {
      construct: "dividing one source into splits",
      remedy: 'Give each split a file of its own: `train messages("train.jsonl")`, and so on.',
    });
  const splits: Partial<Record<(typeof SPLITS)[number], MessagesIR>> = {};
  for (const split of SPLITS) {
    const option = options.get(split);
    if (option === undefined && divided !== undefined) continue;
    if (option === undefined) {
      context.report("LNAS1205", name.span, { where: `dataset ${name.text}`, option: `${split} messages("….jsonl")` });
      continue;
    }
    const source = messagesOf(context, option);
    if (source === undefined)
      context.report("LNAS1204", (option.value ?? option).span, { option: split, expected: 'messages("path.jsonl")' });
    else splits[split] = source;
  }
  const { train, reward, validation, test } = splits;
  if (train === undefined || reward === undefined || validation === undefined || test === undefined) return undefined;
  return { name: name.text, splits: { train, reward, validation, test } };
}

function messagesOf(context: Context, option: Option): MessagesIR | undefined {
  const [path] = argumentsOf(context, option.value, "messages", [null]) ?? [];
  if (path?.kind !== "string" || path.value === "") return undefined;
  refuseBlock(context, option, "messages");
  const folder = folderOf(context.scope.file);
  return { kind: "messages", path: relativePath(folder, joinPath(folder, path.value)) };
}

/** `source messages("all.jsonl")` and `split train 90%, …`: planned, so refused by name. */
const DIVISION = ["source", "split"];
