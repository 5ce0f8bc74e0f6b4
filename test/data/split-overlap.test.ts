import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Identified, splitOverlaps } from "../../runtime/data/split-overlap.js";

const example = (contentHash: string, ...pictureHashes: string[]): Identified => ({ contentHash, pictureHashes });

test("examples and pictures in common are counted for every two splits", () => {
  const overlaps = splitOverlaps({
    train: [example("a", "cat"), example("b", "cat"), example("c", "dog"), example("c", "dog")],
    validation: [example("d", "fox")],
    test: [example("e", "cat"), example("f", "owl"), example("c", "dog")],
  });
  assert.equal(overlaps, [
    { splits: ["train", "validation"], examples: 0, pictures: { shared: 0, of: [2, 1], examples: [0, 0] } },
    { splits: ["train", "test"], examples: 1, pictures: { shared: 2, of: [2, 3], examples: [4, 2] } },
    { splits: ["validation", "test"], examples: 0, pictures: { shared: 0, of: [1, 3], examples: [0, 0] } },
  ]);
});

test("of examples with several pictures each picture counts once, the example once", () => {
  const [overlap] = splitOverlaps({
    train: [example("a", "cat", "dog"), example("b", "dog", "fox")],
    test: [example("c", "fox", "cat", "cat"), example("d", "owl"), example("e")],
  });
  assert.equal(overlap!.pictures, { shared: 2, of: [3, 3], examples: [2, 1] });
});

test("examples whose pictures are not known are not said to share none", () => {
  const [overlap] = splitOverlaps({ train: [{ contentHash: "a" }], test: [example("b", "cat")] });
  assert.equal(overlap, { splits: ["train", "test"], examples: 0, pictures: null });
});

test.run();
