/** The table of `lnasc run --sweep`. */
import { columns } from "../../compiler/columns.js";
import { runsView } from "../../runtime/experiment/report/runs-view.js";
import type { RunsReport } from "../../runtime/experiment/report/several.js";

/** Limit, parameters used and test loss of every arm by experiment, what each says of itself, and how far the ranks agree. */
export function sweepTable(report: RunsReport): string {
  const { arms, experiments, sentences, over } = runsView(report);
  const rows = experiments ?? [];
  const several = report.experiments.some(({ seeds }) => seeds.length > 1);
  const left = ["left"] as const;
  return [
    `test loss (± standard deviation over ${over})`,
    ...columns(
      [
        ["experiment", ...(several ? ["seeds"] : []), "at most", "parameters", ...arms, "time"],
        ...rows.map(({ label, seeds, limit, parameters, losses, time }) => [
          label,
          ...(several ? [seeds] : []),
          limit,
          parameters,
          ...losses,
          time,
        ]),
      ],
      [...left, ...Array<"right">(arms.length + (several ? 3 : 2)).fill("right"), "left"],
    ),
    "",
    ...rows.map(({ label, headline }) => `${label}: ${headline}`),
    "",
    ...sentences,
  ]
    .join("\n")
    .concat("\n");
}
