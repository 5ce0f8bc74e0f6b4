/** A record at the top of a file, checked by itself: a mistake in it is told even where nothing starts from it. */
import type { NamedItem, RecordDeclaration, RecordKind } from "../../grammar/index.js";
import type { CompilerHost } from "../host.js";
import { BACKBONE_OPTIONS } from "./backbone.js";
import type { Context } from "./context.js";
import { DATASET_OPTIONS } from "./dataset.js";
import { optionsByName, refuseUnknown } from "./fields.js";
import { TRAINING } from "./options.js";
import { resolved } from "./records.js";
import { checkSearch } from "./search.js";
import { readTraining } from "./training.js";

/** Checks a record by itself, as far as one can be: a backbone or a data set may be completed where it is used. */
export function checkRecord(
  context: Context,
  record: RecordDeclaration,
  controllers: CompilerHost["controllers"],
): void {
  const whole = resolved(context, record);
  if (whole === undefined) return;
  const { block, root } = whole;
  if (record.of !== "search") checkBlock(context, { kind: record.of, name: record.name, block });
  else if (root === null)
    context.report("LNAS1205", record.name.span, { where: `search ${record.name.text}`, option: "= <controller>" });
  else checkSearch(whole.context, { controller: root, block }, controllers, undefined);
}

/** Checks what stands in a block by itself: not that it is complete. */
export function checkBlock(
  context: Context,
  { kind, name, block }: Pick<NamedItem<Exclude<RecordKind, "search">>, "kind" | "name" | "block">,
): void {
  const where = `${kind} ${name.text}`;
  const options = () => optionsByName(context, block?.options ?? []).values();
  if (kind === "backbone") refuseUnknown(context, options(), BACKBONE_OPTIONS, where);
  if (kind === "dataset") refuseUnknown(context, options(), DATASET_OPTIONS, where);
  if (kind === "train") readTraining(context, block, where, name, TRAINING);
}
