import { test } from "uvu";
import * as assert from "uvu/assert";
import { collateExamples, fittingSizes } from "../../runtime/data/batch.js";
import type { Example } from "../../runtime/data/example.js";
import type { BackboneArchitecture, BatchShape } from "../../runtime/models/backbone.js";

const inputs = ({ batch, sequence, images, tiles }: BatchShape) =>
  [
    { name: "input_ids", shape: [batch, sequence], dtype: "i32" },
    { name: "attention_mask", shape: [batch, sequence], dtype: "f32" },
    { name: "pixel_values", shape: [batch, images, tiles, 1, 2], dtype: "f32" },
    { name: "aspect_ratio_mask", shape: [batch, images, tiles], dtype: "f32", padding: [1, 0] },
    { name: "cross_attention_mask", shape: [batch, sequence, images, tiles], dtype: "f32" },
  ] as const;
const backbone = { inputs } as unknown as BackboneArchitecture;

const f32 = (shape: number[], values: number[]) => ({ shape, dtype: "f32", data: Float32Array.from(values) }) as const;
const withImage: Example = {
  id: "a:1",
  contentHash: "1",
  inputIds: Int32Array.of(5, 6),
  labels: Int32Array.of(-100, 6),
  images: {
    pixel_values: f32([1, 2, 1, 2], [1, 2, 3, 4]),
    aspect_ratio_mask: f32([1, 2], [1, 1]),
    cross_attention_mask: f32([2, 1, 2], [1, 0, 1, 1]),
  },
  answer: "",
};
const textOnly: Example = { ...withImage, inputIds: Int32Array.of(7, 8, 9), images: {} };

test("sizes hold the longest sequence and the most images and tiles", () => {
  assert.equal(fittingSizes([withImage, textOnly]), { sequence: 3, images: 1, tiles: 2 });
  assert.equal(fittingSizes([textOnly]), { sequence: 3, images: 0, tiles: 0 });
});

test("examples are padded to the shape; images that are missing get the backbone's padding", () => {
  const feeds = collateExamples(backbone, [withImage, textOnly], { batch: 2, sequence: 3, images: 2, tiles: 2 });
  const values = (name: string) => [...feeds[name]!.data];
  assert.equal(values("input_ids"), [5, 6, 0, 7, 8, 9]);
  assert.equal(values("attention_mask"), [1, 1, 0, 1, 1, 1]);
  assert.equal(values("pixel_values"), [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(values("aspect_ratio_mask"), [1, 1, 1, 0, 1, 0, 1, 0]);
  assert.equal(values("cross_attention_mask").slice(0, 12), [1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0]);
  assert.equal(feeds.cross_attention_mask!.shape, [2, 3, 2, 2]);
});

test("what does not fit is refused with the example's name", () => {
  assert.throws(
    () => collateExamples(backbone, [withImage], { batch: 2, sequence: 3, images: 1, tiles: 2 }),
    /1 examples/,
  );
  assert.throws(
    () => collateExamples(backbone, [textOnly], { batch: 1, sequence: 2, images: 1, tiles: 2 }),
    /a:1: input_ids \[3\] does not fit \[2\]/,
  );
});

test.run();
