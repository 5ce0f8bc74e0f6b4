/**
 * The language server: the compiler's services over the protocol, on standard input and output. Texts come in, answers go out; all that is known of a
 * spec is the compiler's.
 */
import {
  CodeActionKind,
  type Connection,
  createConnection,
  ErrorCodes,
  type InitializeParams,
  type InitializeResult,
  type Position,
  ProposedFeatures,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
} from "vscode-languageserver/node.js";
import { TextDocument } from "vscode-languageserver-textdocument";
import { format } from "../../compiler/format/index.js";
import {
  type Analysis,
  completionsAt,
  definitionAt,
  hoverAt,
  inlayHints,
  outline,
  type RenameResult,
  referencesAt,
  renameAt,
  renameableAt,
  SEMANTIC_TOKEN_TYPES,
  semanticTokens,
} from "../../compiler/services/index.js";
import { completionItem, documentSymbol, inlayHint, semanticTokenData } from "./answers.js";
import { fixActions, protocolDiagnostic } from "./diagnostics.js";
import { fileOf, Locations, uriOf } from "./locations.js";
import { Pace } from "./pace.js";
import { Workspace } from "./workspace.js";

const CAPABILITIES: InitializeResult["capabilities"] = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
  completionProvider: { triggerCharacters: [".", "{", '"', " ", ",", ":"] },
  hoverProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  renameProvider: { prepareProvider: true },
  documentFormattingProvider: true,
  documentSymbolProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  inlayHintProvider: true,
  semanticTokensProvider: { legend: { tokenTypes: [...SEMANTIC_TOKEN_TYPES], tokenModifiers: [] }, full: true },
};

interface At {
  readonly textDocument: { readonly uri: string };
  readonly position: Position;
}

/** Serves until the client ends the connection or closes the stream. `version`: what the server says of itself. */
export function serve(input: NodeJS.ReadableStream, output: NodeJS.WritableStream, version: string): void {
  const connection = createConnection(ProposedFeatures.all, input, output);
  const workspace = new Workspace();
  const locations = new Locations((file) => workspace.text(file));
  const publisher = new Publisher(connection, workspace, locations);
  const documents = new TextDocuments(TextDocument);

  connection.onInitialize(({ workspaceFolders, rootUri }: InitializeParams): InitializeResult => {
    const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : []);
    workspace.folders = uris.filter((uri) => uri.startsWith("file:")).map(fileOf);
    return { capabilities: CAPABILITIES, serverInfo: { name: "lnas", version } };
  });
  documents.onDidChangeContent(({ document }) => {
    workspace.update(fileOf(document.uri), document.getText());
    publisher.schedule();
  });
  documents.onDidClose(({ document }) => {
    workspace.close(fileOf(document.uri));
    publisher.schedule();
  });
  const refresh = () => {
    workspace.refresh();
    publisher.schedule();
  };
  documents.onDidSave(refresh);
  connection.onDidChangeWatchedFiles(refresh);

  /** The analysis of a document with an offset in it; undefined when there is no such document. */
  const at = ({ textDocument, position }: At): readonly [Analysis, number] | undefined => {
    const analysis = workspace.analysis(fileOf(textDocument.uri));
    return analysis && [analysis, locations.offset(analysis.entry, position)];
  };
  const of = ({ textDocument }: Pick<At, "textDocument">) => workspace.analysis(fileOf(textDocument.uri));

  connection.onCompletion((parameters) => {
    const found = at(parameters);
    if (found === undefined) return [];
    const [analysis, offset] = found;
    const completions = completionsAt(analysis, workspace.host(analysis.entry), offset);
    return completions.map((completion, index) => completionItem(completion, index, analysis.entry, locations));
  });
  connection.onHover((parameters) => {
    const found = at(parameters);
    const hover = found && hoverAt(found[0], workspace.host(found[0].entry), found[1]);
    if (found === undefined || hover === undefined) return null;
    return {
      contents: { kind: "markdown", value: hover.markdown },
      range: locations.range(found[0].entry, hover.span),
    };
  });
  connection.onDefinition((parameters) => {
    const found = at(parameters);
    const place = found && definitionAt(...found);
    return place === undefined ? null : locations.location(place);
  });
  connection.onReferences((parameters) => {
    const found = at(parameters);
    if (found === undefined) return [];
    return referencesAt(workspace.allAnalyses(), ...found).map((place) => locations.location(place));
  });
  connection.onPrepareRename((parameters) => {
    const found = at(parameters);
    const span = found && renameableAt(...found);
    return found === undefined || span === undefined ? null : locations.range(found[0].entry, span);
  });
  connection.onRenameRequest((parameters) => {
    const found = at(parameters);
    if (found === undefined) return null;
    const result: RenameResult = renameAt(workspace.allAnalyses(), ...found, parameters.newName);
    if ("refusal" in result) throw new ResponseError(ErrorCodes.InvalidRequest, result.refusal);
    return { changes: locations.edits(result.edits) };
  });
  connection.onDocumentFormatting((parameters) => {
    const analysis = of(parameters);
    const text = analysis && format(analysis.text).text;
    if (analysis === undefined || text === undefined || text === analysis.text) return [];
    return [{ range: locations.range(analysis.entry, { start: 0, end: analysis.text.length }), newText: text }];
  });
  connection.onDocumentSymbol((parameters) => {
    const analysis = of(parameters);
    return analysis === undefined
      ? []
      : outline(analysis).map((entry) => documentSymbol(entry, analysis.entry, locations));
  });
  connection.onCodeAction(({ textDocument, range }) => {
    const reports = workspace.diagnostics().get(fileOf(textDocument.uri)) ?? [];
    return fixActions(reports, range, locations);
  });
  connection.languages.inlayHint.on((parameters) => {
    const analysis = of(parameters);
    if (analysis === undefined) return [];
    const { entry } = analysis;
    const [start, end] = [parameters.range.start, parameters.range.end].map((place) => locations.offset(entry, place));
    return inlayHints(analysis)
      .filter(({ offset }) => offset >= start! && offset <= end!)
      .map((hint) => inlayHint(hint, entry, locations));
  });
  connection.languages.semanticTokens.on((parameters) => {
    const analysis = of(parameters);
    return analysis === undefined ? { data: [] } : semanticTokenData(analysis, semanticTokens(analysis), locations);
  });
  documents.listen(connection);
  connection.listen();
}

/**
 * Publishes diagnostics when nothing else is to be done, so that keystrokes that come in a row are answered once. Those of a very long file are
 * gathered as long as an answer takes, or each would be compiled and requests would wait for all of them.
 */
class Publisher {
  #isScheduled = false;
  /** Files about which something was said. */
  #told: ReadonlySet<string> = new Set();
  readonly #pace = new Pace();

  constructor(
    private readonly connection: Connection,
    private readonly workspace: Workspace,
    private readonly locations: Locations,
  ) {}

  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const { waitMs } = this.#pace;
    if (waitMs === 0) setImmediate(() => this.#run());
    else setTimeout(() => this.#run(), waitMs);
  }

  #run(): void {
    this.#isScheduled = false;
    // Nobody waits for this: what fails is told, and the server lives on.
    try {
      this.#pace.run(() => this.#publish());
    } catch (error) {
      this.connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  #publish(): void {
    const reports = this.workspace.diagnostics();
    for (const [file, diagnostics] of reports)
      this.connection.sendDiagnostics({
        uri: uriOf(file),
        diagnostics: diagnostics.map((diagnostic) => protocolDiagnostic(diagnostic, this.locations)),
      });
    for (const file of this.#told)
      if (!reports.has(file)) this.connection.sendDiagnostics({ uri: uriOf(file), diagnostics: [] });
    this.#told = new Set(reports.keys());
  }
}
