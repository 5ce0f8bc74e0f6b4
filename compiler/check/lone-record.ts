/** A record at the top of a file, checked by itself: a mistake in it is told even where nothing starts from it. */
import type { RecordDeclaration } from "../../grammar/index.js";
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
  const where = `${record.of} ${record.name.text}`;
  const { block, root } = whole;
  if (record.of === "backbone")
    refuseUnknown(context, optionsByName(context, block?.options ?? []).values(), BACKBONE_OPTIONS, where);
  if (record.of === "dataset")
    refuseUnknown(context, optionsByName(context, block?.options ?? []).values(), DATASET_OPTIONS, where);
  if (record.of === "train") readTraining(context, block, where, record.name, TRAINING);
  if (record.of === "search") {
    if (root === null) context.report("LNAS1205", record.name.span, { where, option: "= <controller>" });
    else checkSearch(whole.context, { controller: root, block }, controllers);
  }
}
