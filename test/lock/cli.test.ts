/** `lnasc lock`, and runs in a project that has a lock. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Ajv } from "ajv";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../cli/exit-status.js";
import type { Lock } from "../../compiler/lock/lock.js";
import { lnasc } from "../cli/lnasc.js";
import { REPOSITORY } from "../golden.js";

interface Project {
  folder: string;
}
const locking = suite<Project>("lnasc lock");

const EXAMPLE = join(REPOSITORY, "examples", "handwriting");
const spec = (name: string, data: string) =>
  readFileSync(join(EXAMPLE, "handwriting.lnas"), "utf8")
    .replace("experiment handwriting", `experiment ${name}`)
    .replace('folder("backbone")', 'folder("../models/tiny")')
    .replaceAll('messages("data/', `messages("../${data}/`);

locking.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-lock-"));
  const { folder } = context;
  writeFileSync(join(folder, "package.json"), "{}");
  cpSync(join(EXAMPLE, "backbone"), join(folder, "models", "tiny"), { recursive: true });
  for (const data of ["digits", "more"]) {
    mkdirSync(join(folder, data));
    for (const split of ["train", "reward", "validation", "test"]) {
      const [line] = readFileSync(join(EXAMPLE, "data", `${split}.jsonl`), "utf8").split("\n");
      writeFileSync(join(folder, data, `${split}.jsonl`), `${line}\n`);
      cpSync(join(EXAMPLE, "data", "validation.png"), join(folder, data, `${split}.png`));
    }
  }
  mkdirSync(join(folder, "specs"));
  writeFileSync(join(folder, "specs", "first.lnas"), spec("first", "digits"));
  writeFileSync(join(folder, "specs", "second.lnas"), spec("second", "more"));
});
locking.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const readLock = (folder: string) => JSON.parse(readFileSync(join(folder, "lnas.lock"), "utf8")) as Lock;
/** `kind input` of each difference. */
const differences = (folder: string, ...words: string[]) => {
  const { status, stdout } = lnasc(["lock", "--check", "--json", ...words], folder);
  const [result] = JSON.parse(stdout) as { differences: { kind: string; input: string }[] }[];
  assert.is(status, result!.differences.length === 0 ? EXIT.ok : EXIT.findings);
  return result!.differences.map(({ kind, input }) => `${kind} ${input}`);
};

locking("an earlier run whose super-network another starts from is locked with its weights", ({ folder }) => {
  const first = readFileSync(join(folder, "specs", "first.lnas"), "utf8");
  const run = join(folder, "runs", "first");
  const module = { path: "model.multi_modal_projector", inFeatures: 192, outFeatures: 64 };
  const files: Readonly<Record<string, unknown>> = {
    "ir.json": { adapter: { scale: 2, targets: [{ ranks: [0, 8], modules: [module] }] } },
    "stages/super-network.json": { key: "k", files: { "checkpoints/super-network.ckpt": "0".repeat(64) } },
    "checkpoints/super-network.ckpt": "weights",
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(run, name)), { recursive: true });
    writeFileSync(join(run, name), JSON.stringify(content));
  }
  writeFileSync(
    join(folder, "specs", "first.lnas"),
    first.replace("steps 200, batch 16", 'start run("../runs/first"), steps 200, batch 16'),
  );
  const { status, stderr } = lnasc(["lock"], folder);
  assert.is(status, EXIT.ok, stderr);
  for (const name of Object.keys(files)) assert.ok(`runs/first/${name}` in readLock(folder).files, name);
  writeFileSync(join(run, "checkpoints", "super-network.ckpt"), "others");
  assert.equal(differences(folder), ["changed runs/first/checkpoints/super-network.ckpt"]);
});

locking("locks what specs read, once each, from any folder of the project", ({ folder }) => {
  const { status, stdout, stderr } = lnasc(["lock"], join(folder, "specs"));
  assert.is(status, EXIT.ok, stderr);
  assert.is(stdout.trim(), join("..", "lnas.lock"));
  const lock = readLock(folder);
  const names = ["config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json"];
  for (const name of [...names, "tokenizer_config.json", "chat_template.jinja"])
    assert.ok(`models/tiny/${name}` in lock.files, name);
  assert.not("models/tiny/README.md" in lock.files);
  for (const split of ["train", "reward", "validation", "test"])
    for (const ending of ["jsonl", "png"]) assert.ok(`more/${split}.${ending}` in lock.files);
  assert.is(Object.keys(lock.files).length, 6 + 16);
  const weights = readFileSync(join(folder, "models", "tiny", "model.safetensors"));
  assert.equal(lock.files["models/tiny/model.safetensors"], {
    bytes: weights.length,
    sha256: createHash("sha256").update(weights).digest("hex"),
  });
  const library = readFileSync(join(REPOSITORY, "stdlib", "backbones.lnas"));
  assert.equal(lock.std, { "std:backbones.lnas": createHash("sha256").update(library).digest("hex") });
  const text = readFileSync(join(folder, "lnas.lock"), "utf8");
  const schema = JSON.parse(readFileSync(join(REPOSITORY, "schemas", "lock.schema.json"), "utf8")) as object;
  assert.ok(new Ajv({ strict: false }).compile(schema)(JSON.parse(text)));
  assert.equal(differences(folder), []);
  lnasc(["lock"], folder);
  assert.is(readFileSync(join(folder, "lnas.lock"), "utf8"), text);
});

locking("--check shows each difference and writes nothing", ({ folder }) => {
  lnasc(["lock"], folder);
  const before = readFileSync(join(folder, "lnas.lock"), "utf8");
  writeFileSync(join(folder, "digits", "train.png"), "another picture");
  rmSync(join(folder, "digits", "test.png"));
  rmSync(join(folder, "more", "reward.jsonl"));
  rmSync(join(folder, "models", "tiny", "chat_template.jinja"));
  writeFileSync(join(folder, "models", "tiny", "chat_template.json"), "{}");
  assert.equal(differences(folder), [
    "missing digits/test.png",
    "changed digits/train.png",
    "unused models/tiny/chat_template.jinja",
    "new models/tiny/chat_template.json",
    "missing more/reward.jsonl",
    "unused more/reward.png",
  ]);
  const { stdout } = lnasc(["lock", "--check"], folder);
  assert.match(stdout, /^changed {2}digits\/train\.png: locked .* bytes, sha256 .*; now 15 bytes, sha256 /m);
  assert.is(readFileSync(join(folder, "lnas.lock"), "utf8"), before);
});

locking(
  "specs that are named leave other specs' entries alone, but not other files of their backbone",
  ({ folder }) => {
    lnasc(["lock"], folder);
    writeFileSync(join(folder, "digits", "train.png"), "another picture");
    rmSync(join(folder, "models", "tiny", "chat_template.jinja"));
    assert.equal(differences(folder, "specs/second.lnas"), ["unused models/tiny/chat_template.jinja"]);
    assert.is(lnasc(["lock", "specs/second.lnas"], folder).status, EXIT.ok);
    assert.equal(differences(folder), ["changed digits/train.png"]);
    rmSync(join(folder, "specs", "first.lnas"));
    lnasc(["lock"], folder);
    assert.not(Object.keys(readLock(folder).files).some((name) => name.startsWith("digits/")));
  },
);

locking("weights of the Hub are locked by revision, and it is said; their config is locked as a file", ({ folder }) => {
  const hub = 'hub("owner/name", revision: "abc"), config "../models/tiny/config.json"';
  const text = spec("second", "more").replace('folder("../models/tiny")', hub);
  writeFileSync(join(folder, "specs", "second.lnas"), text);
  const { stderr } = lnasc(["lock", "specs/second.lnas"], folder);
  assert.match(stderr, "owner/name@abc is locked by its revision alone");
  const lock = readLock(folder);
  assert.equal(lock.hub, ["owner/name@abc"]);
  assert.equal(
    Object.keys(lock.files).filter((name) => name.startsWith("models/")),
    ["models/tiny/config.json"],
  );
  writeFileSync(join(folder, "specs", "second.lnas"), text.replace('"abc"', '"def"'));
  assert.equal(differences(folder, "specs/second.lnas"), ["new owner/name@def"]);
});

locking("shards and their index are locked; what is not there is not", ({ folder }) => {
  const backbone = join(folder, "models", "tiny");
  rmSync(join(backbone, "model.safetensors"));
  const missing = lnasc(["lock"], folder);
  assert.is(missing.status, EXIT.user);
  assert.match(missing.stderr, "cannot be locked: models/tiny/model.safetensors");
  assert.not(existsSync(join(folder, "lnas.lock")));
  const index = { weight_map: { a: "model-1.safetensors", b: "model-2.safetensors", c: "model-1.safetensors" } };
  writeFileSync(join(backbone, "model.safetensors.index.json"), JSON.stringify(index));
  for (const shard of ["model-1", "model-2", "not-listed"])
    writeFileSync(join(backbone, `${shard}.safetensors`), shard);
  assert.is(lnasc(["lock"], folder).status, EXIT.ok);
  assert.equal(
    Object.keys(readLock(folder).files).filter((name) => name.includes("safetensors")),
    ["model-1.safetensors", "model-2.safetensors", "model.safetensors.index.json"].map((name) => `models/tiny/${name}`),
  );
});

locking("a run whose inputs are not the lock's stops before anything is computed", ({ folder }) => {
  lnasc(["lock", "specs/second.lnas"], folder);
  // Not locked at all.
  const other = lnasc(["run", "specs/first.lnas"], folder);
  assert.is(other.status, EXIT.user);
  assert.match(other.stderr, /^ {2}new {6}digits\/train\.jsonl: not in the lock/m);
  // Locked, and another file.
  const config = join(folder, "models", "tiny", "tokenizer_config.json");
  writeFileSync(config, `${readFileSync(config, "utf8")}\n`);
  const { status, stderr } = lnasc(["run", "specs/second.lnas"], folder);
  assert.is(status, EXIT.user);
  assert.match(
    stderr,
    /^error: the inputs are not those of the lock\n {2}changed {2}models\/tiny\/tokenizer_config\.json: /,
  );
  assert.match(stderr, /^ {2}remedy: .*lnasc lock/m);
  assert.not.match(stderr, "train.jsonl");
  assert.not(existsSync(join(folder, "runs")));
});

locking("a lock that is damaged, of a later format, or not there", ({ folder }) => {
  const none = lnasc(["lock", "--check"], folder);
  assert.is(none.status, EXIT.user);
  assert.match(none.stderr, "there is no lock");
  for (const [text, words] of [
    ["{", "it is no JSON"],
    ['{ "lockVersion": 9 }', "it has format 9"],
  ] as const) {
    writeFileSync(join(folder, "lnas.lock"), text);
    for (const command of [["lock"], ["lock", "--check"], ["run", "specs/first.lnas"]]) {
      const { status, stderr } = lnasc(command, folder);
      assert.is(status, EXIT.user);
      assert.match(stderr, words);
      assert.match(stderr, /remedy: (Restore it|Update lnas)/);
    }
    assert.is(readFileSync(join(folder, "lnas.lock"), "utf8"), text);
  }
});

locking("a spec with errors is not locked", ({ folder }) => {
  writeFileSync(join(folder, "specs", "first.lnas"), "edition 1\nexperiment x { seed }\n");
  assert.is(lnasc(["lock"], folder).status, EXIT.usage);
  assert.not(existsSync(join(folder, "lnas.lock")));
});

locking.run();
