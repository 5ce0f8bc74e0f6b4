/**
 * The slice is the adapter: a candidate of a trained super-network, written as PEFT, read back and put into a graph of exactly its ranks, gives the
 * logits that the super-network gives under the candidate's masks.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type AdaptedModule,
  adaptedModules,
  addLora,
  exportPeft,
  extractRanks,
  importPeft,
  loraLayout,
  RANK_MASK_INPUT,
  rankMask,
} from "../../runtime/adapters/index.js";
import { collateExamples, fittingSizes } from "../../runtime/data/batch.js";
import { openExampleReader } from "../../runtime/data/dataset.js";
import type { Example } from "../../runtime/data/example.js";
import type { Executor, Feeds } from "../../runtime/executors/executor.js";
import { openExecutor } from "../../runtime/executors/index.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import type { TypedArray } from "../../runtime/graph/types.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { openBackbone } from "../../runtime/models/index.js";
import { TRAINING_STATE } from "../../runtime/training/adamw.js";
import { answerTokens, IGNORED_LABEL } from "../../runtime/training/loss.js";
import { SuperNetwork } from "../../runtime/training/super-network.js";
import { REPOSITORY } from "../golden.js";

/** Largest difference of a logit, as a share of the largest logit of all: single precision rounds each product and sum at 6e-8. */
const SAME = 1e-6;
const SCALE = 2;
const CHOICES = [0, 1, 2, 4, 8];
const EXAMPLES = 4;

interface Context {
  readonly folder: string;
  readonly executor: Executor;
  readonly backbone: Backbone;
  readonly examples: readonly Example[];
  readonly network: SuperNetwork;
  readonly elastic: readonly AdaptedModule[];
  /** Of the trained super-network. */
  readonly parameters: TypedArray;
  /** A choice of every module, as an index. */
  readonly choices: readonly number[];
  readonly ranks: Readonly<Record<string, number>>;
}
const test = suite<Context>("a candidate extracted from its super-network");

test.before(async (context) => {
  const example = join(REPOSITORY, "examples", "handwriting");
  const backbone = openBackbone(join(example, "backbone"));
  const data = await openExampleReader(backbone).readMessages(join(example, "data", "train.jsonl"));
  const executor = await openExecutor("onnx", { threads: 1 });
  const genes = backbone.description.modules.map(({ path }) => ({ modules: [path], choices: CHOICES }));
  const network = new SuperNetwork({
    ...{ executor, backbone, genes, scale: SCALE, sampling: "uniform", sizes: fittingSizes(data) },
    training: {
      ...{ steps: 20, batch: 8, dropout: 0 },
      optimizer: { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
      schedule: { kind: "constant", warmup: 0.1, floor: 0 },
    },
  });
  const { state } = await network.train({ label: "super-network", examples: data.slice(0, 64), seed: 5 });
  const choices = genes.map((_, gene) => (3 * gene + 1) % CHOICES.length);
  const ranks = Object.fromEntries(genes.map(({ modules }, gene) => [modules[0]!, CHOICES[choices[gene]!]!]));
  Object.assign(context, {
    ...{ executor, backbone, network, choices, ranks },
    folder: mkdtempSync(join(tmpdir(), "lnas-extracted-")),
    examples: data.slice(64, 64 + EXAMPLES),
    elastic: network.parts.adapted,
    parameters: state[TRAINING_STATE.parameters]!,
  });
});
test.after(async ({ folder, network }) => {
  await network.dispose();
  rmSync(folder, { recursive: true, force: true });
});

interface Logits {
  /** [batch, sequence, vocabulary] */
  readonly values: TypedArray;
  readonly vocabulary: number;
  readonly sequence: number;
}

/** The logits of the examples under an adapter; with `masks`, one row of ranks for each example, under that much of it. */
async function logitsOf(
  { executor, backbone, examples }: Context,
  adapted: readonly AdaptedModule[],
  packed: ArrayLike<number>,
  masks?: readonly ArrayLike<number>[],
): Promise<Logits> {
  const shape = { ...fittingSizes(examples), batch: examples.length };
  const builder = new GraphBuilder();
  const parameters = builder.state(TRAINING_STATE.parameters, [loraLayout(adapted).size]);
  const lora = { adapted, parameters, batch: shape.batch, scale: SCALE, elastic: masks !== undefined, dropout: 0 };
  const { hook } = addLora(builder, lora);
  const logits = backbone.buildLogits(builder, shape, (name, dims) => builder.weight(name, dims), hook);
  const executable = await executor.compile(builder.finish({ logits }), { weights: backbone.weights });
  await executable.writeState(TRAINING_STATE.parameters, Float32Array.from(packed));
  const feeds: Feeds = {
    ...collateExamples(backbone, examples, shape),
    ...(masks && { [RANK_MASK_INPUT]: rankMask(adapted, masks) }),
  };
  const { data, shape: size } = (await executable.run(feeds)).logits!;
  await executable.dispose();
  return { values: data, sequence: size[1]!, vocabulary: size[2]! };
}

/** The largest difference between two sets of logits at positions that an example has, as a share of the largest logit. */
function apart({ examples }: Context, a: Logits, b: Logits): number {
  let [worst, largest] = [0, 0];
  examples.forEach(({ inputIds }, row) => {
    const begin = row * a.sequence * a.vocabulary;
    for (let at = begin; at < begin + inputIds.length * a.vocabulary; at++) {
      worst = Math.max(worst, Math.abs(a.values[at]! - b.values[at]!));
      largest = Math.max(largest, Math.abs(a.values[at]!));
    }
  });
  return worst / largest;
}

/** Mean loss over the answer of an example, from logits, in double precision: position t predicts token t + 1. */
function lossFrom({ values, sequence, vocabulary }: Logits, example: Example, row: number): number {
  let sum = 0;
  for (let at = 1; at < example.labels.length; at++) {
    const label = example.labels[at]!;
    if (label === IGNORED_LABEL) continue;
    const begin = (row * sequence + at - 1) * vocabulary;
    const line = Array.from(values.subarray(begin, begin + vocabulary));
    const most = Math.max(...line);
    sum += most + Math.log(line.reduce((total, logit) => total + Math.exp(logit - most), 0)) - line[label]!;
  }
  return sum / answerTokens(example);
}

const inSuperNetwork = (context: Context) => {
  const { network, elastic, parameters, choices, examples } = context;
  const row = network.ranksOf(choices);
  return logitsOf(context, elastic, parameters, Array<typeof row>(examples.length).fill(row));
};

/** Writes an adapter as PEFT and reads it as a plain LoRA would be. */
function throughPeft({ folder, backbone }: Context, adapted: readonly AdaptedModule[], packed: ArrayLike<number>) {
  const { modules } = backbone.description;
  const adapter = { adapted, parameters: packed, scale: SCALE, dropout: 0, baseModel: null };
  exportPeft(
    folder,
    adapter,
    modules.map(({ path }) => path),
  );
  return importPeft(folder, modules);
}

test("written as PEFT and loaded as a plain LoRA of its ranks, it gives the same logits", async (context) => {
  const { backbone, elastic, parameters, ranks, network, examples, choices } = context;
  const adapted = adaptedModules(backbone.description.modules, ranks);
  assert.is(new Set(adapted.map(({ rank }) => rank)).size, CHOICES.length - 1);
  assert.ok(adapted.length < elastic.length, "some modules have rank 0");
  const read = throughPeft(context, adapted, extractRanks(elastic, parameters, ranks));
  assert.equal([read.adapted, read.scale], [adapted, SCALE]);

  const masked = await inSuperNetwork(context);
  const plain = await logitsOf(context, read.adapted, read.parameters);
  const difference = apart(context, masked, plain);
  assert.ok(difference <= SAME, `${difference}`);

  // And these are the logits that the search scores: its own graph gives the losses that follow from the plain adapter's.
  const scored = await network.score(
    parameters,
    examples.map((example) => ({ example, choices })),
    { label: "scores" },
  );
  for (const [row, example] of examples.entries()) {
    const loss = lossFrom(plain, example, row);
    assert.ok(Math.abs(scored[row]! - loss) <= 1e-5 * loss, `${scored[row]} ${loss}`);
  }
});

test("a wrong slice does not", async (context) => {
  const { backbone, elastic, parameters, ranks } = context;
  const { modules } = backbone.description;
  const masked = await inSuperNetwork(context);
  const refused = async (what: string, others: Readonly<Record<string, number>>, packed: ArrayLike<number>) => {
    const read = throughPeft(context, adaptedModules(modules, others), packed);
    const difference = apart(context, masked, await logitsOf(context, read.adapted, read.parameters));
    assert.ok(difference > 100 * SAME, `${what}: ${difference}`);
  };

  // One rank more of one module.
  const [first] = adaptedModules(modules, ranks).filter(({ rank }) => rank < 8);
  const more = { ...ranks, [first!.path]: first!.rank + 1 };
  await refused("one more component", more, extractRanks(elastic, parameters, more));

  // The right ranks, but the last components of the largest adapter in place of the first.
  const layout = loraLayout(elastic);
  const reversed = Float64Array.from(parameters);
  for (const { name, offset, size, shape } of layout.segments) {
    const byRow = name.includes("lora_A");
    const [rows, columns] = shape as [number, number];
    for (let at = 0; at < size; at++) {
      const [row, column] = [Math.floor(at / columns), at % columns];
      const from = byRow ? (rows - 1 - row) * columns + column : row * columns + columns - 1 - column;
      reversed[offset + at] = parameters[offset + from]!;
    }
  }
  await refused("the last components", ranks, extractRanks(elastic, reversed, ranks));
});

test.run();
