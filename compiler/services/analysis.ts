/** A file as editors see it: loaded and compiled once for each version, shared by all services. */
import type { Span } from "../../grammar/index.js";
import type { Diagnostic, Edit, Place } from "../diagnostics/diagnostic.js";
import type { CompilerHost } from "../host.js";
import { type Compilation, compileLoaded } from "../index.js";
import { type Loaded, loadModules } from "../modules.js";

/** All that the compiler knows of a file and of what it imports. */
export interface Analysis {
  /** Name of the file, as diagnostics use it. */
  readonly entry: string;
  readonly text: string;
  readonly loaded: Loaded;
  readonly compilation: Compilation;
  /** What it was compiled with. */
  readonly host: CompilerHost;
}

/** Analyses a file; undefined when it cannot be read. */
export function analyze(entry: string, host: CompilerHost): Analysis | undefined {
  const diagnostics: Diagnostic[] = [];
  const loaded = loadModules(entry, host, diagnostics);
  const text = loaded.texts.get(entry);
  return text === undefined
    ? undefined
    : { entry, text, loaded, compilation: compileLoaded(entry, loaded, host, diagnostics), host };
}

/** Something that may be written at the cursor. */
export interface Completion {
  readonly label: string;
  readonly kind: "keyword" | "option" | "value" | "name" | "file" | "path";
  /** In one line, beside the label. */
  readonly detail: string;
  /** Markdown. */
  readonly documentation: string;
  /** What is put in place of `replace`. */
  readonly text: string;
  readonly replace: Span;
}

export interface Hover {
  readonly span: Span;
  readonly markdown: string;
}

export interface InlayHint {
  /** The hint stands behind this offset. */
  readonly offset: number;
  readonly text: string;
  readonly tooltip: string;
}

/** A word with what it is. */
export interface SemanticToken {
  readonly span: Span;
  readonly type: SemanticTokenType;
}
export const SEMANTIC_TOKEN_TYPES = [
  "keyword",
  "type",
  "variable",
  "property",
  "function",
  "enumMember",
  "namespace",
] as const;
export type SemanticTokenType = (typeof SEMANTIC_TOKEN_TYPES)[number];

/** A declaration or an item in the outline. */
export interface OutlineEntry {
  readonly name: string;
  readonly detail: string;
  readonly kind: "experiment" | "sweep" | "record" | "const" | "modules" | "import" | "item";
  readonly span: Span;
  readonly nameSpan: Span;
  readonly children: readonly OutlineEntry[];
}

/** A rename that can be done, or the reason why not. */
export type RenameResult = { readonly edits: readonly Edit[] } | { readonly refusal: string };

export type { Edit, Place };
