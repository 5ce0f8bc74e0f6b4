/** What the compiler's services answer, in the protocol's terms. */
import {
  type CompletionItem,
  CompletionItemKind,
  type DocumentSymbol,
  type InlayHint as ProtocolInlayHint,
  type SemanticTokens,
  SemanticTokensBuilder,
  SymbolKind,
} from "vscode-languageserver/node.js";
import {
  type Analysis,
  type Completion,
  type InlayHint,
  type OutlineEntry,
  SEMANTIC_TOKEN_TYPES,
  type SemanticToken,
} from "../../compiler/services/index.js";
import type { Locations } from "./locations.js";

const COMPLETION_KINDS: Readonly<Record<Completion["kind"], CompletionItemKind>> = {
  keyword: CompletionItemKind.Keyword,
  option: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
  name: CompletionItemKind.Variable,
  file: CompletionItemKind.Module,
  path: CompletionItemKind.Field,
};

const SYMBOL_KINDS: Readonly<Record<OutlineEntry["kind"], SymbolKind>> = {
  experiment: SymbolKind.Class,
  sweep: SymbolKind.Array,
  record: SymbolKind.Struct,
  const: SymbolKind.Constant,
  modules: SymbolKind.Array,
  import: SymbolKind.Module,
  item: SymbolKind.Property,
};

/** Entries keep the order of the service: the most fitting first. */
export function completionItem(
  completion: Completion,
  index: number,
  file: string,
  locations: Locations,
): CompletionItem {
  const { label, kind, detail, documentation, text, replace } = completion;
  return {
    label,
    kind: COMPLETION_KINDS[kind],
    detail,
    ...(documentation === "" ? {} : { documentation: { kind: "markdown", value: documentation } }),
    textEdit: { range: locations.range(file, replace), newText: text },
    filterText: label,
    sortText: String(index).padStart(5, "0"),
  };
}

/** An entry of the outline with what it holds. */
export function documentSymbol(entry: OutlineEntry, file: string, locations: Locations): DocumentSymbol {
  return {
    // The protocol wants a name, also of what is not named yet.
    name: entry.name === "" ? entry.kind : entry.name,
    detail: entry.detail,
    kind: SYMBOL_KINDS[entry.kind],
    range: locations.range(file, entry.span),
    selectionRange: locations.range(file, entry.nameSpan),
    children: entry.children.map((child) => documentSymbol(child, file, locations)),
  };
}

/** A hint with a gap before it. */
export function inlayHint({ offset, text, tooltip }: InlayHint, file: string, locations: Locations): ProtocolInlayHint {
  const position = locations.range(file, { start: offset, end: offset }).start;
  return { position, label: text.trim(), tooltip, paddingLeft: true };
}

/** Words with their kinds. A word never goes over a line end. */
export function semanticTokenData(
  { entry }: Analysis,
  tokens: readonly SemanticToken[],
  locations: Locations,
): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  for (const { span, type } of tokens) {
    const { line, character } = locations.range(entry, span).start;
    builder.push(line, character, span.end - span.start, SEMANTIC_TOKEN_TYPES.indexOf(type), 0);
  }
  return builder.build();
}
