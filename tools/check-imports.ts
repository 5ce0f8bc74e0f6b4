/**
 * Imports run downwards only. Lists, for each folder, the folders it may import; everything else is an error.
 * Run after a build: `node dist/tools/check-imports.js`; the test suite runs the same check.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder -> folders it may import from (besides itself). `types-only:` allows `import type` alone. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  grammar: [],
  compiler: ["grammar", "types-only:runtime"],
  "runtime/random": [],
  "runtime/formats": [],
  "runtime/graph": [],
  "runtime/search": ["runtime/random", "runtime/formats"],
  "runtime/executors": ["runtime/graph", "runtime/formats"],
  "runtime/models": ["runtime/graph", "runtime/formats"],
  "runtime/adapters": ["runtime/random", "runtime/graph", "runtime/formats", "runtime/models"],
  "runtime/data": ["runtime/graph", "runtime/formats", "runtime/models"],
  "runtime/training": [
    "runtime/random",
    "runtime/graph",
    "runtime/formats",
    "runtime/executors",
    "runtime/models",
    "runtime/adapters",
    "runtime/data",
  ],
  "runtime/experiment": [
    "runtime/random",
    "runtime/graph",
    "runtime/formats",
    "runtime/executors",
    "runtime/models",
    "runtime/adapters",
    "runtime/data",
    "runtime/search",
    "runtime/training",
  ],
  runtime: [
    "runtime/random",
    "runtime/graph",
    "runtime/formats",
    "runtime/executors",
    "runtime/models",
    "runtime/adapters",
    "runtime/data",
    "runtime/search",
    "runtime/training",
    "runtime/experiment",
  ],
  cli: ["compiler", "grammar", "runtime"],
};

const ROOTS = ["grammar", "compiler", "runtime", "cli"];

/** The longest folder of the table that holds a file. */
function roomOf(path: string): string | undefined {
  return Object.keys(ARROWS)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function allows(room: string, target: string, typeOnly: boolean): boolean {
  if (room === target) return true;
  return (ARROWS[room] ?? []).some((entry) => {
    const types = entry.startsWith("types-only:");
    const allowed = types ? entry.slice("types-only:".length) : entry;
    return (target === allowed || target.startsWith(`${allowed}/`)) && (!types || typeOnly);
  });
}

/** Every import that points the wrong way, one line each; empty when all is well. */
export function wrongImports(root: string): string[] {
  const problems: string[] = [];
  for (const top of ROOTS.filter((folder) => existsSync(join(root, folder)))) {
    for (const entry of readdirSync(join(root, top), { recursive: true, encoding: "utf8" })) {
      if (!entry.endsWith(".ts")) continue;
      const file = join(root, top, entry);
      const path = relative(root, file).split(sep).join(posix.sep);
      const room = roomOf(path);
      if (room === undefined) continue;
      const text = readFileSync(file, "utf8");
      for (const match of text.matchAll(
        /(import|export)\s+(type\s+)?[^;"']*?from\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/g,
      )) {
        const specifier = match[3] ?? match[4];
        if (specifier === undefined) continue;
        const target = relative(root, resolve(dirname(file), specifier))
          .split(sep)
          .join(posix.sep);
        const targetRoom = roomOf(target);
        if (targetRoom !== undefined && !allows(room, targetRoom, match[2] !== undefined))
          problems.push(`${path}: ${room} may not import ${target}`);
      }
    }
  }
  return problems;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = wrongImports(process.cwd());
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
