/** `lnasc check` and `lnasc explain` as scripts and people call them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../cli/exit-status.js";
import { compileFile } from "../../cli/spec.js";
import { diagnosticTable } from "../../compiler/index.js";
import { BASE } from "../compiler/host.js";
import { REPOSITORY } from "../golden.js";
import { lnasc } from "./lnasc.js";

const check = suite("lnasc check and explain");

const CONFIG = readFileSync(join(REPOSITORY, "examples/handwriting/backbone/config.json"), "utf8");

/** A project with a spec. */
function inProject(spec: string, body: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "lnas-check-"));
  try {
    writeFileSync(join(folder, "package.json"), "{}");
    mkdirSync(join(folder, "backbone"));
    writeFileSync(join(folder, "backbone", "config.json"), CONFIG);
    writeFileSync(join(folder, "spec.lnas"), spec);
    body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

check("without arguments it checks every spec below this folder", () => {
  inProject(BASE, (folder) => {
    mkdirSync(join(folder, "more"));
    writeFileSync(join(folder, "more", "broken.lnas"), "edition 1\nexperiment x {\n");
    const { status, stderr } = lnasc(["check"], folder);
    assert.is(status, EXIT.usage);
    assert.match(stderr, "more/broken.lnas:2:14");
    assert.match(stderr, "1 error in more/broken.lnas");
    assert.is(lnasc(["check", "spec.lnas"], folder).status, EXIT.ok);
  });
});

check("--fix mends what is safe, keeps the file's mode, and says what it did", () => {
  const wrong = BASE.replace("seed 7", "seed = 7;").replace("finalists 2", "finalist 2");
  inProject(wrong, (folder) => {
    const path = join(folder, "spec.lnas");
    const { mode } = statSync(path);
    const { status, stderr } = lnasc(["check", "--fix"], folder);
    assert.is(status, EXIT.ok, stderr);
    assert.match(stderr, "mended spec.lnas:9: Remove `=`");
    assert.match(stderr, "mended spec.lnas:34: Write `finalists`");
    assert.is(statSync(path).mode, mode);
    assert.is(lnasc(["check"], folder).stderr, "base: no errors\n");
    const mended = readFileSync(path, "utf8");
    lnasc(["check", "--fix"], folder);
    assert.is(readFileSync(path, "utf8"), mended);
  });
});

check("--deny makes errors of warnings; an allowance with a reason silences one", () => {
  inProject(BASE.replace("uniform rank 1", "uniform rank 9"), (folder) => {
    assert.is(lnasc(["check"], folder).status, EXIT.ok);
    assert.is(lnasc(["check", "--deny", "warnings"], folder).status, EXIT.usage);
    assert.is(lnasc(["check", "--deny", "LNAS1502"], folder).status, EXIT.usage);
    const misspelt = lnasc(["check", "--deny", "LNAS1592"], folder);
    assert.is(misspelt.status, EXIT.usage);
    assert.match(misspelt.stderr, "did you mean LNAS1502?");
    const path = join(folder, "spec.lnas");
    const allowed = readFileSync(path, "utf8").replace("rank 9", "rank 9 // allow LNAS1502: a guard only");
    writeFileSync(path, allowed);
    assert.equal(lnasc(["check", "--deny", "warnings"], folder), {
      status: EXIT.ok,
      stdout: "",
      stderr: "base: no errors\n",
    });
  });
});

check("formats go to standard output, whatever is found", () => {
  inProject(BASE.replace("seed 7", "sede 7"), (folder) => {
    const json = lnasc(["check", "--format", "json"], folder);
    assert.is(json.status, EXIT.usage);
    const { version, diagnostics } = JSON.parse(json.stdout) as { version: number; diagnostics: { code: string }[] };
    assert.equal([version, diagnostics[0]!.code], [1, "LNAS1001"]);
    assert.is(lnasc(["check", "--json"], folder).stdout, json.stdout);
    const sarif = JSON.parse(lnasc(["check", "--format", "sarif"], folder).stdout) as {
      runs: { tool: { driver: { rules: { help: { markdown: string } }[] } } }[];
    };
    assert.match(sarif.runs[0]!.tool.driver.rules[0]!.help.markdown, "# LNAS1001");
    assert.match(lnasc(["check", "--format", "github"], folder).stdout, /^::error file=spec\.lnas,line=9,/);
    assert.is(lnasc(["check", "--format", "xml"], folder).status, EXIT.usage);
  });
});

check("a spec in a folder that is reached through a link is of the project it lies in, and reads nothing else", () => {
  inProject(BASE, (folder) => {
    inProject(BASE, (elsewhere) => {
      mkdirSync(join(folder, "sub"));
      writeFileSync(join(folder, "common.lnas"), "edition 1\nconst ranks = [0, 1, 2]\n");
      writeFileSync(join(elsewhere, "common.lnas"), "edition 1\nconst ranks = [0, 4]\n");
      const within = BASE.replace("const ranks = [0, 1, 2]", 'import { ranks } from "../common.lnas"').replace(
        'folder("backbone")',
        'folder("../backbone")',
      );
      writeFileSync(join(folder, "sub", "spec.lnas"), within);
      symlinkSync(join(folder, "sub"), join(elsewhere, "link"), "dir");
      for (const spec of ["link/spec.lnas", join(elsewhere, "link", "spec.lnas")]) {
        const { status, stderr } = lnasc(["check", spec], elsewhere);
        assert.is(status, EXIT.ok, stderr);
      }
      lnasc(["compile", "link/spec.lnas", "--out", "out"], elsewhere);
      lnasc(["compile", "sub/spec.lnas", "--out", "out"], folder);
      const ir = (of: string) => readFileSync(join(of, "out", "base.ir.json"), "utf8");
      assert.is(ir(elsewhere), ir(folder));

      // What lies elsewhere is not read, be it named by a path or through a link.
      const path = join(elsewhere, "common.lnas");
      symlinkSync(path, join(folder, "sub", "other.lnas"));
      inProject("edition 1\nconst ranks = [0, 4]\n", (third) => {
        for (const [from, code] of [
          ["./other.lnas", "LNAS1103"],
          [`../../${basename(third)}/spec.lnas`, "LNAS1103"],
          [path, "LNAS1105"],
        ] as const) {
          writeFileSync(
            join(folder, "sub", "spec.lnas"),
            within.replace("../common.lnas", () => from),
          );
          for (const spec of [join(elsewhere, "link", "spec.lnas"), join(folder, "sub", "spec.lnas")])
            assert.ok(
              compileFile(spec).diagnostics.some((found) => found.code === code),
              `${spec} ${from}`,
            );
        }
      });
      symlinkSync(path, join(folder, "alone.lnas"));
      assert.match(lnasc(["check", "alone.lnas"], folder).stderr, "error[LNAS1109]");
    });
  });
});

check("an IR file is checked as well", () => {
  inProject(BASE, (folder) => {
    assert.is(lnasc(["compile"], folder).status, EXIT.ok);
    assert.is(lnasc(["check", "base.ir.json"], folder).status, EXIT.ok);
    const path = join(folder, "base.ir.json");
    writeFileSync(path, readFileSync(path, "utf8").replace('"seed":7', '"seed":"seven"'));
    const { status, stderr } = lnasc(["check", "base.ir.json"], folder);
    assert.is(status, EXIT.usage);
    assert.match(stderr, "/seed must be integer");
  });
});

check("explain prints a page, lists the codes, and knows near misses", () => {
  assert.match(lnasc(["explain", "LNAS1203"]).stdout, "# LNAS1203");
  assert.is(lnasc(["explain", "1203"]).stdout, lnasc(["explain", "lnas1203"]).stdout);
  assert.is(lnasc(["explain"]).stdout.trim().split("\n").length, Object.keys(diagnosticTable).length);
  const unknown = lnasc(["explain", "LNAS1299"]);
  assert.is(unknown.status, EXIT.usage);
  assert.match(unknown.stderr, "did you mean LNAS1");
});

check.run();
