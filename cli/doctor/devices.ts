/** Every engine on every device, each tried by a process of its own, one after the other so that none slows another down. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type EngineRow, engineRows } from "../../runtime/executors/index.js";
import {
  type DeviceMeasurement,
  type DeviceMessage,
  type DeviceReport,
  TOLERATED_DIFFERENCE,
} from "./device-report.js";

/** An engine with all its devices. */
export interface EngineExamination {
  readonly name: string;
  /** Whether it opens on one device at least. */
  readonly available: boolean;
  readonly threads: number;
  readonly devices: readonly DeviceReport[];
  /** Of the first device that opens. */
  readonly version?: string;
  /** Why the first device does not open, when none does. */
  readonly reason?: string;
}

export interface TryOptions {
  /** Measure what opens; else it is only opened. */
  readonly measure: boolean;
  /** Time for one device, in milliseconds; a process that takes longer is ended, and what it said by then counts. */
  readonly limitMs?: number;
  readonly onBegin?: (engine: string, device: string) => void;
  readonly rows?: readonly EngineRow[];
  /** What is run for a device; tests name programs that crash or hang. */
  readonly program?: string;
}

const TRY_DEVICE = fileURLToPath(new URL("./try-device.js", import.meta.url));
const LIMIT_MS = 25_000;

/** Tries all of the table of engines. Never rejects for what an engine does. */
export async function tryEngines({ rows = engineRows(), ...options }: TryOptions): Promise<EngineExamination[]> {
  const examined: EngineExamination[] = [];
  for (const row of rows) {
    const devices: DeviceReport[] = [];
    for (const device of row.devices) {
      options.onBegin?.(row.name, device);
      devices.push(await tryDevice(row, device, options));
    }
    const first = devices.find((report) => report.available);
    const [absent] = devices;
    examined.push({
      name: row.name,
      available: first !== undefined,
      threads: row.threads,
      devices,
      ...(first?.available === true ? { version: first.version } : {}),
      ...(first === undefined && absent?.available === false ? { reason: absent.reason } : {}),
    });
  }
  return examined;
}

/** Lines of an ended process's standard error that may say why. */
const LAST_WORDS = 400;

async function tryDevice(
  { name, precisions }: EngineRow,
  device: string,
  { measure, limitMs = LIMIT_MS, program = TRY_DEVICE }: TryOptions,
): Promise<DeviceReport> {
  const messages: DeviceMessage[] = [];
  let words = "";
  let late = false;
  const ended = await new Promise<string>((resolve) => {
    const child = fork(program, [name, device, precisions.join(","), measure ? "measure" : "look"], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: [],
    });
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, limitMs);
    child.on("message", (message) => messages.push(message as DeviceMessage));
    child.stderr?.on("data", (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-LAST_WORDS);
    });
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve(signal === null ? `ended with status ${code}` : `was ended by ${signal}`);
    });
  });
  const finished = messages.some(({ said }) => said === "done");
  const crashed = `the process that tried it ${ended}${words.trim() === "" ? "" : `: ${words.trim().split("\n").at(-1)}`}`;
  const why = finished ? undefined : late ? `it took longer than ${limitMs / 1000} s` : crashed;
  return reportOf(device, messages, measure, why);
}

const of = <Said extends DeviceMessage["said"]>(messages: readonly DeviceMessage[], said: Said) =>
  messages.find((message): message is Extract<DeviceMessage, { said: Said }> => message.said === said);

/** The report of what a process said; `why`: what became of it when it did not finish. */
function reportOf(
  device: string,
  messages: readonly DeviceMessage[],
  asked: boolean,
  why: string | undefined,
): DeviceReport {
  const opened = of(messages, "opened");
  const failed = of(messages, "failed")?.reason;
  if (opened === undefined) {
    const absent = of(messages, "absent");
    const reason = absent?.reason ?? failed ?? why ?? "it does not open";
    return { device, available: false, reason, remedy: absent?.remedy ?? null };
  }
  const calibrated = of(messages, "calibrated");
  const bf16 = messages.find((message) => message.said === "short rate" && message.precision === "bf16");
  const measured: DeviceMeasurement | null =
    calibrated === undefined
      ? null
      : {
          stepMilliseconds: calibrated.stepMilliseconds,
          difference: calibrated.difference,
          agrees: calibrated.difference <= TOLERATED_DIFFERENCE,
          f32FlopsPerSecond: of(messages, "rate")?.flopsPerSecond ?? null,
          bf16FlopsPerSecond: bf16?.said === "short rate" ? bf16.flopsPerSecond : null,
        };
  const { version, description, notices } = opened;
  return {
    device,
    available: true,
    version,
    description,
    notices,
    measured,
    problem: asked ? (failed ?? why ?? null) : null,
  };
}
