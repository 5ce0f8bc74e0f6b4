/** What `lnasc doctor` prints. */
import { columns } from "../../compiler/columns.js";
import { amountText, bytesText } from "../../compiler/numbers.js";
import type { DeviceReport } from "../doctor/device-report.js";
import type { EngineExamination } from "../doctor/devices.js";
import type { Examination } from "../examination.js";
import type { Colors } from "../terminal.js";

/** The examination as lines for a terminal. */
export function doctorText(examination: Examination, color: Colors): string {
  const { machine, engines, gpus, ranking, keptIn, problems } = examination;
  const opened = engines.flatMap((engine) =>
    engine.devices.flatMap((report) => (report.available ? [{ engine, report }] : [])),
  );
  const time = ({ report: { measured } }: (typeof opened)[number]) =>
    measured?.stepMilliseconds ?? Number.POSITIVE_INFINITY;
  const absent = engines.flatMap(({ name, devices }) =>
    devices.flatMap((report) => (report.available ? [] : [{ name, report }])),
  );
  const lines = [
    ...columns([
      ["lnas", machine.lnas],
      ["Node", machine.node],
      ["platform", machine.platform],
      ["processor", `${machine.cpu}, ${machine.processors} logical processors`],
      ["memory", `${bytesText(machine.memoryBytes)}, ${bytesText(examination.freeMemoryBytes)} free`],
      ["disk", `${bytesText(examination.freeDiskBytes)} free in ${examination.folder}`],
      ...(gpus.length === 0
        ? [["GPU", "none that nvidia-smi lists"]]
        : gpus.map(({ name, driver, memoryBytes }) => ["GPU", `${name}, ${bytesText(memoryBytes)}, driver ${driver}`])),
    ]),
    "",
    ranking.length > 0 ? "engines, the fastest first" : "engines",
    ...columns(
      // By time; those without one stay in their order.
      [...opened]
        .sort((a, b) => (time(a) === time(b) ? 0 : time(a) - time(b)))
        .map(({ engine, report }) => [`  ${color.green("ok")}`, ...figures(engine, report)]),
    ),
    ...absent.flatMap(({ name, report }) => absence(name, report, color)),
    ...choice(examination),
    ...(keptIn === null ? [] : [`kept in ${keptIn}`]),
    ...(problems.length === 0 ? [] : ["", ...problems.map((problem) => `${color.yellow("warning:")} ${problem}`)]),
  ];
  return `${lines.join("\n")}\n`;
}

type Opened = Extract<DeviceReport, { available: true }>;

function figures({ name, threads }: EngineExamination, { device, version, measured, problem }: Opened): string[] {
  const what = [`${name} ${device}`, version, `up to ${threads} ${threads === 1 ? "thread" : "threads"}`];
  if (measured === null) return problem === null ? what : [...what, `not measured: ${problem}`];
  const { stepMilliseconds, f32FlopsPerSecond, bf16FlopsPerSecond } = measured;
  const rate = (flops: number | null, otherwise: string) => (flops === null ? otherwise : `${amountText(flops)}FLOP/s`);
  return [
    ...what,
    `${stepMilliseconds < 100 ? stepMilliseconds.toPrecision(3) : stepMilliseconds.toFixed(0)} ms a step`,
    `f32 ${rate(f32FlopsPerSecond, "not measured")}`,
    `${bf16FlopsPerSecond === null ? "no bf16" : `bf16 ${rate(bf16FlopsPerSecond, "")}`}${problem === null ? "" : ` (${problem})`}`,
  ];
}

/** Drivers say whole paragraphs, what matters last. */
const LONGEST_REASON = 200;
const shortened = (reason: string): string =>
  reason.length <= LONGEST_REASON
    ? reason
    : `${reason.slice(0, LONGEST_REASON / 4)} … ${reason.slice(-LONGEST_REASON / 2)}`;

function absence(name: string, report: DeviceReport, color: Colors): string[] {
  if (report.available) return [];
  const { device, reason, remedy } = report;
  return [
    `  ${color.red("--")}  ${name} ${device}: ${shortened(reason)}`,
    ...(remedy === null ? [] : [`      ${color.cyan("remedy:")} ${remedy}`]),
  ];
}

function choice({ ranking, keptIn }: Examination): string[] {
  const [first, second] = ranking;
  if (first === undefined) return [];
  const ahead =
    second === undefined
      ? ""
      : `, ${(second.stepMilliseconds / first.stepMilliseconds).toFixed(1)} times as fast as ${second.engine} ${second.device}`;
  return ["", `${keptIn === null ? "fastest:" : "auto uses"} ${first.engine} on ${first.device}${ahead}`];
}
