/**
 * Resident memory of the super-network with the default engine, the hungriest state of a run: the compiled training step, and beside it the
 * compiled forward pass that scores architectures. An estimate, from what each of them holds:
 *
 *   process      Node, the runtime and the engine; the nodes of both graphs
 *   weights      pages of the weight files, once for both graphs, counted as f32 whatever the file has; beside them the engine packs the weight
 *                of a product once for each product that reads it (forward; backward where a gradient flows; scoring), unless the graph is
 *                larger than `EngineMemory.packedBytes`
 *   state        of each adapter parameter at the largest ranks: value and two moments, old and new; its slice; its gradient alone, packed
 *                and clipped
 *   activations  what a step keeps and works on (activations.ts), and what a scoring batch works on
 *   caches       results of the frozen part for every example, once for training and once for scoring, each up to a limit
 *   data         image inputs of all examples, as they are held
 */
import type { BackboneDescription } from "../../runtime/models/backbone.js";
import type { RuntimeFacts } from "../../runtime/training/facts.js";
import { cachedElements, type Extent, keptElements, workingElements } from "./activations.js";
import { HEAD_PART, isReadBack } from "./flops.js";
import type { ForwardPass, PlacedProduct } from "./forward-pass.js";
import type { ExampleCounts } from "./work.js";

export interface PartMemory {
  readonly part: string;
  /** Parameters in f32, once. */
  readonly weightsBytes: number;
  /** As the engine holds them for training and scoring. */
  readonly heldWeightsBytes: number;
  /** What a training step keeps for its backward pass, once. */
  readonly keptBytes: number;
}

export interface MemoryEstimate {
  readonly parts: readonly PartMemory[];
  readonly processBytes: number;
  readonly weightsBytes: number;
  readonly stateBytes: number;
  /** Of a training step: kept and worked on. */
  readonly activationsBytes: number;
  /** Of a scoring batch. */
  readonly scoringBytes: number;
  /** Results of the frozen part that are kept for one example. */
  readonly cachedBytesPerExample: number;
  /** For all examples; null where they cannot be counted, and then not in the total. */
  readonly cachesBytes: number | null;
  readonly dataBytes: number | null;
  readonly totalBytes: number;
  /** The limit that the spec sets, if any. */
  readonly limitBytes: number | null;
}

export interface MemoryQuestion {
  readonly backbone: BackboneDescription;
  readonly pass: ForwardPass;
  readonly extent: Extent;
  /** Examples of a training step. */
  readonly batch: number;
  /** At the largest ranks. */
  readonly adapterParameters: number;
  readonly examples: ExampleCounts | undefined;
  readonly limitBytes: number | undefined;
}

const F32_BYTES = 4;
/** Value and two moments, old and new; slices of the value; gradient in pieces, packed, clipped. */
const STATE_COPIES = 10;

/** See the head of this file. */
export function planMemory(question: MemoryQuestion, facts: RuntimeFacts): MemoryEstimate {
  const { backbone, pass, extent, batch, adapterParameters, examples, limitBytes } = question;
  const { memory } = facts;
  const parts = partsOf(question, facts);
  const values = (elements: number, count: number) => F32_BYTES * memory.activationCopies * count * elements;
  const scoringBatch = facts.evaluationBatchFactor * batch;
  const once = workingElements(pass, extent, "forward", "once");
  const kept = parts.reduce((sum, { keptBytes }) => sum + keptBytes, 0);
  const modules = backbone.modules.length;
  const cachedBytesPerExample = F32_BYTES * cachedElements(pass, extent, facts);
  const cache = (count: number) => Math.min(facts.cacheBytes, count * cachedBytesPerExample);
  const estimate = {
    parts,
    processBytes: memory.processBytes + modules * (memory.stepBytesPerModule + memory.forwardBytesPerModule),
    weightsBytes: parts.reduce((sum, { heldWeightsBytes }) => sum + heldWeightsBytes, 0),
    stateBytes: F32_BYTES * STATE_COPIES * adapterParameters,
    activationsBytes:
      memory.activationCopies * kept + values(workingElements(pass, extent, "backward", "step") + once, batch),
    scoringBytes: values(workingElements(pass, extent, "forward", "step") + once, scoringBatch),
    cachedBytesPerExample,
    cachesBytes: examples === undefined ? null : cache(examples.train) + cache(examples.reward),
    dataBytes:
      examples === undefined
        ? null
        : imageBytes(question) * Object.values(examples).reduce((sum, count) => sum + count, 0),
  };
  const { processBytes, weightsBytes, stateBytes, activationsBytes, scoringBytes, cachesBytes, dataBytes } = estimate;
  return {
    ...estimate,
    totalBytes:
      processBytes +
      weightsBytes +
      stateBytes +
      activationsBytes +
      scoringBytes +
      (cachesBytes ?? 0) +
      (dataBytes ?? 0),
    limitBytes: limitBytes ?? null,
  };
}

function partsOf({ backbone, pass, extent, batch }: MemoryQuestion, facts: RuntimeFacts): PartMemory[] {
  const products = pass.groups.flat();
  const head = backbone.parameters - backbone.parts.reduce((sum, { parameters }) => sum + parameters, 0);
  const rows = [...backbone.parts, { name: HEAD_PART, parameters: head }];
  const kept = keptElements(pass, extent);
  const packed = F32_BYTES * backbone.parameters <= facts.memory.packedBytes;
  return rows.map(({ name, parameters }) => {
    const own = products.filter(({ part, isHead }) => (isHead ? HEAD_PART : part) === name);
    const sum = (of: (product: PlacedProduct) => number) =>
      own.reduce((total, product) => total + of(product) * product.inFeatures * product.outFeatures, 0);
    return {
      part: name,
      weightsBytes: F32_BYTES * parameters,
      heldWeightsBytes: F32_BYTES * (parameters + (packed ? sum((product) => packings(product, facts)) : 0)),
      keptBytes:
        F32_BYTES * batch * kept.reduce((total, { part, elements }) => total + (part === name ? elements : 0), 0),
    };
  });
}

/** Products that read a weight: forward in training or in its frozen part, the same in scoring, and backward. */
const packings = (product: PlacedProduct, facts: RuntimeFacts): number =>
  2 + (product.inputChanges && !isReadBack(product, facts) ? 1 : 0);

/** What a patch embedding reads for one example: products that are no modules and not the output layer. */
function imageBytes({ pass, backbone, extent }: MemoryQuestion): number {
  const modules = new Set(backbone.modules.map(({ path }) => path));
  return pass.groups
    .flat()
    .filter(({ path, isHead }) => !isHead && !modules.has(path))
    .reduce(
      (sum, { positionsOf, inFeatures }) => sum + F32_BYTES * (extent.positions[positionsOf] ?? 0) * inFeatures,
      0,
    );
}
