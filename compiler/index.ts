/**
 * The compiler: from a spec to checked, canonical experiments. `modules.ts` reads files and imports, `check/` gives them meaning, `ir/`
 * is what comes out, `diagnostics/` is what is said on the way. `emit/` and `plan/` work on the IR and are loaded by themselves.
 */
import type { Span } from "../grammar/index.js";
import type { BackboneDescription } from "../runtime/models/backbone.js";
import { Context } from "./check/context.js";
import { checkExperiment } from "./check/experiment.js";
import { checkRecord } from "./check/lone-record.js";
import { type CheckedSweep, checkSweep } from "./check/sweep.js";
import { withAllowances } from "./diagnostics/allowances.js";
import type { Diagnostic, Place } from "./diagnostics/diagnostic.js";
import { type CompilerHost, readingOnce } from "./host.js";
import { canonicalJson, hashIR } from "./ir/canonical.js";
import { irProblems } from "./ir/problems.js";
import type { ExperimentIR } from "./ir/types.js";
import { lowerBound } from "./lower-bound.js";
import { type Loaded, loadModules } from "./modules.js";
import type { Written } from "./written.js";

export type { CheckedSweep } from "./check/sweep.js";
export type { Diagnostic, Edit, Fix, Label, Place } from "./diagnostics/diagnostic.js";
export { applySafeFixes } from "./diagnostics/fixes.js";
export { githubAnnotations } from "./diagnostics/github.js";
export { type DiagnosticJson, type DiagnosticsJson, diagnosticsJson } from "./diagnostics/json.js";
export { closest } from "./diagnostics/nearest.js";
export { type Paint, PLAIN, renderText, type TextOf } from "./diagnostics/render.js";
export { type SarifOptions, sarifLog } from "./diagnostics/sarif.js";
export { type DiagnosticCode, diagnosticTable, type Severity } from "./diagnostics/table.js";
export type { CompilerHost } from "./host.js";
export { canonicalJson, hashIR } from "./ir/canonical.js";
export { irProblems } from "./ir/problems.js";
export { irSchema } from "./ir/schema.js";
export type { ExperimentIR } from "./ir/types.js";
export { unreadableFile } from "./modules.js";
export { syntaxDiagnostics } from "./syntax.js";
export type { Written, WrittenTarget } from "./written.js";

/** An experiment without errors. */
export interface Compiled {
  readonly ir: ExperimentIR;
  /** Canonical JSON of the IR; made when it is asked for, since a check needs none. */
  readonly irText: string;
  /** SHA-256 of `irText`, hexadecimal. */
  readonly irHash: string;
  readonly backbone: BackboneDescription;
  /** Text of the backbone's `config.json`: of the one beside the weights, or the one the spec names. */
  readonly config: string;
  /** The wording of the spec, where the IR has only its meaning. */
  readonly written: Written;
  /** Where the parts of the IR stand, by JSON pointer; a part without an entry has its parent's. */
  readonly places: Readonly<Record<string, Place>>;
}

export interface Compilation {
  /** Those experiments of the file that have no error. */
  readonly experiments: readonly Compiled[];
  /** Those sweeps of the file that have no error, and none in any of their experiments. */
  readonly sweeps: readonly CheckedSweep[];
  /** In order of files and places. */
  readonly diagnostics: readonly Diagnostic[];
  /** Text of every file that was read, by the name diagnostics use. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Compiles a spec. Never throws for a mistake in it. */
export function compile(entry: string, host: CompilerHost): Compilation {
  const diagnostics: Diagnostic[] = [];
  return compileLoaded(entry, loadModules(entry, host, diagnostics), host, diagnostics);
}

/** Compiles a file that was loaded; `diagnostics` holds what loading reported. */
export function compileLoaded(
  entry: string,
  { entry: module, texts, comments }: Loaded,
  given: CompilerHost,
  diagnostics: Diagnostic[],
): Compilation {
  const host = readingOnce(given);
  const experiments: Compiled[] = [];
  const sweeps: CheckedSweep[] = [];
  if (module !== undefined) {
    const context = new Context(module.scope, diagnostics);
    if (module.isEmpty && diagnostics.length === 0)
      context.report("LNAS1110", { start: 0, end: Math.min(1, texts.get(entry)?.length ?? 0) }, {});
    for (const record of module.records) checkRecord(context, record, host.controllers);
    const checked = module.experiments.map((experiment) => {
      const before = diagnostics.length;
      const found = checkExperiment(context, experiment, host);
      return { experiment, found, isSound: !diagnostics.slice(before).some(({ severity }) => severity === "error") };
    });
    const isHit = hitBy(diagnostics, entry);
    for (const { experiment, found, isSound } of checked) {
      if (found === undefined || !isSound || isHit(experiment.span)) continue;
      // The schema is the contract of IR files; what the checks let through must satisfy it.
      const [broken] = irProblems(found.ir);
      if (broken !== undefined) throw new Error(`the compiler made an invalid IR: ${broken.problem}`);
      const { ir, description, config, written, places } = found;
      let irText: string | undefined;
      experiments.push({
        ir,
        get irText() {
          irText ??= canonicalJson(ir);
          return irText;
        },
        get irHash() {
          return hashIR(ir, this.irText);
        },
        backbone: description,
        config,
        written,
        places,
      });
    }
    const compiled = new Map(experiments.map(({ ir }) => [ir.name, ir]));
    for (const sweep of module.sweeps) {
      const found = checkSweep(context, sweep, compiled);
      if (found !== undefined && !isHit(sweep.span)) sweeps.push(found);
    }
  }
  // What an experiment inherits is checked with each that inherits it.
  const commented = new Map([...comments].map(([file, found]) => [file, { text: texts.get(file)!, comments: found }]));
  const sorted = [...withAllowances(unique(diagnostics), commented)].sort((a, b) =>
    a.place.file === b.place.file ? a.place.span.start - b.place.span.start : a.place.file < b.place.file ? -1 : 1,
  );
  return { experiments, sweeps, diagnostics: sorted, texts };
}

/** Each report once: the same code at the same place with the same words. */
function unique(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const keyOf = ({ code, message, place }: Diagnostic) =>
    JSON.stringify([code, place.file, place.span.start, place.span.end, message]);
  return [...new Map(diagnostics.map((diagnostic) => [keyOf(diagnostic), diagnostic])).values()];
}

/** Whether a file has an error within a span; for spans that do not overlap, all answers together take one pass over the errors. */
function hitBy(diagnostics: readonly Diagnostic[], file: string): (span: Span) => boolean {
  const errors = diagnostics
    .filter(({ severity, place }) => severity === "error" && place.file === file)
    .map(({ place }) => place.span)
    .sort((a, b) => a.start - b.start);
  return ({ start, end }) => {
    for (let at = lowerBound(errors, start, (error) => error.start); at < errors.length; at++) {
      if (errors[at]!.start > end) return false;
      if (errors[at]!.end <= end) return true;
    }
    return false;
  };
}
