/** A project is checked as it would be, before any of it is written. */
import { dirname, relative, resolve, sep } from "node:path";
import type { Compilation } from "../../compiler/index.js";
import { fileHost } from "../host.js";
import { compileFile } from "../spec.js";
import type { ProjectFiles } from "./project-files.js";

/** Compiles a spec of a project that is not written yet; files that are on the disk already are read there. */
export function compilePlanned(spec: string, files: ProjectFiles): Compilation {
  const folder = dirname(resolve(spec));
  const disk = fileHost(spec);
  return compileFile(spec, {
    ...disk,
    readText: (path) => {
      const content = files.get(relative(folder, resolve(path)).split(sep).join("/"));
      if (content === undefined) return disk.readText(path);
      return typeof content === "string" ? content : Buffer.from(content).toString("utf8");
    },
  });
}
