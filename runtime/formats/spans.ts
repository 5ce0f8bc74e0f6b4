/** Spans of time that a profile listens to: who does something timed says so, and nothing is kept while nobody listens. */
import { channel } from "node:diagnostics_channel";

/** What the time went to. A step contains what its batch takes and its runs; data may contain runs of a frozen part. */
export type SpanKind = "step" | "compile" | "engine" | "data" | "checkpoint";

export interface Span {
  readonly kind: SpanKind;
  readonly name: string;
  /** `performance.now()` of this process, in milliseconds. */
  readonly start: number;
  readonly end: number;
}

const spans = channel("lnas:spans");

/** Does the work and says how long it took; also when it fails. */
export async function timed<T>(kind: SpanKind, name: string, work: () => T | Promise<T>): Promise<T> {
  if (!spans.hasSubscribers) return work();
  const start = performance.now();
  try {
    return await work();
  } finally {
    spans.publish({ kind, name, start, end: performance.now() } satisfies Span);
  }
}

/** Listens to the spans of this process from now on; returns what ends it. */
export function onSpans(listener: (span: Span) => void): () => void {
  const hear = (span: unknown): void => listener(span as Span);
  spans.subscribe(hear);
  return () => {
    spans.unsubscribe(hear);
  };
}
