/** What the engine and its thread say to each other: one answer for each request, in order. Plain data only. */
import type { TypedArray } from "../../graph/types.js";
import type { Feeds, Fetches } from "../executor.js";
import type { DeviceFailure } from "./device/failure.js";
import type { Device } from "./device/names.js";
import type { Program } from "./program.js";

/** What a thread is started with. */
export interface Start {
  readonly device: Device;
  readonly threads: number;
}

/** Request and answer of each kind. `program` numbers are handed out by `load`. */
export interface Calls {
  readonly open: { readonly ask: Record<never, never>; readonly answer: string };
  /** Answers with the weight that must come next, if any. */
  readonly load: {
    readonly ask: { readonly program: Program };
    readonly answer: { readonly program: number; readonly awaited: string | undefined };
  };
  readonly weight: {
    readonly ask: { readonly program: number; readonly values: Float32Array };
    readonly answer: string | undefined;
  };
  readonly run: { readonly ask: { readonly program: number; readonly feeds: Feeds }; readonly answer: Fetches };
  readonly readState: {
    readonly ask: { readonly program: number; readonly name: string };
    readonly answer: TypedArray;
  };
  readonly writeState: {
    readonly ask: { readonly program: number; readonly name: string; readonly data: TypedArray };
    readonly answer: null;
  };
  readonly dispose: { readonly ask: { readonly program: number }; readonly answer: null };
  /** How many tensors are alive, of all programs. */
  readonly tensors: { readonly ask: Record<never, never>; readonly answer: number };
}

export type CallName = keyof Calls;
export type Ask<Name extends CallName> = Calls[Name]["ask"];
export type Answer<Name extends CallName> = Calls[Name]["answer"];

/** A request as it is sent. */
export interface Request<Name extends CallName = CallName> {
  readonly call: Name;
  readonly ask: Ask<Name>;
}

/** A reply as it is sent. `bug`: the stack of an error that no user can cause. */
export type Reply =
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly kind: DeviceFailure["kind"]; readonly message: string };
