/** Specs that want to break a command, or to make it do what it should not: exit status 2 and a diagnostic, no stack trace, nothing written. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { BASE } from "../compiler/host.js";
import { REPOSITORY } from "../golden.js";
import { lnasc } from "./lnasc.js";

const suite = makeSuite("bad specs on the command line");

/** Runs a test in a folder that holds a project: the base spec with the configuration it names. */
function project(test: (folder: string) => void): void {
  const outside = mkdtempSync(join(tmpdir(), "lnas-specs-"));
  const folder = join(outside, "project");
  try {
    mkdirSync(join(folder, "backbone"), { recursive: true });
    writeFileSync(join(folder, "package.json"), "{}");
    const config = readFileSync(join(REPOSITORY, "examples/handwriting/backbone/config.json"));
    writeFileSync(join(folder, "backbone", "config.json"), config);
    writeFileSync(join(folder, "spec.lnas"), BASE);
    test(folder);
  } finally {
    rmSync(outside, { recursive: true, force: true });
  }
}

/** Every file below a folder with its content and time. */
const snapshot = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const file = join(folder, name);
      const { mtimeMs } = statSync(file);
      return statSync(file).isFile() ? [name, mtimeMs, readFileSync(file, "base64")] : [name, mtimeMs];
    });

const READING = [["check"], ["plan"], ["fmt", "--check"], ["diff", "spec.lnas"]] as const;

const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 256));
const SPECS: Readonly<Record<string, string | Buffer>> = {
  "a megabyte of {": "{".repeat(2 ** 20),
  "10,000 lists within one another": `edition 1\nconst x = ${"[".repeat(10_000)}1${"]".repeat(10_000)}\n`,
  "all sorts of bytes": bytes,
  "half a UTF-8 character": Buffer.concat([Buffer.from(BASE.slice(0, 100)), Buffer.from([0xe2, 0x82])]),
  "UTF-16": Buffer.from(`\uFEFF${BASE}`, "utf16le"),
  "a text of four megabytes that does not end": `edition 1\nconst x = "${"a".repeat(4_000_000)}`,
};

for (const [name, text] of Object.entries(SPECS))
  suite(`${name}: every command that reads specs says so, and writes nothing`, () =>
    project((folder) => {
      writeFileSync(join(folder, "bad.lnas"), text);
      const before = snapshot(folder);
      for (const command of READING) {
        const { status, stdout, stderr } = lnasc([...command, "bad.lnas"], folder);
        assert.is(status, 2, `${command.join(" ")}\n${stderr.slice(0, 2000)}`);
        assert.match(stdout + stderr, /LNAS\d{4}/);
        assert.not.match(stdout + stderr, /\n\s+at .*\.js:\d+|bug:/);
      }
      assert.equal(snapshot(folder), before);
    }));

suite("good specs: check, plan, fmt --check and diff write nothing either", () =>
  project((folder) => {
    writeFileSync(join(folder, "other.lnas"), BASE.replace("seed 7", "seed 8"));
    const before = snapshot(folder);
    for (const command of READING) {
      const { status, stderr } = lnasc([...command, "other.lnas"], folder);
      assert.ok(status === 0 || command[0] === "fmt", stderr);
    }
    assert.equal(snapshot(folder), before);
  }));

suite("imports that climb out of the project, by dots, by an absolute path or by a link, read nothing", () =>
  project((folder) => {
    const secret = join(folder, "..", "secret.lnas");
    writeFileSync(secret, "edition 1\nconst ranks = [0, 1, 4]\n");
    mkdirSync(join(folder, "..", "elsewhere"));
    writeFileSync(join(folder, "..", "elsewhere", "secret.lnas"), "edition 1\nconst ranks = [0, 1, 4]\n");
    symlinkSync(secret, join(folder, "link.lnas"));
    symlinkSync(join(folder, "..", "elsewhere"), join(folder, "inside"));
    for (const path of ["../secret.lnas", "./../secret.lnas", "./link.lnas", "./inside/secret.lnas", secret]) {
      const text = BASE.replace("const ranks = [0, 1, 2]", `import { ranks } from "${path}"`);
      writeFileSync(join(folder, "spec.lnas"), text);
      const { status, stderr } = lnasc(["check", "spec.lnas"], folder);
      assert.is(status, 2, path);
      assert.match(stderr, /LNAS110[35]/);
    }
    const climbing = BASE.replace('folder("backbone")', 'folder("../elsewhere")');
    writeFileSync(join(folder, "..", "elsewhere", "config.json"), "{ this is a secret }");
    writeFileSync(join(folder, "spec.lnas"), climbing);
    const { status, stderr } = lnasc(["check", "spec.lnas"], folder);
    assert.is(status, 2);
    assert.match(stderr, "LNAS1301");
    assert.not.match(stderr, "secret");
  }));

suite("a link that leads to itself, and a folder for a file", () =>
  project((folder) => {
    symlinkSync("loop.lnas", join(folder, "loop.lnas"));
    mkdirSync(join(folder, "folder.lnas"));
    for (const path of ["./loop.lnas", "./folder.lnas"]) {
      writeFileSync(
        join(folder, "spec.lnas"),
        BASE.replace("const ranks = [0, 1, 2]", `import { ranks } from "${path}"`),
      );
      const { status, stderr } = lnasc(["check", "spec.lnas"], folder);
      assert.is(status, 2);
      assert.match(stderr, "LNAS1103");
    }
    assert.is(lnasc(["check", "loop.lnas"], folder).status, 2);
  }));

suite("files that import one another in a circle", () =>
  project((folder) => {
    writeFileSync(join(folder, "a.lnas"), 'edition 1\nimport { y } from "./b.lnas"\nconst x = 1\n');
    writeFileSync(join(folder, "b.lnas"), 'edition 1\nimport { x } from "./a.lnas"\nconst y = 1\n');
    const { status, stderr } = lnasc(["check", "a.lnas"], folder);
    assert.is(status, 2);
    assert.match(stderr, /LNAS1104[\s\S]*a\.lnas → b\.lnas → a\.lnas/);
  }));

suite("no control character of a spec, of its name or of what it imports reaches the terminal", () =>
  project((folder) => {
    const controls = "\x1B[2J\x1B]0;owned\x07\x9B31m\u202E";
    const texts = [
      BASE.replace("the base of", `the ${controls} base of`),
      BASE.replace("seed 7", `seed 7 // ${controls}`),
      BASE.replace("search natural_policy_gradient", `search natural${controls}`),
      BASE.replace('"std:backbones"', `"std:${controls}"`),
      BASE.replace('"std:backbones"', `"./${controls}.lnas"`),
      BASE.replace('folder("backbone")', `folder("${controls}")`),
      BASE.replace('folder("backbone")', 'folder("\\u001B[2J")'),
      BASE.replace('peft "adapter"', 'peft "../\\u001B[2J"'),
      BASE.replace("the base of the cases", "\\u001B[2J \\u202E"),
      BASE.replace("the base of the cases", "\\u001B[2J \\u202E").replace("seed 7", "seed x"),
    ];
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
    const control = /[\0-\x08\x0B-\x1F\x7F-\x9F\u202A-\u202E\u2066-\u2069]/;
    writeFileSync(join(folder, "base.lnas"), BASE);
    const named = "na\x1B[2Jme.lnas";
    for (const [at, text] of texts.entries()) {
      writeFileSync(join(folder, "spec.lnas"), text);
      writeFileSync(join(folder, named), text);
      for (const words of [
        ["check", named],
        ["plan", "spec.lnas"],
        ["fmt", "--diff", named],
      ]) {
        const { stdout, stderr } = lnasc(words, folder);
        assert.not.match(stderr, control, `${at} ${words[0]}`);
        assert.not.match(stdout, control, `${at} ${words[0]}`);
      }
      for (const format of ["json", "sarif", "github"]) {
        const { stdout } = lnasc(["check", "--format", format, "spec.lnas"], folder);
        assert.not.match(stdout, control, `${at} ${format}`);
      }
    }
  }));

suite("a spec never causes code to run, nor a file to be read that it does not name", () =>
  project((folder) => {
    // Files that a tool might run or read because they are there.
    for (const name of ["spec.js", "spec.search.ts", "lnas.config.js", "backbone/modeling.py", "backbone/index.js"])
      writeFileSync(join(folder, name), "require('node:fs').writeFileSync('ran', 'ran'); throw new Error('ran');\n");
    writeFileSync(join(folder, "other.lnas"), "this is no spec");
    writeFileSync(
      join(folder, "spec.lnas"),
      BASE.replace("the base of the cases", "$(touch ran) `touch ran` {{constructor}} %7B"),
    );
    const before = snapshot(folder);
    for (const command of READING) {
      const { status, stderr } = lnasc([...command, "spec.lnas"], folder);
      assert.ok(status === 0 || command[0] === "fmt", stderr);
    }
    assert.equal(snapshot(folder), before);
  }));

suite.run();
