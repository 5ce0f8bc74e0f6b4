/** The plan's FLOPs beside those of the matrix products in the very graphs that training compiles. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { positionsOf } from "../../compiler/plan/example-size.js";
import { addedUp, flopsByPart } from "../../compiler/plan/flops.js";
import { forwardPass } from "../../compiler/plan/forward-pass.js";
import { adaptedModules } from "../../runtime/adapters/index.js";
import { flopsOf } from "../../runtime/graph/ops/index.js";
import { splitFrozen } from "../../runtime/graph/passes/index.js";
import { tensorsOf } from "../../runtime/graph/rewrite.js";
import type { Graph } from "../../runtime/graph/types.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { backboneArchitecture, describeConfig } from "../../runtime/models/index.js";
import { type AdaptedBackbone, adapterEvaluation, adapterStep } from "../../runtime/training/adapter-graphs.js";
import { runtimeFacts } from "../../runtime/training/facts.js";
import { REPOSITORY } from "../golden.js";
import { tinyMllama } from "../models/tiny-mllama.js";

const flops = suite("FLOPs of a step");

const OPTIMIZER = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 };
const BATCH = 2;
const TOKENS = 14;

/** Rotary embeddings turn pairs by products with a constant matrix, an engine's way and not the model's: they do not count. */
function productFlops(graph: Graph): number {
  return tensorsOf(graph)
    .filter(({ op, inputs }) => op === "matmul" && inputs.every((input) => input.op !== "constant"))
    .reduce((sum, product) => sum + flopsOf(product), 0);
}

interface Sizes {
  readonly vision?: Readonly<Record<string, unknown>>;
  readonly text?: Readonly<Record<string, unknown>>;
}

function compared(pattern: RegExp, images: number, { vision = {}, text = {} }: Sizes) {
  const shape = { batch: BATCH, sequence: TOKENS, images, tiles: 4 };
  const architecture = backboneArchitecture(tinyMllama(vision, text, "demo"));
  const { description, inputs } = architecture;
  const ranks = Object.fromEntries(description.modules.map(({ path }) => [path, pattern.test(path) ? 8 : 0]));
  const adapted = adaptedModules(description.modules, ranks);
  // Graphs are built, not run: weights are not looked at.
  const model: AdaptedBackbone = { backbone: architecture as Backbone, adapted, scale: 2, elastic: true };
  const names = inputs(shape).map(({ name }) => name);
  const training = splitFrozen(adapterStep(model, shape, OPTIMIZER, 0).graph, names);
  const scoring = splitFrozen(adapterEvaluation(model, shape), names);
  const positions = positionsOf(description, { tokens: TOKENS, images, from: "given" });
  const pass = forwardPass(description, new Map(Object.entries(ranks)));
  const planned = addedUp("all", flopsByPart(description, pass, positions, runtimeFacts));
  // The patch embedding works on patches alone, 4 of the 8 positions of a padded tile.
  const kernel = description.work.products.find(({ path }) => path.endsWith("patch_embedding"))!;
  const padding = kernel.inFeatures * kernel.outFeatures * positions.vision!;
  const forward = planned.forward + planned.adapterForward;
  const perBatch = (example: number) => BATCH * example;
  return [
    {
      what: "frozen part",
      planned: perBatch(planned.once - padding),
      counted: training.frozen === null ? 0 : productFlops(training.frozen),
    },
    {
      what: "step",
      planned: perBatch(forward + planned.backward + planned.adapterBackward),
      counted: productFlops(training.step),
    },
    { what: "scoring", planned: perBatch(forward), counted: productFlops(scoring.step) },
  ];
}
const WIDE: Sizes = {
  vision: { hidden_size: 192, vision_output_dim: 576 },
  text: { hidden_size: 192, intermediate_size: 480 },
};

const TARGETS: Readonly<Record<string, RegExp>> = {
  everything: /./,
  vision: /vision_model/,
  "the global encoder": /global_transformer/,
  "the projector": /projector/,
  language: /language_model/,
  "queries and values": /[qv]_proj$/,
  "cross-attention": /cross_attn/,
  "queries of cross-attention": /cross_attn.q_proj/,
  "keys of cross-attention": /cross_attn.k_proj/,
  "the last language layer": /language_model.layers.4/,
  MLPs: /mlp/,
  "one late MLP": /language_model.layers.3.mlp.down_proj/,
};

for (const [name, pattern] of Object.entries(TARGETS))
  flops(`adapters on ${name}: the plan counts what the graphs compute`, () => {
    for (const sizes of [{}, WIDE])
      for (const images of [1, 2])
        for (const { what, planned, counted } of compared(pattern, images, sizes)) {
          // Where a result costs about as much as reading it back, the frozen split weighs also the cheap ops behind it, which the plan
          // does not know: the keys of one layer, that are turned by a rotary embedding, change sides. All other cases are exact.
          const tolerance =
            name === "queries and values" && sizes !== WIDE ? (what === "frozen part" ? 0.05 : 0.003) : 0;
          assert.ok(
            Math.abs(planned - counted) <= tolerance * counted,
            `${what}: planned ${planned}, counted ${counted}`,
          );
        }
  });

const elevenBillion = describeConfig(
  JSON.parse(readFileSync(join(REPOSITORY, "stdlib", "llama-3.2-11b-vision.json"), "utf8")),
);

flops("rule of thumb: 4 FLOPs a frozen parameter and token, where everything has an adapter", () => {
  const { modules, work } = elevenBillion;
  const pass = forwardPass(elevenBillion, new Map(modules.map(({ path }) => [path, 64])));
  const positions = { vision: 0, projector: 0, language: 1 };
  // One token alone: attention to itself is nothing.
  const { once, forward, backward } = addedUp("all", flopsByPart(elevenBillion, pass, positions, runtimeFacts));
  const frozen = (path: RegExp) =>
    work.products
      .filter((product) => product.positionsOf === "language" && path.test(product.path))
      .reduce((sum, { inFeatures, outFeatures }) => sum + inFeatures * outFeatures, 0);
  const attention = work.attention.reduce(
    (sum, { keysOf, layers, width }) => sum + (keysOf === "language" ? 12 * layers * width : 0),
    0,
  );
  const counted = once + forward + backward - attention;
  assert.ok(Math.abs(counted / (4 * frozen(/./)) - 1) < 0.002);
  // The little that is missing: no gradient flows to the embeddings that the first layer reads.
  assert.is(counted, 4 * frozen(/./) - 2 * frozen(/layers\.0\.self_attn\.[qkv]_proj/));
});

flops(
  "of adapters on the language model alone, the vision tower costs nothing in a step and has no backward pass",
  () => {
    const { modules } = elevenBillion;
    const pass = forwardPass(
      elevenBillion,
      new Map(modules.filter(({ part }) => part === "language").map(({ path }) => [path, 8])),
    );
    const positions = positionsOf(elevenBillion, { tokens: 512, images: 1, from: "assumed" });
    const [vision] = flopsByPart(elevenBillion, pass, positions, runtimeFacts);
    assert.ok(vision!.once > 1e12);
    assert.equal(
      { ...vision, once: 0 },
      { part: "vision", once: 0, forward: 0, backward: 0, adapterForward: 0, adapterBackward: 0 },
    );
  },
);

const standard = readdirSync(join(REPOSITORY, "stdlib")).filter((file) => file.endsWith(".json"));

for (const file of standard)
  flops(`${file}: every family is planned from its description alone`, () => {
    const description = describeConfig(JSON.parse(readFileSync(join(REPOSITORY, "stdlib", file), "utf8")));
    const { modules, work } = description;
    const first = modules.find(({ part }) => part === "vision")!;
    const pass = forwardPass(description, new Map([[first.path, 4]]));
    const blocks = pass.attention.reduce((sum, { count }) => sum + count, 0);
    assert.is(
      blocks,
      work.attention.reduce((sum, { layers }) => sum + layers, 0),
    );
    assert.ok(pass.attention.every(({ count }) => count === 1));
    // What the first vision layer changes reaches the answer through every part.
    const positions = positionsOf(description, { tokens: 512, images: 1, from: "assumed" });
    const parts = flopsByPart(description, pass, positions, runtimeFacts);
    for (const { part, forward, backward } of parts) assert.ok(forward > 0 && backward > 0, part);
    const idle = flopsByPart(description, forwardPass(description, new Map()), positions, runtimeFacts);
    assert.is(addedUp("all", idle).backward, 0);
  });

flops.run();
