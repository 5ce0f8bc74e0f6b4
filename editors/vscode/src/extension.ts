/** Starts the language server of `lnasc` for `.lnas` files, and stops and restarts it. What the server can do, it says itself. */
import * as vscode from "vscode";
import { CloseAction, type ErrorHandler, LanguageClient, type ServerOptions } from "vscode-languageclient/node";
import { findServer } from "./find-server";

/** Also the prefix of settings: the client reads `lnas.trace.server` by it. */
const ID = "lnas";
const INSTALL = "npm install --save-dev --ignore-scripts lnas";

let client: LanguageClient | undefined;
/** Starts and stops run one after the other: a restart may be asked for while the server still starts. */
let work: Promise<void> = Promise.resolve();

/** Called by VS Code when the first `.lnas` file is opened. */
export function activate(context: vscode.ExtensionContext): Promise<void> {
  const changes = vscode.workspace.createFileSystemWatcher("**/*.lnas");
  const restart = () =>
    next(async () => {
      await stop();
      client = await start(changes);
    });
  context.subscriptions.push(
    changes,
    vscode.commands.registerCommand("lnas.restartServer", restart),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("lnas.serverPath")) return restart();
    }),
  );
  return restart();
}

/** Called by VS Code when it closes or disables the extension. */
export function deactivate(): Promise<void> {
  return next(stop);
}

function next(step: () => Promise<void>): Promise<void> {
  work = work.then(step, step);
  return work;
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  // A server that does not answer any more is ended by force, and the client calls that an error.
  await running?.dispose().catch(() => undefined);
}

async function start(changes: vscode.FileSystemWatcher): Promise<LanguageClient | undefined> {
  // The server is a program that the workspace may bring along: it runs only where the user trusts that.
  if (!vscode.workspace.isTrusted) return undefined;
  const setting = vscode.workspace.getConfiguration(ID).get<string>("serverPath", "").trim();
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const file = findServer({ setting, folders, path: process.env.PATH ?? "", platform: process.platform });
  if (file === undefined) {
    // Not awaited: the message stays until it is answered, and a restart must not wait for that.
    void tellMissing(setting);
    return undefined;
  }
  let started = false;
  const starting: LanguageClient = new LanguageClient(ID, "lnas", serverOptions(file, folders[0]), {
    documentSelector: [{ scheme: "file", language: ID }],
    synchronize: { fileEvents: changes },
    errorHandler: {
      error: (error, message, count) => usual().error(error, message, count),
      // By default the client starts again what never started: a second server beside that of a restart.
      closed: () => (started ? usual().closed() : { action: CloseAction.DoNotRestart, handled: true }),
    },
  });
  let handler: ErrorHandler | undefined;
  const usual = () => (handler ??= starting.createDefaultErrorHandler());
  try {
    await starting.start();
    started = true;
    return starting;
  } catch {
    // The client has told the user.
    return undefined;
  }
}

function serverOptions(file: string, folder: string | undefined): ServerOptions {
  const options = folder === undefined ? {} : { cwd: folder };
  // npm's command files are scripts of the Windows shell, which nothing else can run.
  if (process.platform === "win32")
    return { command: `"${file}"`, args: ["lsp", "--stdio"], options: { ...options, shell: true } };
  return { command: file, args: ["lsp", "--stdio"], options };
}

async function tellMissing(setting: string): Promise<void> {
  const copy = "Copy Command";
  const settings = "Open Settings";
  const message =
    setting === ""
      ? `There is no \`lnasc\` in this workspace or on the PATH, so .lnas files are coloured but not checked. Install it: ${INSTALL}`
      : `\`lnas.serverPath\` names ${setting}, and there is no such file. Mend the setting, or empty it and install lnasc: ${INSTALL}`;
  const answer = await vscode.window.showErrorMessage(message, copy, settings);
  if (answer === copy) await vscode.env.clipboard.writeText(INSTALL);
  if (answer === settings) await vscode.commands.executeCommand("workbench.action.openSettings", "lnas.serverPath");
}
