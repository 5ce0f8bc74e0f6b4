/** A diff for people, for pull requests and for scripts. */
import { LineIndex } from "../../grammar/index.js";
import type { TextOf } from "../diagnostics/render.js";
import { counted } from "../numbers.js";
import { CATEGORIES, type Change } from "./change.js";
import type { ExperimentDiff } from "./index.js";

/** `spec.lnas:7`; empty where it is not known. */
function placeText({ place }: Change, textOf: TextOf): string {
  if (place === undefined) return "";
  const text = textOf(place.file);
  return text === undefined ? place.file : `${place.file}:${new LineIndex(text).position(place.span.start).line}`;
}

/** Whether runs of both versions can be held against one another, and why not. */
export function comparability({ before, after, changes }: ExperimentDiff): string {
  if (before === undefined || after === undefined) return "";
  if (changes.length === 0) return "no change of meaning";
  const reasons = [...new Set(changes.filter(({ severity }) => severity === "breaking").map(({ rule }) => rule))];
  if (reasons.length > 0)
    return `results are not comparable with runs of the old spec: ${reasons.join(", ").replaceAll("-", " ")} changed`;
  return changes.some(({ severity }) => severity === "warning")
    ? "another search; its results can be held against runs of the old spec"
    : "the same search; results stay what they are";
}

const titleOf = ({ before, after }: ExperimentDiff): string => {
  const [old, now] = [before?.ir.name, after?.ir.name];
  return old === undefined || now === undefined || old === now ? (now ?? old)! : `${old} → ${now}`;
};

/** Changes by category, in the order of the table of categories. */
const byCategory = (changes: readonly Change[]) =>
  CATEGORIES.map((category) => ({ category, found: changes.filter((change) => change.category === category) })).filter(
    ({ found }) => found.length > 0,
  );

/** For terminals. `textOf` gives the new version's texts. */
export function diffText(diffs: readonly ExperimentDiff[], textOf: TextOf): string {
  if (diffs.length === 0) return "no experiments\n";
  return diffs
    .map((diff) =>
      [
        titleOf(diff),
        ...byCategory(diff.changes).flatMap(({ category, found }) => [
          `  ${category}`,
          ...found.flatMap((change) => [
            `    ${change.severity.padEnd(8)}  ${change.message}  (${[change.rule, placeText(change, textOf)].filter((text) => text !== "").join(", ")})`,
            ...(change.consequence === undefined ? [] : [`              ${change.consequence}`]),
          ]),
        ]),
        ...(comparability(diff) === "" ? [] : [`  ${comparability(diff)}`]),
        "",
      ].join("\n"),
    )
    .join("\n");
}

/** For a comment on a pull request. */
export function diffMarkdown(diffs: readonly ExperimentDiff[], textOf: TextOf): string {
  const changed = diffs.filter(({ changes }) => changes.length > 0);
  if (changed.length === 0) return "**lnas**: no change of meaning\n";
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  return [
    `**lnas**: ${counted(changed.length, "experiment")} changed`,
    "",
    ...changed.flatMap((diff) => [
      `### ${cell(titleOf(diff))}`,
      "",
      "| | category | change | consequence | where |",
      "|---|---|---|---|---|",
      ...byCategory(diff.changes).flatMap(({ category, found }) =>
        found.map(
          (change) =>
            `| ${change.severity} | ${category} | ${cell(change.message)} | ${cell(change.consequence ?? "")} | ${cell(placeText(change, textOf))} |`,
        ),
      ),
      "",
      ...(comparability(diff) === "" ? [] : [`_${comparability(diff)}_`, ""]),
    ]),
  ].join("\n");
}

/** For scripts; schemas/diff.schema.json describes it. */
export function diffJson(diffs: readonly ExperimentDiff[], textOf: TextOf): object {
  return {
    version: 1,
    experiments: diffs.map((diff) => ({
      before: diff.before === undefined ? null : { name: diff.before.ir.name, irHash: diff.before.irHash },
      after: diff.after === undefined ? null : { name: diff.after.ir.name, irHash: diff.after.irHash },
      comparability: comparability(diff),
      changes: diff.changes.map((change) => ({
        rule: change.rule,
        category: change.category,
        severity: change.severity,
        message: change.message,
        consequence: change.consequence ?? null,
        where: placeText(change, textOf) || null,
      })),
    })),
  };
}
