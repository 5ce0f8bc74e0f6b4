import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../cli/exit-status.js";
import { lnasc } from "./lnasc.js";

const fmt = suite("lnasc fmt");

const UGLY = "edition   1\nconst a=1 // one\nconst long = [1,2]\n";
const NEAT = "edition 1\n\nconst a    = 1  // one\nconst long = [1, 2]\n";

function inFolder(body: (folder: string, file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "lnas-fmt-"));
  try {
    const file = join(folder, "a.lnas");
    writeFileSync(file, UGLY);
    body(folder, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

fmt("rewrites what changes, keeps the mode, and is content the second time", () => {
  inFolder((folder, file) => {
    chmodSync(file, 0o640);
    assert.equal(lnasc(["fmt"], folder), { status: EXIT.ok, stdout: "", stderr: "formatted a.lnas\n" });
    assert.is(readFileSync(file, "utf8"), NEAT);
    assert.is(statSync(file).mode & 0o777, 0o640);
    const { mtimeMs } = statSync(file);
    assert.equal(lnasc(["fmt", "a.lnas"], folder), { status: EXIT.ok, stdout: "", stderr: "" });
    assert.is(statSync(file).mtimeMs, mtimeMs);
  });
});

fmt("--check and --diff change nothing and exit with 1", () => {
  inFolder((folder, file) => {
    assert.equal(lnasc(["fmt", "--check"], folder), { status: EXIT.findings, stdout: "a.lnas\n", stderr: "" });
    const { status, stdout } = lnasc(["fmt", "--diff"], folder);
    assert.is(status, EXIT.findings);
    assert.match(stdout, "-edition   1\n");
    assert.match(stdout, "+const a    = 1  // one\n");
    assert.is(readFileSync(file, "utf8"), UGLY);
    writeFileSync(file, NEAT);
    assert.equal(lnasc(["fmt", "--check"], folder), { status: EXIT.ok, stdout: "", stderr: "" });
  });
});

fmt("a file with mistakes is left alone, and they are shown", () => {
  inFolder((folder, file) => {
    writeFileSync(file, "edition 1\nconst = 3\n");
    const { status, stderr } = lnasc(["fmt"], folder);
    assert.is(status, EXIT.usage);
    assert.match(stderr, "error[LNAS1001]");
    assert.match(stderr, "a.lnas:2:7");
    assert.is(readFileSync(file, "utf8"), "edition 1\nconst = 3\n");
    assert.is(lnasc(["fmt", "none.lnas"], folder).status, EXIT.usage);
  });
});

fmt("- reads standard input", () => {
  assert.equal(lnasc(["fmt", "-"], ".", UGLY), { status: EXIT.ok, stdout: NEAT, stderr: "" });
  assert.is(lnasc(["fmt", "-", "a.lnas"], ".", UGLY).status, EXIT.usage);
});

fmt.run();
