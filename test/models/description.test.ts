import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../runtime/formats/errors.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { flopsOf } from "../../runtime/graph/ops/index.js";
import type { Tensor } from "../../runtime/graph/types.js";
import { backboneArchitecture, describeConfig } from "../../runtime/models/index.js";
import { parseMllamaConfig } from "../../runtime/models/mllama/config.js";
import { inverseFrequencies, rotaryTables } from "../../runtime/models/mllama/rope.js";
import { tinyMllama } from "./tiny-mllama.js";

const suite = makeSuite("backbone description");

/** Llama-3.2-11B-Vision: everything but the tile size is a default of the config class. */
const ELEVEN_BILLION = { model_type: "mllama", vision_config: { image_size: 560 }, text_config: {} };

suite("the 11B model: parameters, modules, adapter parameters at rank 64", () => {
  const { parameters, modules, parts, hasVision } = describeConfig(ELEVEN_BILLION);
  assert.is(parameters, 10_670_220_835);
  assert.ok(hasVision);
  const layers = modules.filter(({ part }) => part !== "projector");
  assert.is(layers.length, 520);
  assert.is(modules.length, 521);
  assert.is(
    layers.reduce((sum, { inFeatures, outFeatures }) => sum + 64 * (inFeatures + outFeatures), 0),
    268_697_600,
  );
  const headParameters = 128256 * 4096;
  assert.is(
    parts.reduce((sum, part) => sum + part.parameters, headParameters),
    parameters,
  );
  assert.equal(
    parts.map(({ name, prefix }) => [name, prefix]),
    [
      ["vision", "model.vision_model"],
      ["projector", "model.multi_modal_projector"],
      ["language", "model.language_model"],
    ],
  );
  const find = (path: string) => modules.find((module) => module.path === path);
  assert.equal(find("model.language_model.layers.3.cross_attn.k_proj"), {
    path: "model.language_model.layers.3.cross_attn.k_proj",
    inFeatures: 4096,
    outFeatures: 1024,
    kind: "k_proj",
    part: "language",
    layer: 3,
  });
  assert.equal(find("model.vision_model.global_transformer.layers.7.mlp.fc1")?.outFeatures, 5120);
  assert.equal(find("model.multi_modal_projector")?.layer, null);
  assert.is(find("lm_head"), undefined);
});

suite("the demo's model has 72 modules and 579,787 parameters", () => {
  const { parameters, modules } = describeConfig(tinyMllama({}, {}, "demo"));
  assert.is(parameters, 579_787);
  assert.is(modules.length, 72);
  assert.is(
    modules.reduce((sum, { inFeatures, outFeatures }) => sum + inFeatures + outFeatures, 0),
    12_768,
  );
});

suite("work of the forward pass: the description counts what the graph computes", () => {
  const { description, inputs, buildLogits } = backboneArchitecture(tinyMllama({}, {}, "demo"));
  const shape = { batch: 1, sequence: 14, images: 1, tiles: 4 };
  const builder = new GraphBuilder();
  const logits = buildLogits(
    builder,
    shape,
    (name, size) => builder.weight(name, size),
    (_module, _x, y) => y,
  );
  assert.is(inputs(shape).length, 6);
  const products = reachable(logits).filter(({ op }) => op === "matmul");
  // Rotary embeddings turn pairs by products with a constant; an engine's way, not the model's.
  const counted = products.filter((tensor) => tensor.inputs.every(({ op }) => op !== "constant"));
  const positions: Readonly<Record<string, number>> = { ...description.work.positionsPerImage, language: 14 };
  const kernel = description.work.products.find(({ path }) => path.endsWith("patch_embedding"))!;
  // The patch embedding works on patches alone, 4 of 8 positions of a tile.
  const padding = 2 * kernel.inFeatures * kernel.outFeatures * (positions.vision! / 2);
  const expected =
    description.work.products.reduce(
      (sum, { inFeatures, outFeatures, positionsOf }) => sum + 2 * inFeatures * outFeatures * positions[positionsOf]!,
      -padding,
    ) +
    description.work.attention.reduce(
      (sum, { part, keysOf, layers, width }) => sum + 4 * layers * width * positions[part]! * positions[keysOf]!,
      0,
    );
  assert.is(
    counted.reduce((sum, tensor) => sum + flopsOf(tensor), 0),
    expected,
  );
});

function reachable(root: Tensor): Tensor[] {
  const found = new Set<Tensor>([root]);
  for (const tensor of found) for (const input of tensor.inputs) found.add(input);
  return [...found];
}

suite("canonical names of checkpoint tensors", () => {
  const { canonicalName, parameterShapes } = backboneArchitecture(ELEVEN_BILLION);
  const pairs: readonly (readonly [string, string])[] = [
    [
      "language_model.model.layers.3.cross_attn.q_norm.weight",
      "model.language_model.layers.3.cross_attn.q_norm.weight",
    ],
    ["language_model.lm_head.weight", "lm_head.weight"],
    ["vision_model.class_embedding", "model.vision_model.class_embedding"],
    ["multi_modal_projector.bias", "model.multi_modal_projector.bias"],
  ];
  for (const [legacy, canonical] of pairs) {
    assert.is(canonicalName(legacy), canonical);
    assert.is(canonicalName(canonical), canonical);
    assert.ok(parameterShapes.has(canonical), canonical);
  }
});

function problem(json: unknown): string {
  try {
    describeConfig(json, "there/config.json");
  } catch (error) {
    assert.instance(error, UserError);
    assert.is((error as UserError).place, "there/config.json");
    return (error as UserError).message;
  }
  throw new Error("nothing was thrown");
}

suite("a wrong or unsupported config is refused with the field's name", () => {
  assert.match(problem({ model_type: "gpt2" }), /model_type is "gpt2"/);
  assert.match(problem([]), /model_type is undefined/);
  assert.match(problem({ ...ELEVEN_BILLION, tie_word_embeddings: true }), /tie_word_embeddings is true/);
  assert.match(problem(tinyMllama({ vision_output_dim: 99 })), /vision_config\.vision_output_dim is 99; .* make it/);
  assert.match(problem(tinyMllama({ hidden_act: "relu" })), /vision_config\.hidden_act is "relu"; supported: gelu/);
  assert.match(problem(tinyMllama({ attention_heads: 3 })), /not a multiple of the 3 heads/);
  assert.match(problem(tinyMllama({ intermediate_layers_indices: [9] })), /intermediate_layers_indices must be a list/);
  assert.match(problem(tinyMllama({ supported_aspect_ratios: [[3, 3]] })), /more than max_num_tiles/);
  assert.match(
    problem(tinyMllama({}, { rope_scaling: { rope_type: "yarn" } })),
    /rope_type is "yarn"; supported: default, llama3/,
  );
  assert.match(problem(tinyMllama({}, { rope_scaling: { rope_type: "llama3" } })), /rope_scaling\.factor must be/);
  assert.match(problem(tinyMllama({}, { hidden_size: "64" })), /text_config\.hidden_size must be an integer/);
  assert.match(problem(tinyMllama({}, { num_key_value_heads: 3 })), /num_key_value_heads \(3\) does not divide/);
  assert.match(problem({ ...(tinyMllama() as object), image_token_index: 4000 }), /image_token_index is 4000/);
});

suite("rope_scaling of transformers 4 and rope_parameters of 5 mean the same", () => {
  const scaling = {
    rope_type: "llama3",
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
  };
  const {
    rope_theta: _,
    rope_scaling: __,
    ...text
  } = (tinyMllama() as { text_config: Record<string, unknown> }).text_config;
  const of = (extra: object) =>
    parseMllamaConfig({ ...(tinyMllama() as object), text_config: { ...text, ...extra } }, "config.json").text.rope;
  assert.equal(
    of({ rope_theta: 5e5, rope_scaling: scaling }),
    of({ rope_parameters: { ...scaling, rope_theta: 5e5 } }),
  );
});

suite("llama3 frequencies: short waves stay, long ones are divided by the factor", () => {
  const rope = {
    type: "llama3",
    theta: 5e5,
    factor: 8,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalMaxPositions: 8192,
  } as const;
  const plain = inverseFrequencies({ type: "default", theta: 5e5 }, 128);
  const scaled = inverseFrequencies(rope, 128);
  assert.is(scaled[0], plain[0]);
  assert.is(scaled[63], Math.fround(plain[63]! / 8));
  const between = [...scaled].filter((value, i) => value < plain[i]! && value > plain[i]! / 8);
  assert.ok(between.length > 3 && between.length < 12);
  const { cos, sin } = rotaryTables(rope, 128, 3, 0.5);
  assert.is(cos[0], 0.5);
  assert.is(sin[128], Math.fround(Math.sin(1) * 0.5));
});

suite("a family is described as its architecture says", () => {
  assert.equal(describeConfig(ELEVEN_BILLION), backboneArchitecture(ELEVEN_BILLION).description);
});

suite.run();
