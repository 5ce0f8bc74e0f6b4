/** Between the compiler's places (file name and offsets) and the protocol's (URI, line and UTF-16 character). */
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Location, Range, TextEdit } from "vscode-languageserver/node.js";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Edit, Place } from "../../compiler/index.js";
import type { Span } from "../../grammar/index.js";
import { standardFile } from "../installation.js";

const STANDARD = "std:";

/** The compiler's name of a document: its path with `/`, or the URI itself where it lies on no disk. */
export function fileOf(uri: string): string {
  return uri.startsWith("file:") ? fileURLToPath(uri).replaceAll("\\", "/") : uri;
}

/** The URI of a file that the compiler names; modules of the standard library lie in the installation. */
export function uriOf(file: string): string {
  if (file.startsWith(STANDARD)) return pathToFileURL(standardFile(file.slice(STANDARD.length))).href;
  return /^[a-z][a-z0-9+.-]+:/i.test(file) ? file : pathToFileURL(file).href;
}

/** Looks up texts by the compiler's names and turns spans in them to ranges and back. */
export class Locations {
  /** Line tables of the texts that were asked about last. */
  readonly #documents = new Map<string, TextDocument>();

  constructor(private readonly textOf: (file: string) => string | undefined) {}

  /** The range of a span; empty at the beginning where the text is not known. */
  range(file: string, { start, end }: Span): Range {
    const document = this.#document(file);
    return { start: document.positionAt(start), end: document.positionAt(end) };
  }

  offset(file: string, position: Range["start"]): number {
    return this.#document(file).offsetAt(position);
  }

  location({ file, span }: Place): Location {
    return { uri: uriOf(file), range: this.range(file, span) };
  }

  /** Edits by URI. */
  edits(edits: readonly Edit[]): Record<string, TextEdit[]> {
    const changes: Record<string, TextEdit[]> = {};
    for (const { place, text } of edits) {
      const uri = uriOf(place.file);
      changes[uri] ??= [];
      changes[uri].push({ range: this.range(place.file, place.span), newText: text });
    }
    return changes;
  }

  #document(file: string): TextDocument {
    const text = this.textOf(file) ?? "";
    const known = this.#documents.get(file);
    if (known !== undefined && known.getText() === text) return known;
    const document = TextDocument.create(file, "lnas", 0, text);
    this.#documents.set(file, document);
    return document;
  }
}
