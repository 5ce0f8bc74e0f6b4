/** The `.vsix` taken apart in a folder, and activated there in a stand-in for VS Code. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { REPOSITORY } from "../golden.js";
import { EXTENSION, requireFromExtension } from "./textmate.js";

const BUILT = join(REPOSITORY, "dist", "test", "slow");

/** What the stand-in saw, and how the server noted it was started, once for each start. */
export interface Session {
  readonly shown: readonly string[];
  readonly starts: readonly {
    readonly words: readonly string[];
    readonly folders: readonly string[];
    readonly as: string;
  }[];
}

/** Takes the `.vsix` of this version apart in a temporary folder, with an empty workspace beside it. */
export class PackagedExtension {
  private readonly folder = mkdtempSync(join(tmpdir(), "lnas-vscode-"));
  readonly workspace = join(this.folder, "workspace");
  /** The files of the `.vsix` by path. */
  readonly files: Readonly<Record<string, Uint8Array>>;

  constructor() {
    const { version } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as { version: string };
    const vsix = join(EXTENSION, `lnas-${version}.vsix`);
    if (!existsSync(vsix)) throw new Error(`${vsix} is missing: run npm run package:vscode`);
    const { unzipSync } = requireFromExtension("fflate") as {
      unzipSync: (bytes: Uint8Array) => Record<string, Uint8Array>;
    };
    this.files = unzipSync(readFileSync(vsix));
    for (const [path, bytes] of Object.entries(this.files)) this.write(path, bytes);
    // Inside VS Code this module is VS Code itself.
    this.write("node_modules/vscode/index.js", "module.exports = globalThis.vscode;\n");
    mkdirSync(this.workspace);
  }

  private write(path: string, content: string | Uint8Array): string {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  /**
   * Puts a program `lnasc` into a folder, in the workspace or beside it: a language server that notes how it was started. The shell runs
   * `before` first.
   */
  installServer(folder: string, before = ":"): string {
    const script = `#!/bin/sh\n${before}\nSTARTED_AS="$0" exec "${process.execPath}" "${join(BUILT, "language-server.js")}" "$@"\n`;
    const file = this.write(join(folder, "lnasc"), script);
    chmodSync(file, 0o755);
    return file;
  }

  /** Takes a folder away again. */
  remove(folder: string): void {
    rmSync(join(this.folder, folder), { recursive: true, force: true });
  }

  /** Opens the workspace, restarts the server once, and closes it. */
  open({ trusted = true, serverPath = "", path = "" } = {}): Session {
    const notes = join(this.workspace, "started.jsonl");
    rmSync(notes, { force: true });
    const words = [
      join(BUILT, "vscode-host.js"),
      join(this.folder, "extension"),
      this.workspace,
      String(trusted),
      serverPath,
    ];
    const { stdout, stderr, status } = spawnSync(process.execPath, words, {
      encoding: "utf8",
      env: { ...process.env, PATH: join(this.folder, path) },
      timeout: 60_000,
    });
    if (status !== 0) throw new Error(stderr.slice(-2000));
    const { shown } = JSON.parse(stdout) as { shown: string[] };
    const lines = existsSync(notes) ? readFileSync(notes, "utf8").trim().split("\n") : [];
    return { shown, starts: lines.map((line) => JSON.parse(line) as Session["starts"][number]) };
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
