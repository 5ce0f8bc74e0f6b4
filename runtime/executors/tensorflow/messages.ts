/** What the engine and its worker say to each other. */
import type { HostTensor } from "../../graph/types.js";

/** By the kind of a call: what it takes and what it gives. */
export interface Calls {
  /** Loads the addon at a path. */
  open: { readonly takes: { readonly addon: string }; readonly gives: Library };
  /** Loads the SavedModel in a folder; gives its number. */
  load: { readonly takes: { readonly folder: string }; readonly gives: number };
  run: { readonly takes: RunRequest; readonly gives: readonly HostTensor[] };
  drop: { readonly takes: { readonly model: number }; readonly gives: null };
  held: { readonly takes: Record<string, never>; readonly gives: Held };
}

export interface Library {
  readonly version: string;
  /** Whether it computes on a GPU. */
  readonly gpu: boolean;
}

export interface RunRequest {
  readonly model: number;
  readonly feeds: readonly (HostTensor & { readonly placeholder: string })[];
  /** Values by the names of their nodes. */
  readonly fetches: readonly string[];
}

/** What the addon holds at the moment; tests look for leaks. */
export interface Held {
  readonly tensors: number;
  readonly models: number;
}

export type Kind = keyof Calls;

/** `id`: the answer has the same. */
export interface Request<K extends Kind = Kind> {
  readonly id: number;
  readonly kind: K;
  readonly takes: Calls[K]["takes"];
}

export type Answer =
  | { readonly id: number; readonly gives: Calls[Kind]["gives"] }
  | { readonly id: number; readonly failed: string };
