/**
 * Every exported function and class of grammar/, compiler/, runtime/ and cli/ has a doc comment of its own, directly above it. (Types
 * are described by their members; re-exports where they are declared.) Run after a build: `node dist/tools/check-docs.js`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOTS = ["grammar", "compiler", "runtime", "cli"];
const EXPORTED = /^export (?:async )?(?:function|class|abstract class) (\w+)/;

/** Every exported function or class without a doc comment, one line each; empty when all is well. */
export function undocumentedExports(root: string): string[] {
  return ROOTS.flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: "utf8" })
      .filter((entry) => entry.endsWith(".ts"))
      .flatMap((entry) => {
        const lines = readFileSync(join(root, top, entry), "utf8").split("\n");
        return lines.flatMap((line, index) => {
          const name = EXPORTED.exec(line)?.[1];
          const before = lines[index - 1]?.trimEnd() ?? "";
          return name === undefined || before.endsWith("*/")
            ? []
            : [`${top}/${entry}:${index + 1}: ${name} has no doc comment`];
        });
      }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = undocumentedExports(process.cwd());
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
