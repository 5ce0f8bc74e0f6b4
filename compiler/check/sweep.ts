/** Sweeps: which experiments of the file one runs, and whether each of them is there, once, and says something of its own. */
import type { Name, Sweep } from "../../grammar/index.js";
import { canonicalJson } from "../ir/canonical.js";
import type { ExperimentIR } from "../ir/types.js";
import type { Context } from "./context.js";

/** A sweep that can be run. */
export interface CheckedSweep {
  readonly name: string;
  /** Names of experiments of the file, in the order in which they run. */
  readonly experiments: readonly string[];
}

/**
 * Checks a sweep; undefined when a report keeps it from being run, or where one of its experiments has errors. `compiled`: the file's
 * experiments without errors, by name.
 */
export function checkSweep(
  context: Context,
  { name, experiments }: Sweep,
  compiled: ReadonlyMap<string, ExperimentIR>,
): CheckedSweep | undefined {
  let sound = true;
  const first = new Map<string, Name>();
  experiments.forEach((written, at) => {
    const before = first.get(written.text);
    if (before !== undefined) {
      const fix = context.replacement("Remove it", { start: experiments[at - 1]!.span.end, end: written.span.end }, "");
      context.report(
        "LNAS1801",
        written.span,
        { sweep: name.text, experiment: written.text },
        [context.label("the first time is here", before.span)],
        [fix],
      );
      sound = false;
      return;
    }
    first.set(written.text, written);
    if (!isOwnExperiment(context, written)) sound = false;
  });
  if (experiments.length === 1) {
    context.report("LNAS1802", name.span, { sweep: name.text, experiment: experiments[0]!.text });
    sound = false;
  }
  reportEquals(context, [...first.values()], compiled);
  const names = experiments.map(({ text }) => text);
  return sound && names.every((text) => compiled.has(text)) ? { name: name.text, experiments: names } : undefined;
}

/** Whether a name is that of an experiment which this file declares; reports where it is not. */
function isOwnExperiment(context: Context, written: Name): boolean {
  const { text, span } = written;
  const { scope } = context;
  const binding = context.bound(text, "experiment");
  if (binding?.scope === scope) return true;
  if (binding !== undefined) {
    const hint = `It comes from ${binding.scope.file}. Declare one here that starts from it: \`experiment <name> extends ${text} { }\`.`;
    context.report("LNAS1108", span, { name: text, what: "an experiment of this file", hint });
  } else if (!context.isUnknowable(text)) {
    const known = context.namesOf((bound) => bound.kind === "experiment" && bound.scope === scope);
    const { hint, fixes } = context.meant(
      written,
      known,
      "Declare it here: `experiment <name> extends <other> { … }`.",
    );
    context.report("LNAS1108", span, { name: text, what: "an experiment of this file", hint }, [], fixes);
  }
  return false;
}

/** Two experiments that differ in name and summary alone would show the same figures twice. */
function reportEquals(
  context: Context,
  experiments: readonly Name[],
  compiled: ReadonlyMap<string, ExperimentIR>,
): void {
  const seen = new Map<string, Name>();
  for (const name of experiments) {
    const ir = compiled.get(name.text);
    if (ir === undefined) continue;
    const meaning = canonicalJson({ ...ir, name: "", summary: "" });
    const other = seen.get(meaning);
    if (other === undefined) seen.set(meaning, name);
    else
      context.report("LNAS1803", name.span, { experiment: name.text, other: other.text }, [
        context.label("the other one", other.span),
      ]);
  }
}
