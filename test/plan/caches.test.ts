/** What the plan says is kept of the frozen part, beside what the frozen split of the very graphs keeps. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cachedElements } from "../../compiler/plan/activations.js";
import { positionsOf } from "../../compiler/plan/example-size.js";
import { forwardPass } from "../../compiler/plan/forward-pass.js";
import { adaptedModules } from "../../runtime/adapters/index.js";
import { splitFrozen } from "../../runtime/graph/passes/index.js";
import { elementCount } from "../../runtime/graph/shapes.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { backboneArchitecture } from "../../runtime/models/index.js";
import { adapterEvaluation } from "../../runtime/training/adapter-graphs.js";
import { runtimeFacts } from "../../runtime/training/facts.js";
import { tinyMllama } from "../models/tiny-mllama.js";

const caches = suite("caches of the frozen part");

const WIDE = [
  { hidden_size: 192, vision_output_dim: 576 },
  { hidden_size: 192, intermediate_size: 480 },
] as const;

function ratio(pattern: RegExp, [vision, text]: readonly [object, object]): number {
  const architecture = backboneArchitecture(tinyMllama({ ...vision }, { ...text }, "demo"));
  const { description, inputs } = architecture;
  const ranks = Object.fromEntries(description.modules.map(({ path }) => [path, pattern.test(path) ? 8 : 0]));
  const adapted = adaptedModules(description.modules, ranks);
  const shape = { batch: 2, sequence: 14, images: 1, tiles: 4 };
  // Graphs are built, not run: weights are not looked at.
  const graph = adapterEvaluation({ backbone: architecture as Backbone, adapted, scale: 2, elastic: true }, shape);
  const split = splitFrozen(
    graph,
    inputs(shape).map(({ name }) => name),
  );
  const kept = split.cached.reduce((sum, { shapePerExample }) => sum + elementCount(shapePerExample), 0);
  const extent = {
    positions: positionsOf(description, { tokens: 14, images: 1, from: "given" }),
    perImage: description.work.positionsPerImage,
  };
  return cachedElements(forwardPass(description, new Map(Object.entries(ranks))), extent, runtimeFacts) / kept;
}

const EXACT: Readonly<Record<string, RegExp>> = {
  "the projector": /projector/,
  language: /language_model/,
  "cross-attention": /cross_attn/,
  "queries of cross-attention": /cross_attn.q_proj/,
  "keys of cross-attention": /cross_attn.k_proj/,
  "the last language layer": /language_model.layers.4/,
  MLPs: /mlp/,
};

for (const [name, pattern] of Object.entries(EXACT))
  caches(`adapters on ${name}: as many values as the split keeps`, () => {
    assert.is(ratio(pattern, [{}, {}]), 1);
    assert.is(ratio(pattern, WIDE), 1);
  });

caches("elsewhere they differ for known reasons", () => {
  // Embedded patches are kept before a tile's 5 positions are padded to 8.
  assert.is(ratio(/./, [{}, {}]), 8 / 5);
  assert.ok(Math.abs(ratio(/./, WIDE) - 1) < 0.1);
  // Vision features of early layers go on to the projector past the global encoder; the plan knows one stream only.
  const global = ratio(/global_transformer/, WIDE);
  assert.ok(global > 0.6 && global < 1);
  // An MLP's input and its last product's are kept both.
  const late = ratio(/language_model.layers.3.mlp.down_proj/, WIDE);
  assert.ok(late > 0.7 && late < 1);
});

caches.run();
