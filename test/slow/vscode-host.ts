/**
 * Activates the extension in a stand-in for VS Code, waits until it has started its server or said why not, closes it, and prints what
 * was shown to the user as JSON.
 *
 *   node vscode-host.js <folder of the extension> <folder of the workspace> <trusted: true or false> <setting lnas.serverPath>
 */
import { createRequire } from "node:module";
import { join } from "node:path";

const [extension, workspace, trusted, serverPath] = process.argv.slice(2) as [string, string, string, string];

const shown: string[] = [];
const commands = new Map<string, () => Promise<void>>();
const nothing = { dispose: () => {} };
const uri = (path: string) => ({ fsPath: path, path, scheme: "file", toString: () => `file://${path}` });

/** Functions of VS Code that matter to no one here: registrations, events and panels. */
const quiet = (known: object): object =>
  new Proxy(known, { get: (target, key) => (key in target ? Reflect.get(target, key) : () => quiet({ ...nothing })) });

class EventEmitter {
  private readonly listeners: ((value: unknown) => unknown)[] = [];
  readonly event = (listener: (value: unknown) => unknown) => {
    this.listeners.push(listener);
    return nothing;
  };
  fire(value: unknown): void {
    for (const listener of this.listeners) listener(value);
  }
  dispose(): void {}
}

const known = {
  EventEmitter,
  commands: quiet({
    registerCommand: (name: string, command: () => Promise<void>) => {
      commands.set(name, command);
      return nothing;
    },
  }),
  env: quiet({ language: "en", appName: "stand-in" }),
  languages: quiet({}),
  window: quiet({
    showErrorMessage: async (message: string) => void shown.push(message),
    visibleTextEditors: [],
    tabGroups: quiet({ all: [] }),
  }),
  workspace: quiet({
    isTrusted: trusted === "true",
    workspaceFolders: [{ uri: uri(workspace), name: "workspace", index: 0 }],
    textDocuments: [],
    notebookDocuments: [],
    getConfiguration: () => ({
      get: (name: string, otherwise: unknown) => (name === "serverPath" ? serverPath : otherwise),
    }),
  }),
  Uri: { file: uri, parse: (text: string) => uri(text.replace("file://", "")) },
  version: "1.82.0",
};
/** Classes and enumerations that the client library extends or looks into when it is loaded. */
Object.assign(globalThis, {
  vscode: new Proxy(known, { get: (target, key) => (key in target ? Reflect.get(target, key) : class {}) }),
});

// As VS Code does: the client library leaves the writes to a server that has ended without a handler.
process.on("unhandledRejection", (reason) => console.error(reason));

interface Extension {
  activate(context: { subscriptions: unknown[] }): Promise<void>;
  deactivate(): Promise<void>;
}
const { activate, deactivate } = createRequire(join(extension, "package.json"))("./dist/extension.cjs") as Extension;
await activate({ subscriptions: [] });
await commands.get("lnas.restartServer")!();
await deactivate();
process.stdout.write(JSON.stringify({ shown, commands: [...commands.keys()] }), () => process.exit());
