/** `lnasc backend` without anything installed. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../cli/exit-status.js";
import { inEmptyFolder, lnasc } from "./lnasc.js";

const test = suite("backend");

test("list and remove of nothing", () => {
  inEmptyFolder((folder) => {
    const empty = { LNAS_CACHE: folder };
    assert.match(lnasc(["backend", "list"], folder, "", empty).stdout, /nothing is installed; lnasc backend install/);
    assert.equal(JSON.parse(lnasc(["backend", "list", "--json"], folder, "", empty).stdout), []);
    assert.match(lnasc(["backend", "remove", "tensorflow"], folder, "", empty).stdout, /nothing to remove/);
  });
});

test("names and versions that do not exist", () => {
  inEmptyFolder((folder) => {
    const empty = { LNAS_CACHE: folder };
    assert.is(lnasc(["backend", "install", "pytorch"], folder, "", empty).status, EXIT.usage);
    assert.is(lnasc(["backend"], folder, "", empty).status, EXIT.usage);
    const old = lnasc(["backend", "install", "tensorflow", "--version", "2.9"], folder, "", empty);
    assert.is(old.status, EXIT.user);
    assert.match(
      old.stderr,
      process.platform === "linux" ? /2\.9 cannot be used[\s\S]*remedy: .*2\.12/ : /on Linux only/,
    );
    assert.match(lnasc(["--version"]).stdout, /^\d+\.\d+\.\d+/);
    assert.match(lnasc(["doctor", "--version"]).stdout, /^\d+\.\d+\.\d+/);
  });
});

test.run();
