import { mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { executeProgram } from "../../runtime/experiment/execute.js";
import { FileHashes } from "../../runtime/experiment/file-hashes.js";
import { backboneFiles } from "../../runtime/experiment/input-files.js";
import { hashFile } from "../../runtime/experiment/keys.js";
import { UserError } from "../../runtime/formats/errors.js";
import { tinyProgram } from "../experiment/tiny-program.js";
import { tinyBackbone } from "../training/tiny-backbone.js";

interface Folder {
  folder: string;
}
const hashing = suite<Folder>("hashes of input files");
hashing.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-hashes-"));
});
hashing.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

/** A store that counts how often each file is read. */
function counting(during: (file: string) => void = () => {}) {
  const reads: string[] = [];
  const hashes = new FileHashes(async (file, onBytes) => {
    reads.push(file);
    during(file);
    return hashFile(file, onBytes);
  });
  return { hashes, reads };
}

hashing("a file is read once, and again when it has changed, were it only in its bytes", async ({ folder }) => {
  const file = join(folder, "a");
  writeFileSync(file, "first");
  utimesSync(file, 1, 1);
  const { hashes, reads } = counting();
  const [first] = (await hashes.of([file, file])).values();
  assert.is(first?.bytes, 5);
  await hashes.of([file]);
  assert.is(reads.length, 1);
  writeFileSync(file, "other");
  // As a tool that keeps times would leave it.
  utimesSync(file, 1, 1);
  const [second] = (await hashes.of([file])).values();
  assert.is.not(second?.sha256, first?.sha256);
  assert.is(reads.length, 2);
});

hashing("what is not there has no content; a folder is no file", async ({ folder }) => {
  const { hashes } = counting();
  assert.equal([...(await hashes.of([join(folder, "none"), folder])).values()], [undefined, undefined]);
});

hashing("a file that changes under the hand is an error, not a hash", async ({ folder }) => {
  const file = join(folder, "a");
  writeFileSync(file, "first");
  const { hashes } = counting(() => writeFileSync(file, "longer than before"));
  await hashes.of([file]).then(
    () => assert.unreachable(),
    (error: unknown) => {
      assert.instance(error, UserError);
      assert.match((error as Error).message, "changed while it was read");
    },
  );
});

hashing("progress is told of what takes more than a moment, and of nothing else", async ({ folder }) => {
  const [small, large] = [join(folder, "small"), join(folder, "large")];
  writeFileSync(small, "small");
  writeFileSync(large, "");
  truncateSync(large, 2 ** 28);
  const told: number[] = [];
  await new FileHashes().of([small], () => assert.unreachable("five bytes"));
  await new FileHashes().of([large, small], (done, total) => {
    assert.is(total, 2 ** 28 + 5);
    told.push(done);
  });
  assert.ok(told.length > 100);
  assert.equal(
    told,
    [...told].sort((a, b) => a - b),
  );
  assert.is(told.at(-1), 2 ** 28 + 5);
});

hashing("a run takes the hashes that the check against the lock has read", async ({ folder }) => {
  const backbone = tinyBackbone(join(folder, "backbone"));
  const { hashes, reads } = counting();
  const files = backboneFiles(backbone.folder).map((name) => join(folder, "backbone", name));
  const contents = await hashes.of(files);
  assert.is(reads.length, files.length);
  await executeProgram(tinyProgram(backbone), {
    specFolder: folder,
    runFolder: join(folder, "run"),
    engine: "onnx",
    engineOptions: { threads: 1 },
    hashes,
  });
  assert.is(reads.length, files.length);
  assert.is(contents.size, 2);
});

hashing.run();
