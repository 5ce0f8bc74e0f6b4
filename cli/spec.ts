/** Compiling a spec for a command: diagnostics shown, experiments returned. */
import { dirname, resolve, sep } from "node:path";
import { compile, diagnosticsJson, type Paint, renderText } from "../compiler/index.js";
import { canonicalJson, hashIR } from "../compiler/ir/canonical.js";
import { EXIT } from "./exit-status.js";
import { Finished, UsageError } from "./failure.js";
import { fileHost } from "./host.js";
import type { CompiledExperiment } from "./run/compiled-experiment.js";
import type { Colors, Terminal } from "./terminal.js";

const paintWith = (color: Colors): Paint => ({
  severity: (text) => (text.startsWith("warning") ? color.yellow(text) : color.red(text)),
  strong: color.bold,
  faint: color.blue,
});

/**
 * Compiles a spec and shows what the compiler has to say: as text on standard error, or, where diagnostics are the command's result
 * and `--json` was given, as JSON on standard output. Ends with `Finished` when there is an error.
 */
export function compileSpec(
  spec: string,
  terminal: Terminal,
  { resultIsDiagnostics = true }: { readonly resultIsDiagnostics?: boolean } = {},
): { readonly experiments: readonly CompiledExperiment[] } {
  const { experiments, diagnostics, texts } = compile(spec.split(sep).join("/"), fileHost(spec));
  const textOf = (file: string) => texts.get(file);
  if (terminal.json && resultIsDiagnostics) terminal.resultJson({ diagnostics: diagnosticsJson(diagnostics, textOf) });
  else if (diagnostics.length > 0) terminal.problem(renderText(diagnostics, textOf, paintWith(terminal.errorColors)));
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  if (errors > 0) {
    if (!terminal.json) terminal.problem(`${errors} ${errors === 1 ? "error" : "errors"} in ${spec}`);
    throw new Finished(EXIT.findings);
  }
  const specFolder = dirname(resolve(spec));
  return { experiments: experiments.map((experiment) => ({ ...experiment, specFolder })) };
}

/** The experiment a command is about: the one named, or the only one. */
export function oneExperiment(
  experiments: readonly CompiledExperiment[],
  name: string | undefined,
): CompiledExperiment {
  const names = experiments.map(({ ir }) => ir.name);
  if (name === undefined) {
    const [only, ...more] = experiments;
    if (only !== undefined && more.length === 0) return only;
    throw new UsageError(
      `the spec holds ${experiments.length} experiments; choose one with --experiment: ${names.join(", ")}`,
    );
  }
  const found = experiments.find(({ ir }) => ir.name === name);
  if (found === undefined) throw new UsageError(`there is no experiment ${name}; the spec has ${names.join(", ")}`);
  return found;
}

/** The same experiment under another seed; its IR and hash are those of a spec that says so. */
export function withSeed(experiment: CompiledExperiment, seed: number): CompiledExperiment {
  const ir = { ...experiment.ir, seed };
  return { ...experiment, ir, irText: canonicalJson(ir), irHash: hashIR(ir) };
}
