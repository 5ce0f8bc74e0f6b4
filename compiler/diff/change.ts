/** A change of meaning between two versions of an experiment. */
import type { Place } from "../diagnostics/diagnostic.js";
import type { ExperimentIR } from "../ir/types.js";

/** What of an experiment a change is about. */
export const CATEGORIES = [
  "search space",
  "objective",
  "budget",
  "data",
  "training",
  "reproducibility",
  "cosmetic",
] as const;
export type Category = (typeof CATEGORIES)[number];

/**
 * What a change does to the results. "note": nothing, or only what a run costs. "warning": another search, whose results can be held against
 * those of the old spec. "breaking": results are not comparable.
 */
export const SEVERITIES = ["note", "warning", "breaking"] as const;
export type ChangeSeverity = (typeof SEVERITIES)[number];

/** One version of an experiment, as far as rules look at it; a compiled experiment has it. */
export interface Side {
  readonly ir: ExperimentIR;
  readonly irHash: string;
  readonly places: Readonly<Record<string, Place>>;
}

/** What a rule found: a sentence, and perhaps what follows from it in numbers. */
export interface Finding {
  readonly message: string;
  readonly consequence?: string;
  /** JSON pointer of the part of the IR that changed; its place is shown. */
  readonly pointer: string;
}

/** One kind of change. */
export interface Rule {
  /** As it is called in reports: `added-modules`. */
  readonly name: string;
  readonly category: Category;
  readonly severity: ChangeSeverity;
  /** The parts of the IR whose changes it finds, as JSON pointers; `*` stands for any key. A test asserts that no part is left out. */
  readonly covers: readonly string[];
  /** Both versions of one experiment; nothing where it has nothing to say. */
  compare(before: Side, after: Side): readonly Finding[];
}

export interface Change extends Finding {
  readonly rule: string;
  readonly category: Category;
  readonly severity: ChangeSeverity;
  readonly experiment: string;
  /** Where the new spec says so; the old one for what is gone. */
  readonly place: Place | undefined;
}
