/** A backbone of a given config with random weights, on disk. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeSafetensors } from "../runtime/formats/safetensors-writer.js";
import { backboneArchitecture } from "../runtime/models/index.js";
import { randomStream } from "../runtime/random/random.js";

/** Writes `config.json` and weights into an existing folder: norms are ones, all else is small noise. */
export function writeRandomBackbone(folder: string, config: unknown): void {
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  const tensors = [...backboneArchitecture(config).parameterShapes].map(([name, shape]) => {
    const random = randomStream(1, name);
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    const draw = name.includes("norm") ? () => 1 : () => 0.05 * (random.uniform() - 0.5);
    return [name, { shape, data: Float32Array.from({ length: size }, draw) }] as const;
  });
  writeSafetensors(join(folder, "model.safetensors"), Object.fromEntries(tensors));
}
