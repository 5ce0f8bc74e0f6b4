/** What `lnasc doctor` prints. */
import { columns } from "../../compiler/columns.js";
import { bytesText } from "../../compiler/numbers.js";
import type { Examination } from "../examination.js";
import type { Colors } from "../terminal.js";

/** The examination as lines for a terminal. */
export function doctorText(examination: Examination, color: Colors): string {
  const { machine, engines, problems } = examination;
  const lines = [
    ...columns([
      ["lnas", machine.lnas],
      ["Node", machine.node],
      ["platform", machine.platform],
      ["processor", `${machine.cpu}, ${machine.processors} logical processors`],
      ["memory", `${bytesText(machine.memoryBytes)}, ${bytesText(examination.freeMemoryBytes)} free`],
      ["disk", `${bytesText(examination.freeDiskBytes)} free in ${examination.folder}`],
    ]),
    "",
    "engines",
    ...columns(
      engines.map((engine) => [
        `  ${engine.available ? color.green("ok") : color.red("--")}`,
        engine.name,
        engine.available
          ? `${engine.version}, up to ${engine.threads} ${engine.threads === 1 ? "thread" : "threads"}`
          : engine.reason,
      ]),
    ),
    ...(problems.length === 0 ? [] : ["", ...problems.map((problem) => `${color.yellow("warning:")} ${problem}`)]),
  ];
  return `${lines.join("\n")}\n`;
}
