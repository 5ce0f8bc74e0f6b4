/** `lnasc init` as a shell gives it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../cli/exit-status.js";
import { TEMPLATE_NAMES } from "../../cli/init/templates.js";
import { lnasc } from "../cli/lnasc.js";

interface Folder {
  folder: string;
}
const init = suite<Folder>("lnasc init");
init.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-init-"));
});
init.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

for (const template of TEMPLATE_NAMES)
  init(`${template}: what it says next can be done at once`, ({ folder }) => {
    const made = lnasc(["init", "new project", "--yes", "--template", template], folder);
    assert.is(made.status, EXIT.ok, made.stderr);
    assert.match(made.stdout, '  cd "new project"\n  lnasc check\n');
    assert.is(/cannot run yet/.test(made.stderr), template !== "first");
    const project = join(folder, "new project");
    for (const words of [["fmt", "--check"], ["check"], ["plan"], ["compile"]]) {
      const { status, stderr } = lnasc(words, project);
      assert.is(status, EXIT.ok, `${words.join(" ")}: ${stderr}`);
    }
    assert.is(/^ {2}lnasc run$/m.test(made.stdout), template === "first");
  });

init("refuses without a trace: no terminal, bad names, files in the way", ({ folder }) => {
  const refused = (...words: string[]) => {
    const before = readdirSync(folder);
    const { status, stdout, stderr } = lnasc(["init", ...words], folder);
    assert.is(status, EXIT.usage, stderr);
    assert.is(stdout, "");
    assert.equal(readdirSync(folder), before);
    return stderr;
  };
  assert.match(refused(), "there is no terminal to ask on: give --yes");
  assert.match(refused("--yes", "--template", "last"), "Allowed choices are first, own-data, 11b");
  assert.match(refused("--yes", "--name", "a-b"), "--name a-b: ");
  // The spec itself uses this name.
  assert.match(refused("--yes", "--name", "mllama"), "declared twice");
  writeFileSync(join(folder, "README.md"), "mine");
  assert.match(refused("--yes"), /^error: these are in the way, and nothing was written:\n {2}README\.md\n/);
  assert.match(refused("README.md", "--yes"), "  README.md\n");
  assert.is(readFileSync(join(folder, "README.md"), "utf8"), "mine");
});

init("--json is for scripts; the names of files come from --name", ({ folder }) => {
  const { status, stdout } = lnasc(["init", "--yes", "--template", "11b", "--name", "big", "--json"], folder);
  assert.is(status, EXIT.ok);
  const made = JSON.parse(stdout) as { name: string; files: string[] };
  assert.is(made.name, "big");
  assert.ok(made.files.includes("big.lnas"));
  for (const file of made.files) assert.ok(existsSync(join(folder, file)), file);
});

init.run();
