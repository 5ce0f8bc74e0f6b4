import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { positionsPerExample } from "../../runtime/data/positions.js";
import { UserError } from "../../runtime/formats/errors.js";
import { REPOSITORY } from "../golden.js";

const positions = suite("positions of an example");
const example = join(REPOSITORY, "examples", "handwriting");

positions("tokens in the language part, patches of all tiles elsewhere", () => {
  // 14 tokens with four digits; 4 tiles of (28 / 14)² patches and a class embedding, which the encoders see padded to 8.
  assert.equal(positionsPerExample(join(example, "backbone"), join(example, "data", "train.jsonl"), 64), {
    vision: 32,
    projector: 20,
    language: 14,
  });
});

positions("missing data are the user's to mend", () => {
  assert.throws(
    () => positionsPerExample(join(example, "backbone"), join(example, "none.jsonl"), 1),
    (error: unknown) => error instanceof UserError,
  );
});

positions.run();
