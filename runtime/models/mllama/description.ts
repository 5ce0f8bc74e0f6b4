/** What an Mllama model is made of, from its config alone. */
import type { BackboneDescription, LinearModule } from "../backbone.js";
import type { MllamaConfig } from "./config.js";
import { LANGUAGE, mllamaParameterShapes, PROJECTOR, VISION } from "./parameters.js";

const PARTS = [
  { name: "vision", prefix: VISION },
  { name: "projector", prefix: PROJECTOR },
  { name: "language", prefix: LANGUAGE },
] as const;

/**
 * Modules, parts and parameter counts. Modules are the linear layers of attention, MLPs and projector: the matrices among the
 * parameters, without embeddings. `lm_head` counts among the parameters but carries no adapter and belongs to no part: PEFT's
 * `all-linear` leaves the output layer out for the same reason, that servers cannot load an adapter there.
 */
export function describeMllama(config: MllamaConfig): BackboneDescription {
  const modules: LinearModule[] = [];
  const parameters = new Map<string, number>();
  let total = 0;
  for (const [name, shape] of mllamaParameterShapes(config)) {
    const count = shape.reduce((product, size) => product * size, 1);
    total += count;
    const part = PARTS.find(({ prefix }) => name.startsWith(`${prefix}.`))?.name;
    if (part === undefined) continue;
    parameters.set(part, (parameters.get(part) ?? 0) + count);
    if (shape.length !== 2 || !name.endsWith(".weight") || name.includes("embed")) continue;
    const path = name.slice(0, -".weight".length);
    const kind = path.slice(path.lastIndexOf(".") + 1);
    const layer = /\.layers\.(\d+)\./.exec(path)?.[1];
    const [outFeatures, inFeatures] = shape as [number, number];
    modules.push({ path, inFeatures, outFeatures, kind, part, layer: layer === undefined ? null : Number(layer) });
  }
  return {
    family: "mllama",
    parts: PARTS.map(({ name, prefix }) => ({ name, prefix, parameters: parameters.get(name) ?? 0 })),
    modules,
    parameters: total,
    hasVision: true,
  };
}
