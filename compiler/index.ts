/**
 * The compiler: from a spec to checked, canonical experiments. `modules.ts` reads files and imports, `check/` gives them meaning, `ir/`
 * is what comes out, `diagnostics/` is what is said on the way. `emit/` and `plan/` work on the IR and are loaded by themselves.
 */
import type { Span } from "../grammar/index.js";
import type { BackboneDescription } from "../runtime/models/backbone.js";
import { Context } from "./check/context.js";
import { checkExperiment } from "./check/experiment.js";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import type { CompilerHost } from "./host.js";
import { canonicalJson, hashIR } from "./ir/canonical.js";
import { irProblems } from "./ir/schema.js";
import type { ExperimentIR } from "./ir/types.js";
import { loadModules } from "./modules.js";

export type { Diagnostic, Label, Place } from "./diagnostics/diagnostic.js";
export { type DiagnosticJson, diagnosticsJson, type Paint, PLAIN, renderText } from "./diagnostics/render.js";
export { type DiagnosticCode, diagnosticTable, type Severity } from "./diagnostics/table.js";
export type { CompilerHost } from "./host.js";
export { canonicalJson, hashIR } from "./ir/canonical.js";
export { irProblems, irSchema } from "./ir/schema.js";
export type { ExperimentIR } from "./ir/types.js";

/** An experiment without errors. */
export interface Compiled {
  readonly ir: ExperimentIR;
  /** Canonical JSON of the IR. */
  readonly irText: string;
  /** SHA-256 of `irText`, hexadecimal. */
  readonly irHash: string;
  readonly backbone: BackboneDescription;
  /** Where the parts of the IR stand in the entry file, by JSON pointer. */
  readonly spans: Readonly<Record<string, Span>>;
}

export interface Compilation {
  /** Those experiments of the file that have no error. */
  readonly experiments: readonly Compiled[];
  /** In order of files and places. */
  readonly diagnostics: readonly Diagnostic[];
  /** Text of every file that was read, by the name diagnostics use. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Compiles a spec. Never throws for a mistake in it. */
export function compile(entry: string, host: CompilerHost): Compilation {
  const diagnostics: Diagnostic[] = [];
  const { entry: module, texts } = loadModules(entry, host, diagnostics);
  const experiments: Compiled[] = [];
  if (module !== undefined) {
    const context = new Context(module.scope, diagnostics);
    const names = new Map<string, Span>();
    if (module.experiments.length === 0 && diagnostics.length === 0)
      context.report("LNAS1110", { start: 0, end: Math.min(1, texts.get(entry)?.length ?? 0) }, {});
    for (const experiment of module.experiments) {
      const first = names.get(experiment.name.text);
      if (first !== undefined && experiment.name.text !== "")
        context.report("LNAS1107", experiment.name.span, { name: experiment.name.text }, [
          context.label("first declared here", first),
        ]);
      names.set(experiment.name.text, experiment.name.span);
      const before = diagnostics.length;
      const checked = checkExperiment(context, experiment, host);
      const sound = !diagnostics.some(
        ({ severity, place }, index) =>
          severity === "error" && (index >= before || (place.file === entry && isWithin(place.span, experiment.span))),
      );
      if (checked === undefined || !sound) continue;
      // The schema is the contract of IR files; what the checks let through must satisfy it.
      const [broken] = irProblems(checked.ir);
      if (broken !== undefined) throw new Error(`the compiler made an invalid IR: ${broken.problem}`);
      const { ir, description, spans } = checked;
      experiments.push({ ir, irText: canonicalJson(ir), irHash: hashIR(ir), backbone: description, spans });
    }
  }
  const sorted = [...diagnostics].sort((a, b) =>
    a.place.file === b.place.file ? a.place.span.start - b.place.span.start : a.place.file < b.place.file ? -1 : 1,
  );
  return { experiments, diagnostics: sorted, texts };
}

const isWithin = (inner: Span, outer: Span): boolean => inner.start >= outer.start && inner.end <= outer.end;
