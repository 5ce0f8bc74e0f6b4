/** Whether the searched ranks still win when every arm has the same total cost, the search included. */
import { summarize } from "../../search/index.js";
import { corrected, difference, type MeasuredArm, PAIRS_FOR_A_CLAIM, type SplitTokens } from "./differences.js";
import { plainArm } from "./plain-arm.js";
import type { Arm, Difference, EqualCostLine, EqualCostTable } from "./types.js";
import { listed, withInterval } from "./verdict.js";

/** A line with the losses of single examples, where they were kept. */
export interface MeasuredCostLine extends EqualCostLine {
  readonly arm: MeasuredArm;
}

/** The table. The searched ranks come last in `lines`; `choices`: among how many finalists validation chose them. */
export function equalCostTable(
  lines: readonly MeasuredCostLine[],
  tokens: SplitTokens,
  choices: number,
): EqualCostTable {
  const searched = lines.at(-1)!.arm;
  return {
    lines: lines.map(({ arm, choosing, steps, extraSteps }) => ({ arm: plainArm(arm), choosing, steps, extraSteps })),
    differences: corrected(
      lines.slice(0, -1).flatMap(({ arm }) => difference(searched, arm, "test", tokens, choices) ?? []),
    ),
  };
}

/** The sentences on it: against uniform where it is among the rivals, otherwise against each; then who is worse for it. `plain`: the arms as they are. */
export function aboutEqualCost(table: EqualCostTable | null, plain: readonly Arm[]): string[] {
  if (table === null) return [];
  const uniform = table.differences.filter(({ against }) => against === "uniform");
  const rows = uniform.length > 0 ? uniform : table.differences;
  return [...rows.map((row) => sentence(row, table)), ...aboutOvertraining(table, plain)];
}

/** More steps need not be a gain: an arm that they made worse is no stronger rival than the plain one. */
function aboutOvertraining({ lines }: EqualCostTable, plain: readonly Arm[]): string[] {
  const mean = (values: readonly number[]) => summarize(values).mean;
  const worse = lines.flatMap(({ arm, extraSteps }) => {
    const before = plain.find(({ name }) => name === arm.name);
    if (before === undefined || extraSteps === 0) return [];
    const splits = (["validation", "test"] as const).map((split) => {
      const [from, to] = [mean(before[`${split}Loss`]), mean(arm[`${split}Loss`])];
      return { rises: to > from, text: `${split} ${from.toFixed(4)} to ${to.toFixed(4)}` };
    });
    return splits.some(({ rises }) => rises) ? [`${arm.name} (${splits.map(({ text }) => text).join(", ")})`] : [];
  });
  if (worse.length === 0) return [];
  return [
    `The bought steps raised the mean validation or test loss of ${listed(worse)}: more training can overtrain an arm, and its plain row is then the stronger one.`,
  ];
}

function sentence(row: Difference, { lines }: EqualCostTable): string {
  const extra = lines.find(({ arm }) => arm.name === row.against)?.extraSteps ?? 0;
  const own = lines.at(-1)!.extraSteps;
  const longer =
    extra > own
      ? ` (${row.against} trained for ${extra - own} steps more)`
      : own > extra
        ? ` (the searched ranks trained for ${own - extra} steps more)`
        : "";
  const figures = `test loss ${withInterval(row)}`;
  if (row.seeds < PAIRS_FOR_A_CLAIM)
    return `At equal total cost, the search included${longer}, the searched ranks minus ${row.against}: ${figures}; a claim needs ${PAIRS_FOR_A_CLAIM} seeds or more.`;
  if (!row.told)
    return `At equal total cost, the search included${longer}, the searched ranks are not told from ${row.against}: ${figures}.`;
  return row.mean < 0
    ? `At equal total cost, the search included${longer}, the searched ranks still beat ${row.against}: ${figures}.`
    : `At equal total cost, the search included${longer}, ${row.against} beats the searched ranks: ${figures}.`;
}
