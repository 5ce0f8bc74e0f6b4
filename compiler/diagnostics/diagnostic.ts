/** A diagnostic: one value from which text and JSON are made. */
import type { Span } from "../../grammar/index.js";
import { type DiagnosticCode, diagnosticTable, type ParametersOf, type Severity } from "./table.js";

/** A place in a file: offsets into its text, end exclusive. */
export interface Place {
  readonly file: string;
  readonly span: Span;
}
export interface Label {
  readonly place: Place;
  readonly text: string;
}
/** Text in place of a span; an empty span inserts. */
export interface Edit {
  readonly place: Place;
  readonly text: string;
}
/** A change of the spec that mends it. "safe": surely what was meant; "maybe": a proposal to look at. */
export interface Fix {
  readonly title: string;
  readonly applicability: "safe" | "maybe";
  readonly edits: readonly Edit[];
}
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  /** The remedy. */
  readonly help: string;
  readonly place: Place;
  /** Other places that matter, such as where something was declared first. */
  readonly labels: readonly Label[];
  readonly fixes: readonly Fix[];
}

const fill = (text: string, parameters: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in parameters ? String(parameters[name]) : whole));

/** Makes the diagnostic of a code. */
export function diagnostic<C extends DiagnosticCode>(
  code: C,
  place: Place,
  parameters: ParametersOf<C>,
  labels: readonly Label[] = [],
  fixes: readonly Fix[] = [],
): Diagnostic {
  const { severity, message, help } = diagnosticTable[code];
  return { code, severity, message: fill(message, parameters), help: fill(help, parameters), place, labels, fixes };
}
