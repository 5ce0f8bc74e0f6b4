/** The syntax tree. Every node has its span: offsets into the file's text, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Name {
  readonly text: string;
  readonly span: Span;
}

/** A value as written; what it means is the checker's business. */
export type Value =
  | { readonly kind: "number"; readonly value: number; readonly unit: Name | null; readonly span: Span }
  | { readonly kind: "string"; readonly value: string; readonly span: Span }
  | { readonly kind: "name"; readonly name: string; readonly span: Span }
  | { readonly kind: "list"; readonly items: readonly Value[]; readonly span: Span }
  | { readonly kind: "range"; readonly from: Value; readonly to: Value; readonly span: Span }
  | { readonly kind: "call"; readonly name: Name; readonly arguments: readonly Argument[]; readonly span: Span };

export interface Argument {
  readonly label: Name | null;
  readonly value: Value;
}

/** `learning_rate 2e-4`, `optimizer adamw { … }`, or `controller { … }`: a name, at most one value, at most one block. */
export interface Option {
  readonly name: Name;
  readonly value: Value | null;
  readonly block: OptionBlock | null;
  readonly span: Span;
}
export interface OptionBlock {
  readonly options: readonly Option[];
  readonly span: Span;
}

/** Layers, both ends included. */
export interface LayerRange {
  readonly from: number;
  readonly to: number;
}
export interface PatternSegment {
  /** `[a, b]` for `{a, b}`; one entry otherwise. Each may hold `*`; the single entry `**` stands for any number of segments. */
  readonly alternatives: readonly Name[];
  /** From a bracket after the segment: `[*]`, `[3]`, `[0..3, 24..31]`; it stands for a numeric segment of its own. */
  readonly index: readonly LayerRange[] | "any" | null;
  readonly span: Span;
}
export interface Pattern {
  readonly segments: readonly PatternSegment[];
  /** In canonical spelling. */
  readonly text: string;
  readonly span: Span;
}
/** `a, b except c`: what the first patterns match, without what those after `except` match. A pattern of one name may stand for a set. */
export interface ModuleSet {
  readonly include: readonly Pattern[];
  readonly exclude: readonly Pattern[];
  /** In canonical spelling. */
  readonly text: string;
  readonly span: Span;
}

/** `tie per layer`, `tie per 4 layers`, `tie per kind`. */
export interface Tie {
  readonly unit: Name;
  readonly count: number | null;
  readonly span: Span;
}
export interface Target {
  readonly modules: ModuleSet;
  /** `rank in` a list to choose from; or `rank` and one number, which is `fixed`. */
  readonly ranks: Value;
  readonly fixed: boolean;
  readonly tie: Tie | null;
  readonly span: Span;
}

/** What stands in an adapter's block, in the order of the text. */
export type AdapterEntry =
  | { readonly kind: "scale" | "dropout"; readonly name: Name; readonly value: Value }
  | { readonly kind: "target"; readonly target: Target };

/** `parameters <= …`. */
export interface Constraint {
  readonly quantity: Name;
  readonly limit:
    | { readonly kind: "value"; readonly value: Value }
    | { readonly kind: "share"; readonly percent: Value; readonly of: Name }
    | { readonly kind: "uniform"; readonly rank: Value };
  readonly span: Span;
}
export interface Goal {
  readonly direction: "minimize" | "maximize";
  readonly metric: Name;
  readonly split: Name | null;
  readonly weight: Value | null;
  readonly span: Span;
}

export type Item =
  /** What could not be read, kept in its place. */
  | Unreadable
  | { readonly kind: "summary"; readonly value: Value; readonly span: Span }
  | { readonly kind: "seed"; readonly value: Value; readonly span: Span }
  | NamedItem<"backbone">
  | NamedItem<"dataset">
  | {
      readonly kind: "adapter";
      readonly method: Name;
      readonly backbone: Name;
      readonly entries: readonly AdapterEntry[];
      readonly span: Span;
    }
  | {
      readonly kind: "objective";
      readonly goals: readonly Goal[];
      readonly constraints: readonly Constraint[];
      readonly span: Span;
    }
  | { readonly kind: "search"; readonly controller: Name; readonly block: OptionBlock | null; readonly span: Span }
  /** Rivals by name, and how they are compared (`seeds N`, …) among them. */
  | { readonly kind: "compare"; readonly entries: readonly Option[]; readonly span: Span }
  | NamedItem<"train">
  | { readonly kind: "budget"; readonly block: OptionBlock; readonly span: Span }
  | { readonly kind: "export"; readonly format: Name; readonly path: Value; readonly span: Span };
export type ItemKind = Item["kind"];

/** `train final { … }`, or `train final = recipe { … }`: the record's options, replaced by those of the block. */
export interface NamedItem<K extends string> {
  readonly kind: K;
  readonly name: Name;
  readonly base: Name | null;
  readonly block: OptionBlock | null;
  readonly span: Span;
}

export interface Unreadable {
  readonly kind: "unreadable";
  readonly span: Span;
}

export type Declaration =
  | Unreadable
  | { readonly kind: "edition"; readonly value: Value; readonly span: Span }
  | { readonly kind: "import"; readonly names: readonly Name[]; readonly from: Value; readonly span: Span }
  | { readonly kind: "const"; readonly name: Name; readonly value: Value; readonly span: Span }
  | { readonly kind: "modules"; readonly name: Name; readonly modules: ModuleSet; readonly span: Span }
  | Experiment
  | Sweep
  | RecordDeclaration;

export interface Experiment {
  readonly kind: "experiment";
  /** Empty text where the name could not be read. */
  readonly name: Name;
  /** The experiment whose items this one has where it gives none itself. */
  readonly base: Name | null;
  readonly items: readonly Item[];
  readonly span: Span;
}

/** `sweep budgets = tight, loose`: experiments of the file that run one after the other and are compared. */
export interface Sweep {
  readonly kind: "sweep";
  readonly name: Name;
  readonly experiments: readonly Name[];
  readonly span: Span;
}

/** Items that can be declared at the top of a file, for experiments to start from. */
export type RecordKind = "backbone" | "dataset" | "search" | "train";

/** `train recipe { steps 4000 }` at the top of a file: a record. `train longer = recipe { … }` starts from another. */
export interface RecordDeclaration {
  readonly kind: "record";
  readonly of: RecordKind;
  readonly name: Name;
  readonly base: Name | null;
  readonly block: OptionBlock | null;
  readonly span: Span;
}

export interface Comment {
  readonly text: string;
  readonly span: Span;
}

/**
 * A mistake of syntax. `unexpected`: `expected` lists what could stand there. `unclosed`: a bracket, opened at `opened`. The others are slips
 * that were read over, so that only they are told: a `character` of no word, `nesting` too deep, a `hidden` character, text in single `quotes`, text or a
 * comment that is left open, an `escape` that does not exist, a number that `overflow`s, `=` or `:` as `assignment`, a `semicolon`, a comment after `#`.
 */
export interface SyntaxProblem {
  readonly kind:
    | "unexpected"
    | "unclosed"
    | "character"
    | "nesting"
    | "hidden"
    | "quotes"
    | "openText"
    | "openComment"
    | "escape"
    | "overflow"
    | "assignment"
    | "semicolon"
    | "hash";
  readonly found: string;
  readonly expected: readonly string[];
  readonly span: Span;
  /** Where an unclosed bracket was opened. */
  readonly opened?: Span;
}

export interface ParsedFile {
  readonly declarations: readonly Declaration[];
  readonly comments: readonly Comment[];
  readonly problems: readonly SyntaxProblem[];
}
