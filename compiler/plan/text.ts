/** The plan for people. */
import { columns } from "../columns.js";
import { bytesText, counted, groupedDigits, percentText } from "../numbers.js";
import type { Plan } from "./plan.js";

/** Several lines, each ended by a line feed. */
export function planText(plan: Plan): string {
  return [
    `${plan.name}${plan.summary === "" ? "" : `: ${plan.summary}`}`,
    "",
    ...section("search space", [
      ...columns(
        plan.targets.map(({ pattern, modules, decisions, ranks, parametersPerRank }) => [
          pattern,
          counted(modules, "module"),
          decisions === modules ? "" : `${groupedDigits(decisions)} decisions`,
          `ranks ${ranks.join(", ")}`,
          `${groupedDigits(parametersPerRank)} parameters a rank`,
        ]),
      ),
      `${groupedDigits(plan.space.modules)} modules, ${counted(plan.space.decisions, "decision")}: ${sizeText(plan)} architectures`,
    ]),
    ...section("adapter parameters", parameterLines(plan)),
    ...section(`backbone ${plan.backbone.name}`, backboneLines(plan)),
    ...section("memory of super-network training (estimate)", memoryLines(plan)),
    ...section(
      "work",
      columns(
        plan.work.map(({ stage, detail, trainingSteps, batch, scoredExamples }) => [
          stage,
          trainingSteps === 0 ? "" : `${groupedDigits(trainingSteps)} steps of ${batch}`,
          scoredExamples === 0 ? "" : `${groupedDigits(scoredExamples)} examples scored`,
          detail,
        ]),
      ),
    ),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

const section = (title: string, lines: readonly string[]): string[] => [title, ...lines.map((line) => `  ${line}`), ""];

/** All digits while they can be read; beyond, the power of ten. */
function sizeText({ space }: Plan): string {
  return space.size.length <= 12 ? groupedDigits(BigInt(space.size)) : `about 10^${space.log10Size.toFixed(1)}`;
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

function memoryLines({ memory }: Plan): string[] {
  const over = memory.limitBytes !== null && memory.totalBytes > memory.limitBytes;
  return [
    ...columns([
      ["weights", bytesText(memory.weightsBytes), "backbone in f32"],
      ["state", bytesText(memory.stateBytes), "largest adapter: values, gradients, AdamW moments"],
      memory.activationsBytes === null
        ? ["activations", "?", "not known: data or tokenizer cannot be read"]
        : ["activations", bytesText(memory.activationsBytes), "kept for the backward pass of one step"],
    ]),
    `${bytesText(memory.totalBytes)} in all${memory.limitBytes === null ? "" : `; the spec allows ${bytesText(memory.limitBytes)}`}`,
    ...(over ? ["The estimate is above what the spec allows."] : []),
  ];
}
