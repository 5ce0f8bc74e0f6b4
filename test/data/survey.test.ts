import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { countExamples, largestExample } from "../../runtime/data/survey.js";
import { UserError } from "../../runtime/formats/errors.js";
import { REPOSITORY } from "../golden.js";

const survey = suite("survey of a data set");
const example = join(REPOSITORY, "examples", "handwriting");
const train = join(example, "data", "train.jsonl");

survey("the most tokens and images of the examples looked at, and how many there are", () => {
  // 14 tokens with four digits, the image's mark among them.
  assert.equal(largestExample(join(example, "backbone"), train, 64), { tokens: 14, images: 1 });
  assert.is(countExamples(train), 2048);
});

survey("missing data are the user's to mend", () => {
  for (const look of [
    () => largestExample(join(example, "backbone"), join(example, "none.jsonl"), 1),
    () => countExamples(join(example, "none.jsonl")),
  ])
    assert.throws(look, (error: unknown) => error instanceof UserError);
});

survey.run();
