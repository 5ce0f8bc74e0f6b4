/**
 * Checks a backbone (and an adapter) against tensors that PyTorch wrote: `tools/reference.py` runs transformers and PEFT on the same
 * inputs; here the same logits, loss and adapter gradients are computed by our engines and compared.
 */
import { addLora, importPeft, loraLayout } from "../adapters/index.js";
import type { Executor, Feeds } from "../executors/executor.js";
import { UserError } from "../formats/errors.js";
import { openSafetensors, readIntegers, type SafetensorsStore } from "../formats/safetensors.js";
import { GraphBuilder } from "../graph/builder.js";
import { gradients } from "../graph/gradient.js";
import type { Graph, HostTensor, Tensor } from "../graph/types.js";
import type { Backbone, BatchShape } from "../models/backbone.js";
import { openBackbone } from "../models/index.js";
import { patchify } from "../models/patches.js";
import { answerLoss, IGNORED_LABEL, LOSS_INPUTS } from "./loss.js";

/** Limits within which a difference is rounding: absolute for logits and loss, relative to a tensor's largest value for gradients. */
export const VERIFY_LIMITS = { logits: 1e-4, loss: 1e-4, gradient: 1e-3 } as const;

/** The worst difference among some values. */
export interface Difference {
  /** `logits`, `loss`, or the part and matrix of a group of gradients such as `vision A`. */
  readonly what: string;
  readonly worst: number;
  readonly limit: number;
  /** Where the worst lies: an index or a tensor. */
  readonly where: string;
}

export interface EngineVerification {
  readonly engine: string;
  readonly differences: readonly Difference[];
  /** Whether every difference is within its limit. */
  readonly agrees: boolean;
}

const REMEDY = "Write the file again with tools/reference.py, from this backbone folder.";
const GRADIENT = "grad.";
const PARAMETERS = "adapter";

/**
 * Compares each engine with the reference file, one after the other. `adapterFolder` is needed when the file has gradients.
 * Throws a `UserError` when a file is missing or damaged, or when backbone, adapter and reference do not belong together.
 */
export async function verify(
  backboneFolder: string,
  referenceFile: string,
  adapterFolder: string | undefined,
  engines: readonly Executor[],
): Promise<readonly EngineVerification[]> {
  const backbone = openBackbone(backboneFolder);
  const reference = openSafetensors(referenceFile);
  const { shape, feeds } = readInputs(backbone, reference, referenceFile);
  const { graph, state, tensors } = comparedGraph(backbone, shape, adapterFolder, reference.has("loss"));
  checkGradientNames(reference, tensors, referenceFile);
  const results: EngineVerification[] = [];
  for (const engine of engines) {
    const executable = await engine.compile(graph, { weights: backbone.weights, label: "verify" });
    try {
      if (state !== undefined) await executable.writeState(PARAMETERS, state);
      const differences = compare(await executable.run(feeds), reference, tensors);
      results.push({
        engine: engine.name,
        differences,
        agrees: differences.every(({ worst, limit }) => worst <= limit),
      });
    } finally {
      await executable.dispose();
    }
  }
  return results;
}

/** Reads the inputs under transformers' names and brings them into the graph's form. */
function readInputs(
  backbone: Backbone,
  reference: SafetensorsStore,
  place: string,
): { readonly shape: BatchShape; readonly feeds: Feeds } {
  const fail = (problem: string): never => {
    throw new UserError(problem, { place, remedy: REMEDY });
  };
  const sizes = (name: string): readonly number[] => reference.info(name).shape;
  const [batch, sequence] = sizes("input_ids");
  if (sizes("input_ids").length !== 2 || !batch || !sequence) return fail("input_ids is not [batch, sequence]");
  const hasImages = reference.has("pixel_values");
  const [, images = 0, tiles = 0] = hasImages ? sizes("pixel_values") : [];
  const shape: BatchShape = { batch, sequence, images, tiles };
  const geometry = backbone.images;
  if (hasImages && geometry === null) return fail("it has pixel_values, but the backbone takes no images");
  if (geometry !== null && hasImages) {
    const expected = [batch, images, geometry.maxTiles, geometry.channels, geometry.tileSize, geometry.tileSize];
    if (sizes("pixel_values").join() !== expected.join())
      return fail(`pixel_values is [${sizes("pixel_values").join(", ")}], not [${expected.join(", ")}]`);
  }
  const feeds: Record<string, HostTensor> = {};
  for (const { name, shape: size, dtype } of backbone.inputs(shape)) {
    if (name === "attention_mask" && !reference.has(name)) {
      feeds[name] = { shape: size, dtype: "f32", data: new Float32Array(batch * sequence).fill(1) };
      continue;
    }
    if (name !== "pixel_values" && sizes(name).join() !== size.join())
      return fail(`${name} is [${sizes(name).join(", ")}], not [${size.join(", ")}]`);
    const values = (): Float32Array =>
      name === "pixel_values" && geometry !== null
        ? patchify(reference.read(name), geometry.channels, geometry.tileSize, geometry.patchSize)
        : reference.read(name);
    feeds[name] = { shape: size, dtype, data: dtype === "i32" ? readIntegers(reference, name) : values() };
  }
  return { shape, feeds: reference.has("loss") ? { ...feeds, ...labelFeeds(reference, shape, fail) } : feeds };
}

/** Shifted targets and their weights from `labels` [batch, sequence]. */
function labelFeeds(
  reference: SafetensorsStore,
  { batch, sequence }: BatchShape,
  fail: (problem: string) => never,
): Feeds {
  const labels = readIntegers(reference, "labels");
  if (labels.length !== batch * sequence) return fail("labels and input_ids have different shapes");
  const targets = new Int32Array(labels.length);
  const weights = new Float32Array(labels.length);
  for (let i = 0; i + 1 < labels.length; i++) {
    if ((i + 1) % sequence === 0 || labels[i + 1] === IGNORED_LABEL) continue;
    targets[i] = labels[i + 1]!;
    weights[i] = 1;
  }
  const shape = [batch, sequence];
  return {
    [LOSS_INPUTS.targets]: { shape, dtype: "i32", data: targets },
    [LOSS_INPUTS.weights]: { shape, dtype: "f32", data: weights },
  };
}

interface ComparedGraph {
  readonly graph: Graph;
  /** The adapter's packed parameters. */
  readonly state: Float32Array | undefined;
  /** PEFT's name of every adapter tensor -> the group its gradient is reported in. */
  readonly tensors: ReadonlyMap<string, string>;
}

function comparedGraph(
  backbone: Backbone,
  shape: BatchShape,
  adapterFolder: string | undefined,
  hasLoss: boolean,
): ComparedGraph {
  const b = new GraphBuilder();
  const weights = (name: string, size: readonly number[]): Tensor => b.weight(name, size);
  const outputs: Record<string, Tensor> = {};
  if (adapterFolder === undefined) {
    outputs.logits = backbone.buildLogits(b, shape, weights, (_, __, y) => y);
    if (hasLoss) outputs.loss = answerLoss(b, outputs.logits).mean;
    return { graph: b.finish(outputs), state: undefined, tensors: new Map() };
  }
  const { adapted, parameters, scale } = importPeft(adapterFolder, backbone.description.modules);
  const layout = loraLayout(adapted);
  const lora = addLora(b, {
    adapted,
    parameters: b.state(PARAMETERS, [layout.size]),
    batch: shape.batch,
    scale,
    elastic: false,
    dropout: 0,
  });
  outputs.logits = backbone.buildLogits(b, shape, weights, lora.hook);
  const groups = new Map<string, string>();
  if (hasLoss) {
    outputs.loss = answerLoss(b, outputs.logits).mean;
    const parts = new Map(backbone.description.modules.map(({ path, part }) => [path, part]));
    const found = gradients(b, outputs.loss, [...lora.trainables]);
    layout.segments.forEach(({ name }, index) => {
      outputs[GRADIENT + name] = found[index]!;
      const [, path, matrix] = /^base_model\.model\.(.*)\.lora_([AB])\.weight$/.exec(name)!;
      groups.set(name, `${parts.get(path!)} ${matrix}`);
    });
  }
  return { graph: b.finish(outputs), state: parameters, tensors: groups };
}

function checkGradientNames(reference: SafetensorsStore, tensors: ReadonlyMap<string, string>, place: string): void {
  for (const name of reference.names)
    if (name.startsWith(GRADIENT) && !tensors.has(name.slice(GRADIENT.length)))
      throw new UserError(`the adapter has no tensor for ${name}`, {
        place,
        remedy: "Name the adapter folder with which the reference file was made.",
      });
}

function compare(
  ours: Readonly<Record<string, HostTensor>>,
  reference: SafetensorsStore,
  tensors: ReadonlyMap<string, string>,
): readonly Difference[] {
  const differences: Difference[] = [];
  const logits = ours.logits!;
  const { worst, index } = largestDifference(logits.data, reference.read("logits"));
  differences.push({ what: "logits", worst, limit: VERIFY_LIMITS.logits, where: `[${position(index, logits.shape)}]` });
  if (ours.loss !== undefined) {
    const difference = Math.abs(ours.loss.data[0]! - reference.read("loss")[0]!);
    differences.push({ what: "loss", worst: difference, limit: VERIFY_LIMITS.loss, where: "loss" });
  }
  const groups = new Map<string, Difference>();
  for (const [name, what] of tensors) {
    const mine = ours[GRADIENT + name]!.data;
    // A tensor that PyTorch gave no gradient is one that the loss does not depend on.
    const theirs = reference.has(GRADIENT + name) ? reference.read(GRADIENT + name) : new Float32Array(mine.length);
    const size = theirs.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const difference = largestDifference(mine, theirs).worst;
    const relative = difference === 0 ? 0 : difference / size;
    const known = groups.get(what);
    if (known === undefined || !(relative <= known.worst))
      groups.set(what, { what: `gradients ${what}`, worst: relative, limit: VERIFY_LIMITS.gradient, where: name });
  }
  return [...differences, ...groups.values()];
}

/** The largest absolute difference; NaN, or a different number of values, counts as infinite. */
function largestDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>): { worst: number; index: number } {
  if (ours.length !== theirs.length) return { worst: Number.POSITIVE_INFINITY, index: 0 };
  let worst = 0;
  let index = 0;
  for (let i = 0; i < ours.length; i++) {
    const difference = Math.abs(ours[i]! - theirs[i]!);
    if (difference <= worst) continue;
    worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    index = i;
    if (worst === Number.POSITIVE_INFINITY) break;
  }
  return { worst, index };
}

/** Coordinates of a row-major index. */
function position(index: number, shape: readonly number[]): string {
  const coordinates: number[] = [];
  let rest = index;
  for (const size of [...shape].reverse()) {
    coordinates.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return coordinates.join(", ");
}
