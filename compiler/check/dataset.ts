/** `dataset digits { train messages("…") … }`: one source for each of the four roles data play. */
import type { Item, Option } from "../../grammar/index.js";
import type { DatasetIR, MessagesIR } from "../ir/types.js";
import { folderOf, joinPath, relativePath } from "../paths.js";
import { argumentsOf } from "./calls.js";
import type { Context } from "./context.js";
import { misspelt, optionsByName, refuseBlock, refuseUnknown } from "./fields.js";

type DatasetItem = Pick<Extract<Item, { kind: "dataset" }>, "name" | "block">;
/** The roles data play. */
export const SPLITS = ["train", "reward", "validation", "test"] as const;
/** `source messages("all.jsonl")` and `split train 90%, …`: planned, so refused by name. */
const DIVISION = ["source", "split"];
/** Options of a data set. */
export const DATASET_OPTIONS: readonly string[] = [...SPLITS, ...DIVISION];

/** Checks a dataset; undefined after a report. */
export function checkDataset(context: Context, item: DatasetItem): DatasetIR | undefined {
  const { name, block } = item;
  const written = block?.options ?? [];
  const options = optionsByName(context, written);
  refuseUnknown(context, options.values(), DATASET_OPTIONS, `dataset ${name.text}`);
  const meant = misspelt(options.values(), DATASET_OPTIONS);
  const divided = written.find((option) => DIVISION.includes(option.name.text));
  if (divided !== undefined)
    context.at(divided).report("LNAS1206", divided.span, {
      construct: "dividing one source into splits",
      remedy: 'Give each split a file of its own: `train messages("train.jsonl")`, and so on.',
    });
  const splits: Partial<Record<(typeof SPLITS)[number], MessagesIR>> = {};
  for (const split of SPLITS) {
    const option = options.get(split);
    if (option === undefined && (divided !== undefined || meant.has(split))) continue;
    if (option === undefined) {
      context
        .at(item)
        .report("LNAS1205", name.span, { where: `dataset ${name.text}`, option: `${split} messages("….jsonl")` });
      continue;
    }
    const source = messagesOf(context, option);
    if (source === undefined)
      context
        .at(option)
        .report("LNAS1204", (option.value ?? option).span, { option: split, expected: 'messages("path.jsonl")' });
    else splits[split] = source;
  }
  const { train, reward, validation, test } = splits;
  if (train === undefined || reward === undefined || validation === undefined || test === undefined) return undefined;
  return { name: name.text, splits: { train, reward, validation, test } };
}

function messagesOf(context: Context, option: Option): MessagesIR | undefined {
  const there = context.at(option);
  const [file] = argumentsOf(there, option.value, "messages", [null]) ?? [];
  if (file?.kind !== "string" || file.value === "") return undefined;
  refuseBlock(context, option, "messages");
  const path = joinPath(folderOf(there.scope.file), file.value);
  return { kind: "messages", path: relativePath(folderOf(context.scope.file), path) };
}
