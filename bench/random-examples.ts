/** Examples for measurements: random tokens about random images; the last four tokens are the answer. */
import type { Example } from "../runtime/data/example.js";
import type { Backbone, BatchShape } from "../runtime/models/backbone.js";
import { randomStream } from "../runtime/random/random.js";

/** `count` examples of the shape's sizes. */
export function randomExamples({ inputs, vocabularySize }: Backbone, shape: BatchShape, count: number): Example[] {
  const images = inputs({ ...shape, batch: 1 }).filter(({ name }) => !["input_ids", "attention_mask"].includes(name));
  return Array.from({ length: count }, (_, index): Example => {
    const random = randomStream(1, "examples", index);
    const inputIds = Int32Array.from({ length: shape.sequence }, () => random.integer(vocabularySize));
    const labels = inputIds.map((id, at) => (at >= inputIds.length - 4 ? id : -100));
    const values = images.map(({ name, shape: [, ...size], dtype }) => {
      const length = size.reduce((product, dimension) => product * dimension, 1);
      const data =
        dtype === "i32"
          ? new Int32Array(length).fill(1)
          : Float32Array.from({ length }, () => (name === "pixel_values" ? random.normal() : 1));
      return [name, { shape: size, dtype, data }] as const;
    });
    return {
      id: `${index}`,
      contentHash: `${index}`,
      inputIds,
      labels,
      images: Object.fromEntries(values),
      answer: "",
    };
  });
}
