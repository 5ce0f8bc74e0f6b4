/** What the process that tries one engine on one device tells the one that started it, part by part. */

/** Sent as soon as it is known: a process that dies later has said this much. */
export type DeviceMessage =
  | {
      readonly said: "opened";
      readonly version: string;
      readonly description: string;
      readonly notices: readonly string[];
    }
  | { readonly said: "absent"; readonly reason: string; readonly remedy: string | null }
  | { readonly said: "calibrated"; readonly stepMilliseconds: number; readonly difference: number }
  | { readonly said: "rate"; readonly flopsPerSecond: number }
  | { readonly said: "short rate"; readonly precision: string; readonly flopsPerSecond: number | null }
  /** Measuring failed; what was sent before holds. */
  | { readonly said: "failed"; readonly reason: string }
  | { readonly said: "done" };

/** Losses of a few steps may part from the reference's by this share of each; an engine that parts more is not chosen by `auto`. */
export const TOLERATED_DIFFERENCE = 1e-4;

/** An engine on a device, as `lnasc doctor` found it. */
export type DeviceReport =
  | { readonly device: string; readonly available: false; readonly reason: string; readonly remedy: string | null }
  | {
      readonly device: string;
      readonly available: true;
      readonly version: string;
      readonly description: string;
      readonly notices: readonly string[];
      /** Null when nothing was measured; `problem` then says why, unless nobody asked. */
      readonly measured: DeviceMeasurement | null;
      readonly problem: string | null;
    };

export interface DeviceMeasurement {
  /** Of the calibration step, see runtime/training/calibration.ts. */
  readonly stepMilliseconds: number;
  /** Largest |loss - reference| / |reference|. */
  readonly difference: number;
  readonly agrees: boolean;
  /** Products of f32 matrices; null when that was not measured any more. */
  readonly f32FlopsPerSecond: number | null;
  /** Products of bf16 matrices; null where the device has none. */
  readonly bf16FlopsPerSecond: number | null;
}
