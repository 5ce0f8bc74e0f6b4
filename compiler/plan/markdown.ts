/** The plan for a pull request. */
import { amountText, bytesText, counted, groupedDigits, percentText, secondsText } from "../numbers.js";
import type { Plan } from "./types.js";
import { exampleText, memoryNotes, sizeText, workNotes } from "./wording.js";

/** One section for the experiment: what matters for a decision, the rest folded. */
export function planMarkdown(plan: Plan): string {
  const { adapterParameters: size, backbone, memory, step, work, rate } = plan;
  const total = work.reduce((sum, { flops }) => sum + flops, 0);
  const time = (flops: number) => (rate === null ? "" : secondsText(flops / rate.flopsPerSecond));
  const over = memory.limitBytes !== null && memory.totalBytes > memory.limitBytes;
  const limit =
    memory.limitBytes === null ? "" : ` of ${bytesText(memory.limitBytes)} allowed${over ? ": **too much**" : ""}`;
  return [
    `### ${cell(plan.name)}`,
    "",
    ...(plan.summary === "" ? [] : [cell(plan.summary), ""]),
    ...table(
      ["", ""],
      [
        [
          "search space",
          `${counted(plan.space.modules, "module")}, ${counted(plan.space.decisions, "decision")}, ${sizeText(plan)}`,
        ],
        [
          "adapter parameters",
          `at most ${groupedDigits(size.budget)} (${percentText(size.budgetShare)} of the backbone); ${groupedDigits(size.smallest)} to ${groupedDigits(size.largest)} possible`,
        ],
        ["backbone", `${groupedDigits(backbone.parameters)} parameters`],
        ["memory (estimate)", `${bytesText(memory.totalBytes)}${limit}`],
        ["work (at most)", `${amountText(total, "FLOP")}${rate === null ? "" : `, at least ${time(total)}`}`],
      ],
    ),
    "",
    ...folded("Targets", [
      ...table(
        ["modules", "count", "decisions", "ranks", "parameters"],
        plan.targets.map(({ pattern, modules, decisions, ranks, smallest, largest }) => [
          `\`${pattern}\``,
          groupedDigits(modules),
          groupedDigits(decisions),
          ranks.join(", "),
          `${groupedDigits(smallest)} to ${groupedDigits(largest)}`,
        ]),
      ),
    ]),
    ...folded(`FLOPs of a step of ${counted(step.batch, "example")}`, [
      ...table(
        ["part", "forward", "backward", "adapters", "once"],
        [...step.parts, { ...step.all, part: "in all" }].map((row) => [
          row.part,
          ...[row.forward, row.backward, row.adapterForward + row.adapterBackward, row.once].map((flops) =>
            amountText(flops),
          ),
        ]),
      ),
      "",
      cell(exampleText(plan)),
    ]),
    ...folded("Memory", [
      ...table(
        ["", "", ""],
        memoryNotes(plan).map(([what, bytes, note]) => [what, bytes === null ? "?" : bytesText(bytes), note]),
      ),
    ]),
    ...folded("Work", [
      ...table(
        ["stage", "steps", "scored", "measured", "FLOPs", "time at least", ""],
        work.map(({ stage, detail, trainingSteps, batch, scoredExamples, measuredExamples, flops }) => [
          stage,
          trainingSteps === 0 ? "" : `${groupedDigits(trainingSteps)} of ${batch}`,
          scoredExamples === 0 ? "" : groupedDigits(scoredExamples),
          measuredExamples === null ? "?" : measuredExamples === 0 ? "" : groupedDigits(measuredExamples),
          amountText(flops),
          time(flops),
          detail,
        ]),
      ),
      "",
      ...workNotes(plan),
    ]),
  ]
    .join("\n")
    .concat("\n");
}

/** A text that stays within its cell and means nothing to Markdown or HTML. */
const cell = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("|", "\\|").replaceAll("\n", " ");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)];
}

const folded = (title: string, lines: readonly string[]): string[] => [
  `<details><summary>${title}</summary>`,
  "",
  ...lines,
  "",
  "</details>",
  "",
];
