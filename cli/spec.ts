/** Compiling a spec for a command: diagnostics shown, experiments returned. */
import { sep } from "node:path";
import {
  type CheckedSweep,
  type Compilation,
  type CompilerHost,
  compile,
  type Paint,
  renderText,
} from "../compiler/index.js";
import { canonicalJson, hashIR } from "../compiler/ir/canonical.js";
import { EXIT } from "./exit-status.js";
import { Finished, UsageError } from "./failure.js";
import { fileHost } from "./host.js";
import type { CompiledExperiment } from "./run/compiled-experiment.js";
import { SpecPlace } from "./spec-place.js";
import type { Colors, Terminal } from "./terminal.js";

const paintWith = (color: Colors): Paint => ({
  severity: (text) => (text.startsWith("warning") ? color.yellow(text) : color.red(text)),
  strong: color.bold,
  faint: color.blue,
});

/** Compiles a spec by its path on this machine. */
export function compileFile(spec: string, host: CompilerHost = fileHost(spec)): Compilation {
  return compile(spec.split(sep).join("/"), host);
}

const NOTHING = { experiments: [], sweeps: [] } as const;

/** Checks an IR file; its experiment cannot be run from there, so none comes out. */
export async function checkIRFile(path: string): Promise<Compilation> {
  const { loadIR } = await import("../compiler/ir/load.js");
  const { readFileSync } = await import("node:fs");
  const { unreadableFile } = await import("../compiler/index.js");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return { ...NOTHING, diagnostics: [unreadableFile(path)], texts: new Map() };
  }
  return { ...NOTHING, diagnostics: loadIR(path, text).diagnostics, texts: new Map([[path, text]]) };
}

/** Shows diagnostics as text on standard error, the number of errors last. */
export function showDiagnostics(
  { diagnostics, texts }: Pick<Compilation, "diagnostics" | "texts">,
  terminal: Terminal,
) {
  if (diagnostics.length === 0) return;
  terminal.problem(renderText(diagnostics, (file) => texts.get(file), paintWith(terminal.errorColors)));
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return;
  const files = [...new Set(errors.map(({ place }) => place.file))];
  terminal.problem(
    `${errors.length} ${errors.length === 1 ? "error" : "errors"} in ${files.length > 3 ? `${files.length} files` : files.join(", ")}`,
  );
}

/** A spec without errors. */
export interface CompiledSpec {
  readonly experiments: readonly CompiledExperiment[];
  readonly sweeps: readonly CheckedSweep[];
}

/** Compiles a spec that a command works on, and shows what the compiler has to say. Ends with `Finished` when there is an error. */
export function compileSpec(spec: string, terminal: Terminal): CompiledSpec {
  const compilation = compileFile(spec);
  showDiagnostics(compilation, terminal);
  if (compilation.diagnostics.some(({ severity }) => severity === "error")) throw new Finished(EXIT.usage);
  if (compilation.experiments.length === 0)
    throw new UsageError(`${spec} declares no experiment: it is there to be imported`);
  const specFolder = new SpecPlace(spec).folder;
  const experiments = compilation.experiments.map((experiment) => ({ ...experiment, specFolder }));
  return { experiments, sweeps: compilation.sweeps };
}

/** The experiment a command is about: the one named, or the only one. `sweeps`: those that it could run instead. */
export function oneExperiment(
  experiments: readonly CompiledExperiment[],
  name: string | undefined,
  sweeps: readonly CheckedSweep[] = [],
): CompiledExperiment {
  const names = experiments.map(({ ir }) => ir.name);
  if (name === undefined) {
    const [only, ...more] = experiments;
    if (only !== undefined && more.length === 0) return only;
    const others =
      sweeps.length === 0 ? "" : `; or several with --sweep: ${sweeps.map((sweep) => sweep.name).join(", ")}`;
    throw new UsageError(
      `the spec holds ${experiments.length} experiments; choose one with --experiment: ${names.join(", ")}${others}`,
    );
  }
  const found = experiments.find(({ ir }) => ir.name === name);
  if (found === undefined) throw new UsageError(`there is no experiment ${name}; the spec has ${names.join(", ")}`);
  return found;
}

/** The experiments of a sweep, in its order. */
export function sweptExperiments({ experiments, sweeps }: CompiledSpec, name: string): readonly CompiledExperiment[] {
  const sweep = sweeps.find((each) => each.name === name);
  if (sweep !== undefined) return sweep.experiments.map((each) => oneExperiment(experiments, each));
  const known = sweeps.map((each) => each.name);
  throw new UsageError(
    `there is no sweep ${name}; the spec has ${known.length === 0 ? "none: declare `sweep <name> = <experiment>, <experiment>`" : known.join(", ")}`,
  );
}

/** The same experiment under another seed; its IR and hash are those of a spec that says so. */
export function withSeed(experiment: CompiledExperiment, seed: number): CompiledExperiment {
  const ir = { ...experiment.ir, seed };
  return { ...experiment, ir, irText: canonicalJson(ir), irHash: hashIR(ir) };
}
