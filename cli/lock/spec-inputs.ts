/** What the experiments of a spec read beside its text: named by compiling it, and looked for on the disk. */
import { createHash } from "node:crypto";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import type { Compilation, CompilerHost } from "../../compiler/index.js";
import { backboneFiles, dataFiles, networkFiles } from "../../runtime/experiment/input-files.js";
import { fileHost } from "../host.js";
import { compileFile } from "../spec.js";
import { SpecPlace } from "../spec-place.js";

/** The inputs of experiments of one spec; nothing is hashed yet. */
export interface SpecInputs {
  /** Absolute path on this machine, by path as in the lock. */
  readonly files: ReadonlyMap<string, string>;
  /** Folders of backbones, as in the lock. */
  readonly backboneFolders: readonly string[];
  /** `owner/name@revision`. */
  readonly hub: readonly string[];
  readonly std: Readonly<Record<string, string>>;
}

/** Compiles a spec; `inputs` lists what its experiments (one, when it is named) read. */
export function compileWithInputs(
  spec: string,
  root: string,
): { readonly compilation: Compilation; readonly inputs: (experiment?: string) => SpecInputs } {
  const place = new SpecPlace(spec);
  const read = new Map<string, string>();
  const std = new Map<string, string>();
  const compilation = compileFile(spec, recording(fileHost(spec), read, std));
  return {
    compilation,
    inputs: (experiment) => {
      const files = new Map<string, string>();
      const backboneFolders: string[] = [];
      const hub: string[] = [];
      /** A path that a spec gives as absolute is so on every machine; all others are told from the lock. */
      const nameOf = (written: string, file: string) =>
        (isAbsolute(written) ? file : relative(root, file)).split(sep).join("/");
      const add = (written: string, file: string) => files.set(nameOf(written, file), file);
      for (const path of read.keys()) add(path, place.file(path));
      for (const { ir } of compilation.experiments) {
        if (experiment !== undefined && ir.name !== experiment) continue;
        const { weights } = ir.backbone;
        if (weights.kind === "hub") hub.push(`${weights.repository}@${weights.revision}`);
        else {
          const folder = resolve(place.folder, weights.path);
          backboneFolders.push(nameOf(weights.path, folder));
          for (const name of backboneFiles(folder)) add(weights.path, join(folder, name));
        }
        const { start } = ir.search.superNetwork;
        if (start !== undefined) for (const file of networkFiles(resolve(place.folder, start))) add(start, file);
        for (const { path } of Object.values(ir.dataset.splits))
          for (const file of dataFiles(resolve(place.folder, path))) add(path, file);
      }
      return { files, backboneFolders, hub, std: Object.fromEntries(std) };
    },
  };
}

/** A host that keeps what is read: files of the project other than specs, and hashes of the standard library's. */
function recording(host: CompilerHost, read: Map<string, string>, std: Map<string, string>): CompilerHost {
  return {
    ...host,
    readText: (path) => {
      const text = host.readText(path);
      if (text !== undefined && !path.endsWith(".lnas")) read.set(path, text);
      return text;
    },
    readStandard: (path) => {
      const text = host.readStandard(path);
      if (text !== undefined) std.set(`std:${path}`, createHash("sha256").update(text).digest("hex"));
      return text;
    },
  };
}
