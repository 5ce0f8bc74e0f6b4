/** An editor, as far as a server sees one: a real client of the protocol over the built server's standard streams. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  createProtocolConnection,
  type Diagnostic,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  type Position,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node.js";
import { TextDocument } from "vscode-languageserver-textdocument";
import { LNASC } from "../cli/lnasc.js";

/** A workspace in a folder of its own, with the server started and initialised. */
export class Editor {
  readonly connection: ProtocolConnection;
  readonly folder: string;
  readonly #server: ChildProcessWithoutNullStreams;
  readonly #documents = new Map<string, TextDocument>();
  readonly #published = new Map<string, Diagnostic[]>();
  #waiting: (() => void)[] = [];
  /** What the server wrote on standard error. */
  errors = "";
  readonly exited: Promise<number | null>;

  constructor(files: Readonly<Record<string, string>>) {
    this.folder = mkdtempSync(join(tmpdir(), "lnas-lsp-"));
    for (const [name, text] of Object.entries({ "package.json": "{}", ...files })) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      writeFileSync(join(this.folder, name), text);
    }
    this.#server = spawn(process.execPath, [LNASC, "lsp", "--stdio"], { cwd: this.folder });
    this.#server.stderr.on("data", (chunk) => {
      this.errors += chunk;
    });
    this.exited = new Promise((done) => this.#server.once("exit", done));
    this.connection = createProtocolConnection(
      new StreamMessageReader(this.#server.stdout),
      new StreamMessageWriter(this.#server.stdin),
    );
    this.connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
      this.#published.set(uri, diagnostics);
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const wake of waiting) wake();
    });
    this.connection.listen();
  }

  uri(name: string): string {
    return pathToFileURL(join(this.folder, name)).href;
  }

  async initialize(): Promise<InitializeResult> {
    const result = await this.connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: pathToFileURL(this.folder).href,
      capabilities: {},
      workspaceFolders: [{ uri: pathToFileURL(this.folder).href, name: "test" }],
    });
    await this.connection.sendNotification(InitializedNotification.type, {});
    return result;
  }

  async open(name: string, text: string): Promise<void> {
    const uri = this.uri(name);
    this.#documents.set(name, TextDocument.create(uri, "lnas", 1, text));
    this.#published.delete(uri);
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: "lnas", version: 1, text },
    });
  }

  /** Puts text in place of the first occurrence of a piece, as typing does. */
  async replace(name: string, piece: string, text: string): Promise<void> {
    const document = this.#documents.get(name)!;
    const start = document.getText().indexOf(piece);
    if (start < 0) throw new RangeError(`${name} has no ${piece}`);
    const range = { start: document.positionAt(start), end: document.positionAt(start + piece.length) };
    const version = document.version + 1;
    this.#documents.set(name, TextDocument.update(document, [{ range, text }], version));
    this.#published.delete(this.uri(name));
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: this.uri(name), version },
      contentChanges: [{ range, text }],
    });
  }

  async close(name: string): Promise<void> {
    this.#documents.delete(name);
    await this.connection.sendNotification(DidCloseTextDocumentNotification.type, {
      textDocument: { uri: this.uri(name) },
    });
  }

  text(name: string): string {
    return this.#documents.get(name)!.getText();
  }

  /** The place right behind the first occurrence of a piece of an open document. */
  behind(
    name: string,
    piece: string,
  ): { readonly textDocument: { readonly uri: string }; readonly position: Position } {
    const document = this.#documents.get(name)!;
    const start = document.getText().indexOf(piece);
    if (start < 0) throw new RangeError(`${name} has no ${piece}`);
    return { textDocument: { uri: this.uri(name) }, position: document.positionAt(start + piece.length) };
  }

  /** What was published of a document since it last changed. */
  async diagnostics(name: string): Promise<Diagnostic[]> {
    for (;;) {
      const found = this.#published.get(this.uri(name));
      if (found !== undefined) return found;
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
  }

  /** Ends the session as the protocol says; the server's exit status. */
  async end(): Promise<number | null> {
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
    const status = await this.exited;
    this.connection.dispose();
    rmSync(this.folder, { recursive: true });
    return status;
  }

  /** Ends the server, if it still runs. */
  kill(): void {
    this.#server.kill("SIGKILL");
  }

  /** Writes bytes to the server as they are. */
  write(bytes: string): void {
    this.#server.stdin.write(bytes);
  }
}
