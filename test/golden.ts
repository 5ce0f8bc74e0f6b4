/** Golden files: compared byte for byte; `UPDATE_GOLDEN=1` writes them anew. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";

/** The repository, seen from dist/test. */
export const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Fails when `text` differs from `test/golden/<name>` or there is no such file. */
export function assertGolden(name: string, text: string): void {
  const file = join(REPOSITORY, "test", "golden", name);
  if (process.env.UPDATE_GOLDEN === "1") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  assert.ok(existsSync(file), `${name} is missing: run the test with UPDATE_GOLDEN=1 and review the new file`);
  assert.fixture(text, readFileSync(file, "utf8"), `${name} is stale: run the test with UPDATE_GOLDEN=1 and review it`);
}
