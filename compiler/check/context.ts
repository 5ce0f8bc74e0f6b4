/** What every check shares: the file it speaks of, where reports go, and the names in scope. */
import type { BackboneRecord, Name, Span, Value } from "../../grammar/index.js";
import { type Diagnostic, diagnostic, type Label } from "../diagnostics/diagnostic.js";
import type { DiagnosticCode, ParametersOf } from "../diagnostics/table.js";

/** Something a name stands for, and the file that declares it. */
export type Binding =
  /** An import that failed and was reported: what depends on it says nothing more. */
  | { readonly kind: "unavailable"; readonly name: Name }
  | { readonly kind: "const"; readonly name: Name; readonly value: Value; readonly scope: Scope }
  | { readonly kind: "backboneRecord"; readonly name: Name; readonly record: BackboneRecord; readonly scope: Scope };

/** The names of one file, imports included. `folder` is where its relative paths start. */
export interface Scope {
  readonly file: string;
  readonly standard: boolean;
  readonly names: Map<string, Binding>;
}

/** The means of a check: reporting at a span of this file, and looking up names as this file sees them. */
export class Context {
  constructor(
    readonly scope: Scope,
    private readonly diagnostics: Diagnostic[],
  ) {}

  report<C extends DiagnosticCode>(
    code: C,
    span: Span,
    parameters: ParametersOf<C>,
    labels: readonly Label[] = [],
  ): void {
    this.diagnostics.push(diagnostic(code, { file: this.scope.file, span }, parameters, labels));
  }

  label(text: string, span: Span): Label {
    return { text, place: { file: this.scope.file, span } };
  }

  /** Whether a value hangs on an import that failed, so that a further report would only be its echo. */
  isUnavailable(value: Value): boolean {
    const found = this.resolve(value);
    return found.kind === "name" && this.scope.names.get(found.name)?.kind === "unavailable";
  }

  /** The same reports, spoken of another file. */
  in(scope: Scope): Context {
    return new Context(scope, this.diagnostics);
  }

  /** Follows names of constants to what they stand for; a name that is no constant stays itself. Constants cannot refer to themselves: each sees only what is declared. */
  resolve(value: Value): Value {
    let found = value;
    for (let steps = 0; steps < 32 && found.kind === "name"; steps++) {
      const binding = this.scope.names.get(found.name);
      if (binding?.kind !== "const") return found;
      found = { ...binding.value, span: value.span };
    }
    return found;
  }
}
