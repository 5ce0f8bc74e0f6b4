/** The plan for people, in at most 100 columns. */
import { columns } from "../columns.js";
import { amountText, bytesText, counted, groupedDigits, percentText, secondsText } from "../numbers.js";
import type { Plan } from "./types.js";
import { exampleText, memoryNotes, sizeText, workNotes } from "./wording.js";

const WIDTH = 100;

/** Several lines, each ended by a line feed. */
export function planText(plan: Plan): string {
  return [
    ...wrapped(`${plan.name}${plan.summary === "" ? "" : `: ${plan.summary}`}`, ""),
    "",
    ...section("search space", spaceLines(plan)),
    ...section("adapter parameters", parameterLines(plan)),
    ...section(`backbone ${plan.backbone.name}`, backboneLines(plan)),
    ...section(`FLOPs of a super-network step of ${counted(plan.step.batch, "example")}`, flopsLines(plan)),
    ...section("memory of the super-network, trained and scored (estimate)", memoryLines(plan)),
    ...section("work (at most)", workLines(plan)),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

const section = (title: string, lines: readonly string[]): string[] => [title, ...lines.map((line) => `  ${line}`), ""];

/** A text in lines of the width left by its section, broken at spaces; the second and later lines are indented. */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > WIDTH - 2) {
      lines.push(line);
      line = indent + word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function spaceLines(plan: Plan): string[] {
  const figures = columns(
    plan.targets.map(({ modules, decisions, ranks, smallest, largest }) => [
      `${counted(modules, "module")}${decisions === modules ? "" : `, ${counted(decisions, "decision")}`}`,
      `ranks ${ranks.join(", ")}`,
      `${smallest === largest ? "" : `${groupedDigits(smallest)} to `}${counted(largest, "parameter")}`,
    ]),
  );
  return [
    ...plan.targets.flatMap(({ pattern }, index) => [...wrapped(pattern, "  "), `  ${figures[index]}`]),
    ...wrapped(
      `${groupedDigits(plan.space.modules)} modules, ${counted(plan.space.decisions, "decision")}: ${sizeText(plan)}`,
      "  ",
    ),
  ];
}

function parameterLines({ adapterParameters: size }: Plan): string[] {
  const rank = size.uniformRankAtBudget;
  return columns(
    [
      [
        "budget",
        groupedDigits(size.budget),
        `${percentText(size.budgetShare)} of the backbone; written as ${size.budgetAsWritten}`,
      ],
      ["", "", rank === 0 ? "less than rank 1 on every module" : `rank ${rank} on every module fits`],
      ["smallest", groupedDigits(size.smallest), "every module at its smallest rank"],
      ["largest", groupedDigits(size.largest), "every module at its largest rank"],
    ],
    ["left", "right"],
  );
}

function backboneLines({ backbone: { parameters, parts } }: Plan): string[] {
  // What lies outside of all parts, such as an output layer.
  const rest = parts.reduce((left, part) => left - part.parameters, parameters);
  return columns(
    [
      ...parts.map((part) => [
        part.name,
        groupedDigits(part.parameters),
        `${part.targeted} of ${counted(part.modules, "linear module")} targeted`,
      ]),
      ...(rest > 0 ? [["other", groupedDigits(rest), ""]] : []),
      ["in all", groupedDigits(parameters), "frozen"],
    ],
    ["left", "right"],
  );
}

const RIGHT = Array<"right">(6).fill("right");

function flopsLines(plan: Plan): string[] {
  const { parts, all } = plan.step;
  return [
    ...columns(
      [
        ["", "forward", "backward", "adapters", "in all", "once"],
        ...[...parts, { ...all, part: "in all" }].map(
          ({ part, once, forward, backward, adapterForward, adapterBackward }) => {
            const adapters = adapterForward + adapterBackward;
            return [
              part,
              ...[forward, backward, adapters, forward + backward + adapters, once].map((flops) => amountText(flops)),
            ];
          },
        ),
      ],
      ["left", ...RIGHT],
    ),
    ...wrapped("once: what no adapter changes, computed when an example is seen first, and kept", ""),
    ...wrapped(exampleText(plan), ""),
  ];
}

function memoryLines(plan: Plan): string[] {
  const { memory } = plan;
  return [
    ...columns(
      memoryNotes(plan).map(([what, bytes, note]) => [what, bytes === null ? "?" : bytesText(bytes), note]),
      ["left", "right"],
    ),
    ...columns(
      [
        ["", "weights", "as held", "kept for backward"],
        ...memory.parts.map(({ part, weightsBytes, heldWeightsBytes, keptBytes }) => [
          part,
          ...[weightsBytes, heldWeightsBytes, keptBytes].map(bytesText),
        ]),
      ],
      ["left", ...RIGHT],
    ).map((line) => `  ${line}`),
    `${bytesText(memory.totalBytes)} in all${memory.limitBytes === null ? "" : `; the spec allows ${bytesText(memory.limitBytes)}`}`,
    ...(memory.limitBytes !== null && memory.totalBytes > memory.limitBytes
      ? ["The estimate is above what the spec allows."]
      : []),
  ];
}

function workLines(plan: Plan): string[] {
  const amount = (count: number | null) => (count === null ? "?" : count === 0 ? "" : groupedDigits(count));
  const total = plan.work.reduce((sum, { flops }) => sum + flops, 0);
  const time = (flops: number) => (plan.rate === null ? "" : secondsText(flops / plan.rate.flopsPerSecond));
  return [
    ...columns(
      [
        ["", "steps", "batch", "scored", "measured", "FLOPs", plan.rate === null ? "" : "time at least"],
        ...plan.work.map(({ stage, trainingSteps, batch, scoredExamples, measuredExamples, flops }) => [
          stage,
          amount(trainingSteps),
          trainingSteps === 0 ? "" : String(batch),
          amount(scoredExamples),
          amount(measuredExamples),
          amountText(flops),
          time(flops),
        ]),
        ["in all", "", "", "", "", amountText(total), time(total)],
      ],
      ["left", ...RIGHT],
    ),
    ...plan.work.flatMap(({ stage, detail }) => wrapped(`${stage}: ${detail}`, "  ")),
    ...workNotes(plan).flatMap((note) => wrapped(note, "")),
  ];
}
