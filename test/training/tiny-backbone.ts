/** A tiny random Mllama on disk and text-only examples that an adapter can learn. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Example } from "../../runtime/data/example.js";
import { writeSafetensors } from "../../runtime/formats/safetensors-writer.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { backboneArchitecture, openBackbone } from "../../runtime/models/index.js";
import { randomStream } from "../../runtime/random/random.js";
import { tinyMllama } from "../models/tiny-mllama.js";

/** Writes a random backbone into `folder` and opens it. Norms are ones, gates .5, everything else normal with deviation .2. */
export function tinyBackbone(folder: string): Backbone {
  const config = tinyMllama();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  const tensors = Object.fromEntries(
    [...backboneArchitecture(config).parameterShapes].map(([name, shape]) => {
      const stream = randomStream(3, name);
      const size = shape.reduce((product, dimension) => product * dimension, 1);
      const draw =
        /norm/.test(name) && /weight$/.test(name)
          ? () => 1
          : /gate/.test(name)
            ? () => 0.5
            : () => 0.2 * stream.normal();
      return [name, { shape, data: Float32Array.from({ length: size }, draw) }];
    }),
  );
  writeSafetensors(join(folder, "model.safetensors"), tensors);
  return openBackbone(folder);
}

/** The answer token after `<bos> a b` depends on a and b alone: (a + 2b) mod 7 + 3; then the end token 2. */
export function sumExamples(count: number, seed: number): Example[] {
  const stream = randomStream(seed, "sum examples");
  return Array.from({ length: count }, (_, index) => {
    const [a, b] = [stream.integer(7), stream.integer(7)];
    const answer = ((a + 2 * b) % 7) + 3;
    const extra = index % 3 === 0 ? [20] : [];
    const inputIds = Int32Array.of(1, ...extra, a + 3, b + 3, answer, 2);
    const labels = inputIds.map((id, at) => (at >= inputIds.length - 2 ? id : -100));
    return {
      id: `sum.jsonl:${index + 1}`,
      contentHash: `${seed}-${index}`,
      inputIds,
      labels,
      images: {},
      answer: `${answer}`,
    };
  });
}

export const TEXT_SIZES = { sequence: 6, images: 0, tiles: 0 } as const;
