/** A client of `lnasc lsp --stdio`, as plain as can be: how long diagnostics take after a keystroke. */
import { type ChildProcess, spawn } from "node:child_process";
import { pathToFileURL } from "node:url";

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
}

/** JSON-RPC over standard input and output, with `Content-Length` heads. */
class Connection {
  private buffer = Buffer.alloc(0);
  private readonly waiting: {
    readonly is: (message: Message) => boolean;
    readonly done: (message: Message) => void;
    readonly failed: (error: Error) => void;
  }[] = [];

  constructor(private readonly server: ChildProcess) {
    server.stdout!.on("data", (chunk: Buffer) => this.read(chunk));
    server.on("close", (status) => {
      for (const { failed } of this.waiting) failed(new Error(`the language server ended with status ${status}`));
    });
  }

  send(message: object): void {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.server.stdin!.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  /** The next message that is such. */
  next(is: (message: Message) => boolean): Promise<Message> {
    return new Promise((done, failed) => this.waiting.push({ is, done, failed }));
  }

  private read(chunk: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, chunk]);
    for (;;) {
      const head = this.buffer.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.buffer.toString("latin1", 0, head))![1]);
      if (this.buffer.length < head + 4 + length) return;
      const message = JSON.parse(this.buffer.toString("utf8", head + 4, head + 4 + length)) as Message;
      this.buffer = this.buffer.subarray(head + 4 + length);
      // A server may ask its client; this one has nothing to say.
      if (message.id !== undefined && message.method !== undefined) this.send({ id: message.id, result: null });
      const at = this.waiting.findIndex(({ is }) => is(message));
      if (at >= 0) this.waiting.splice(at, 1)[0]!.done(message);
    }
  }
}

/**
 * Types characters into the middle of a file and waits for the diagnostics of each: milliseconds a keystroke. Each keystroke changes the text
 * by one character, so that every other text has a mistake.
 */
export async function keystrokes(
  command: readonly string[],
  file: string,
  text: string,
  count: number,
): Promise<readonly number[]> {
  const server = spawn(process.execPath, command, { stdio: ["pipe", "pipe", "inherit"] });
  const connection = new Connection(server);
  const uri = pathToFileURL(file).href;
  const published = (version: number) =>
    connection.next(({ method, params }) => {
      const { uri: of, version: at } = (params ?? {}) as { uri?: string; version?: number };
      return method === "textDocument/publishDiagnostics" && of === uri && (at === undefined || at === version);
    });
  const ready = connection.next(({ id }) => id === 0);
  const capabilities = { textDocument: { publishDiagnostics: { versionSupport: true } } };
  connection.send({ id: 0, method: "initialize", params: { processId: process.pid, rootUri: null, capabilities } });
  await ready;
  connection.send({ method: "initialized", params: {} });
  const opened = published(0);
  connection.send({
    method: "textDocument/didOpen",
    params: { textDocument: { uri, languageId: "lnas", version: 0, text } },
  });
  await opened;
  const middle = text.indexOf("\n", text.length / 2) + 1;
  const { length: line } = text.slice(0, middle).split("\n");
  const start = { line: line - 1, character: 0 };
  const times: number[] = [];
  for (let version = 1; version <= count; version++) {
    const isTyped = version % 2 === 1;
    const change = isTyped
      ? { range: { start, end: start }, text: "$" }
      : { range: { start, end: { ...start, character: 1 } }, text: "" };
    const done = published(version);
    const began = performance.now();
    connection.send({
      method: "textDocument/didChange",
      params: { textDocument: { uri, version }, contentChanges: [change] },
    });
    await done;
    times.push(performance.now() - began);
  }
  const ended = connection.next(({ id }) => id === 1);
  connection.send({ id: 1, method: "shutdown" });
  await ended;
  connection.send({ method: "exit" });
  return times;
}
