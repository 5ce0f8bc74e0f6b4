/** Matching the tensors of a checkpoint with the parameters of a model. */

import { type StorageDType, WeightError, type WeightInfo, type WeightStore } from "../formats/weights.js";
import type { Shape } from "../graph/types.js";

/** How many names of each kind a message lists. */
const LISTED = 8;

/** Element types that parameters may have; others are indices, masks or quantised values. */
const FLOATS: ReadonlySet<StorageDType> = new Set(["F32", "F16", "BF16"]);

/** Buffers that old checkpoints carry and that are computed, not loaded. */
const COMPUTED = /\.rotary_emb\.inv_freq$/;

/**
 * The store under the model's own names. `canonicalName` says what a stored tensor is called today.
 * Throws one `WeightError` that lists what is missing, what is not expected, and what has another shape or holds no floating-point numbers.
 */
export function namedWeights(
  place: string,
  store: WeightStore,
  shapes: ReadonlyMap<string, Shape>,
  canonicalName: (stored: string) => string,
): WeightStore {
  const storedNames = new Map<string, string>();
  const unexpected: string[] = [];
  for (const stored of store.names) {
    const name = canonicalName(stored);
    if (!shapes.has(name)) {
      if (!COMPUTED.test(name)) unexpected.push(stored);
    } else if (storedNames.has(name)) unexpected.push(`${stored} (beside ${storedNames.get(name)})`);
    else storedNames.set(name, stored);
  }
  const missing: string[] = [];
  const misshapen: string[] = [];
  const mistyped: string[] = [];
  for (const [name, shape] of shapes) {
    const stored = storedNames.get(name);
    if (stored === undefined) {
      missing.push(name);
      continue;
    }
    const { shape: found, dtype } = store.info(stored);
    if (!FLOATS.has(dtype)) mistyped.push(`${stored} is ${dtype}`);
    if (found.length !== shape.length || found.some((size, axis) => size !== shape[axis]))
      misshapen.push(`${stored} is [${found.join(", ")}], not [${shape.join(", ")}]`);
  }
  const problems = [
    list("missing", missing),
    list("not expected", unexpected),
    list("of another shape", misshapen),
    list("not of floating-point numbers", mistyped),
  ];
  if (problems.some((problem) => problem !== undefined))
    throw new WeightError(
      `the weights do not fit config.json: ${problems.filter((problem) => problem !== undefined).join("; ")}`,
      { place, remedy: "Use the config.json and the weights of one checkpoint, complete and unquantised." },
    );
  const info = (name: string): WeightInfo => ({ ...store.info(storedNames.get(name) ?? name), name });
  return { names: [...shapes.keys()], info, read: (name) => store.read(storedNames.get(name) ?? name) };
}

function list(what: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const more = names.length > LISTED ? `, and ${names.length - LISTED} more` : "";
  return `${names.length} tensors ${what} (${names.slice(0, LISTED).join(", ")}${more})`;
}
