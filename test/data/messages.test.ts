import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { openExampleReader } from "../../runtime/data/dataset.js";
import { UserError } from "../../runtime/formats/errors.js";
import { openSafetensors, readIntegers } from "../../runtime/formats/safetensors.js";
import { backboneArchitecture } from "../../runtime/models/index.js";
import { patchify } from "../../runtime/models/patches.js";
import { REPOSITORY } from "../golden.js";
import { tinyMllama } from "../models/tiny-mllama.js";

const GOLDEN = join(REPOSITORY, "test", "golden", "mllama", "processor");
const TILE = 14;
const PATCH = 7;
/** Of the golden tokenizer: its 300 tokens, and then the image's. */
const VOCABULARY = 300;
const RATIOS = [
  [1, 1],
  [1, 2],
  [1, 3],
  [1, 4],
  [2, 1],
  [2, 2],
  [3, 1],
  [4, 1],
];

const architecture = (vocabulary = VOCABULARY) =>
  backboneArchitecture({
    ...(tinyMllama(
      { image_size: TILE, patch_size: PATCH, max_num_tiles: 4, supported_aspect_ratios: RATIOS },
      { vocab_size: vocabulary, max_position_embeddings: 80 },
    ) as object),
    image_token_index: vocabulary,
  });
const reader = (folder = GOLDEN) => openExampleReader({ ...architecture(), folder });

const suite = makeSuite<{ folder: string }>("data in the messages format");
suite.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-data-"));
  cpSync(GOLDEN, context.folder, { recursive: true });
});
suite.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

suite("text and images become what transformers' MllamaProcessor makes of them", async () => {
  const expected = openSafetensors(join(GOLDEN, "expected.safetensors"));
  const examples = await reader().readMessages(join(GOLDEN, "data.jsonl"));
  assert.is(examples.length, 12);
  examples.forEach(({ inputIds, images, labels }, index) => {
    assert.equal(inputIds, readIntegers(expected, `${index}.input_ids`), `tokens of example ${index}`);
    assert.ok(labels.some((label) => label >= 0) && labels.some((label) => label === -100));
    labels.forEach((label, at) => {
      if (label >= 0) assert.is(label, inputIds[at]);
    });
    if (!expected.has(`${index}.pixel_values`)) {
      assert.equal(Object.keys(images), []);
      return;
    }
    for (const name of ["aspect_ratio_ids", "aspect_ratio_mask", "cross_attention_mask"])
      assert.equal(
        Array.from(images[name]!.data),
        Array.from(readIntegers(expected, `${index}.${name}`)),
        `${index}.${name}`,
      );
    const reference = patchify(expected.read(`${index}.pixel_values`), 3, TILE, PATCH);
    const mine = images.pixel_values!.data;
    assert.is(mine.length, reference.length);
    // One step of 8 bits: Pillow resamples in fixed point.
    const step = 1.01 / 255 / 0.26;
    let worst = 0;
    reference.forEach((value, at) => {
      worst = Math.max(worst, Math.abs(value - mine[at]!));
    });
    assert.ok(worst <= step, `pixels of example ${index} differ by ${worst}`);
  });
});

const IMAGE = { type: "image", path: "tile.png" };
const ANSWER = { role: "assistant", content: "It is 7." };
const row = (...content: readonly unknown[]) => JSON.stringify({ messages: [{ role: "user", content }, ANSWER] });
const GOOD = row(IMAGE, { type: "text", text: "What is the number?" });

/** A line of data.jsonl, and what must be said of it. */
const WRONG: readonly (readonly [name: string, line: string, said: RegExp])[] = [
  ["no JSON", "{", /not valid JSON/],
  ["no messages", "{}", /no list "messages"/],
  ["unknown role", JSON.stringify({ messages: [{ role: "judge", content: "x" }, ANSWER] }), /role "judge"/],
  ["no answer", JSON.stringify({ messages: [{ role: "user", content: "x" }] }), /not the assistant's/],
  [
    "fewer images than marks",
    JSON.stringify({ messages: [{ role: "user", content: "<image><image> x" }, ANSWER], images: ["tile.png"] }),
    /2 image marks but 1 image/,
  ],
  [
    "more images than marks",
    JSON.stringify({ messages: [{ role: "user", content: "x" }, ANSWER], images: ["tile.png"] }),
    /0 image marks but 1 image/,
  ],
  ["image missing", row({ type: "image", path: "absent.png" }), /absent\.png/],
  ["image unreadable", row({ type: "image", path: "broken.png" }), /broken\.png/],
  ["crop outside of the picture", row({ ...IMAGE, crop: [0, 0, 9999, 4] }), /9999/],
  ["path that leaves the folder", row({ type: "image", path: "../secret.png" }), /secret\.png/],
  ["absolute path", row({ type: "image", path: "/etc/passwd" }), /passwd/],
  ["too long", row({ type: "text", text: "word ".repeat(200) }), /tokens; the backbone has 80 positions/],
];
for (const [name, line, said] of WRONG)
  suite(`${name}: a message with file, line and remedy`, async ({ folder }) => {
    const whole = readFileSync(join(folder, "large.png"));
    writeFileSync(join(folder, "broken.png"), whole.subarray(0, whole.length / 2));
    const file = join(folder, "data.jsonl");
    writeFileSync(file, `${GOOD}\n${line}\n`);
    try {
      await reader(folder).readMessages(file);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, UserError);
      const { message, place, remedy } = error as UserError;
      assert.match(`${message} ${place}`, said);
      assert.ok(place?.startsWith(`${file}:2`) || message.includes(`${file}:2`), `${place}`);
      assert.ok(remedy.length > 0);
    }
  });

suite("LLaMA-Factory's form and a crop of a sheet are the same example", async ({ folder }) => {
  const file = join(folder, "data.jsonl");
  const marked = { messages: [{ role: "user", content: "<image>What is the number?" }, ANSWER], images: ["tile.png"] };
  writeFileSync(
    file,
    `${GOOD}\n${JSON.stringify(marked)}\n${row({ ...IMAGE, crop: [0, 0, TILE, TILE] }, { type: "text", text: "What is the number?" })}\n`,
  );
  const [first, second, third] = await reader(folder).readMessages(file);
  assert.is(second!.contentHash, first!.contentHash);
  assert.equal(second!.images, first!.images);
  assert.is(third!.contentHash, first!.contentHash);
  assert.equal([second!.pictureHashes, third!.pictureHashes], [first!.pictureHashes, first!.pictureHashes]);
});

suite("the same picture under another question is another example of the same picture", async ({ folder }) => {
  const file = join(folder, "data.jsonl");
  const other = row(IMAGE, { type: "text", text: "Is the number even?" });
  const large = row({ type: "image", path: "large.png" }, { type: "text", text: "What is the number?" });
  const text = row({ type: "text", text: "What is the number?" });
  writeFileSync(file, `${GOOD}\n${other}\n${large}\n${text}\n`);
  const [first, second, third, fourth] = await reader(folder).readMessages(file);
  assert.is(first!.pictureHashes!.length, 1);
  assert.equal(second!.pictureHashes, first!.pictureHashes);
  assert.is.not(second!.contentHash, first!.contentHash);
  assert.not.equal(third!.pictureHashes, first!.pictureHashes);
  assert.equal(fourth!.pictureHashes, []);
});

suite("an empty file, and one that is not there", async ({ folder }) => {
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "empty.jsonl"), "\n");
  for (const file of ["empty.jsonl", "absent.jsonl", "sub"])
    try {
      await reader(folder).readMessages(join(folder, file));
      assert.unreachable();
    } catch (error) {
      assert.instance(error, UserError, file);
    }
});

suite("a tokenizer of another model, or none, is refused before any data are read", ({ folder }) => {
  assert.throws(
    () => openExampleReader({ ...architecture(43), folder }),
    (error: unknown) => error instanceof UserError && /vocabulary|token/i.test(error.message),
  );
  rmSync(join(folder, "tokenizer.json"));
  assert.throws(
    () => reader(folder),
    (error: unknown) => error instanceof UserError && /tokenizer\.json/.test(`${error.message} ${error.place}`),
  );
});

suite.run();
