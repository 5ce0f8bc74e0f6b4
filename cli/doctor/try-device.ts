/**
 * The process in which `lnasc doctor` opens one engine on one device and measures it: native code that crashes takes no other with it.
 *
 *   node try-device.js <engine> <device> <precisions beside f32, comma-separated> <measure|look>
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineUnavailableError, type Executor, engineVersion, openExecutor } from "../../runtime/executors/index.js";
import { measureRate, PRODUCTS, rateWeight } from "../../runtime/executors/rate.js";
import { UserError } from "../../runtime/formats/errors.js";
import { openSafetensors } from "../../runtime/formats/safetensors.js";
import { calibrate } from "../../runtime/training/calibration.js";
import type { DeviceMessage } from "./device-report.js";

const [engine = "", device = "", precisions = "", doing] = process.argv.slice(2);

const say = (message: DeviceMessage): void => {
  process.send?.(message);
};

/** Multiplications a second below which large matrices would take too long. */
const SLOW = 5e9;
/** Of the calibration's step, roughly. */
const STEP_FLOPS = 2e9;

/** So wide that no engine takes the weights for so few that they may as well be f32. */
const WIDTH = 2304;

/** What `lnasc doctor` shows of any error: one line. */
const line = (error: unknown): string => (error as Error).message.split("\n")[0]!;

try {
  const executor = await opened();
  if (executor !== undefined && doing === "measure") await measure(executor);
} catch (error) {
  say({ said: "failed", reason: line(error) });
}
say({ said: "done" });
// Engines may keep threads.
process.disconnect?.();
process.exit();

async function opened(): Promise<Executor | undefined> {
  const notices: string[] = [];
  try {
    const executor = await openExecutor(engine, { device, notice: (message) => notices.push(message) });
    say({ said: "opened", version: await engineVersion(engine), description: executor.description, notices });
    return executor;
  } catch (error) {
    if (!(error instanceof EngineUnavailableError)) throw error;
    say({ said: "absent", reason: line(error), remedy: error.remedy });
    return undefined;
  }
}

async function measure(executor: Executor): Promise<void> {
  const { stepMilliseconds, difference } = await calibrate(executor, { milliseconds: 700 });
  say({ said: "calibrated", stepMilliseconds, difference });
  const slow = (1000 * STEP_FLOPS) / stepMilliseconds < SLOW;
  const size = slow ? { rows: 64, width: 128, milliseconds: 200 } : { milliseconds: 400 };
  say({ said: "rate", flopsPerSecond: await measureRate(executor, size) });
  for (const precision of precisions.split(",").filter((name) => name !== ""))
    say({ said: "short rate", precision, flopsPerSecond: await shortRate(precision) });
}

/** The rate in a precision of products; null where the engine does not have it on this device. */
async function shortRate(precision: string): Promise<number | null> {
  const executor = await openExecutor(engine, { device, settings: { precision } }).catch((error: unknown) => {
    if (error instanceof UserError) return null;
    throw error;
  });
  if (executor === null) return null;
  const folder = mkdtempSync(join(tmpdir(), "lnas-rate-"));
  try {
    const weights = openSafetensors(writeBf16(join(folder, "w.safetensors"), WIDTH));
    return await measureRate(executor, { rows: 128, width: WIDTH, milliseconds: 400, weights });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes square matrices of bf16, all of their values 1 / 2048; returns the file's path. */
function writeBf16(file: string, width: number): string {
  const bytes = 2 * width * width;
  const header = JSON.stringify(
    Object.fromEntries(
      Array.from({ length: PRODUCTS }, (_, index) => [
        rateWeight(index),
        { dtype: "BF16", shape: [width, width], data_offsets: [index * bytes, (index + 1) * bytes] },
      ]),
    ),
  );
  const text = Buffer.from(header.padEnd(Math.ceil(header.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const matrix = Buffer.from(new Uint16Array(width * width).fill(0x3a00).buffer);
  const handle = openSync(file, "w");
  try {
    for (const part of [length, text, ...Array<Buffer>(PRODUCTS).fill(matrix)]) writeSync(handle, part);
  } finally {
    closeSync(handle);
  }
  return file;
}
