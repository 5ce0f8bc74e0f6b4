/** An Mllama `config.json`, checked. Defaults are those of transformers' `MllamaVisionConfig` and `MllamaTextConfig`. */
import { ConfigReader } from "../config-reader.js";
import type { RopeConfig } from "./rope.js";

export interface MllamaVisionConfig {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly globalLayers: number;
  readonly heads: number;
  readonly channels: number;
  /** Side of a tile in pixels. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly maxTiles: number;
  /** (tiles high, tiles wide); an aspect ratio id is the index in this list + 1, and 0 stands for no image. */
  readonly aspectRatios: readonly (readonly [number, number])[];
  /** Layers of the first encoder whose outputs go beside the global encoder's. */
  readonly intermediateLayers: readonly number[];
  /** hiddenSize · (1 + number of intermediate layers). */
  readonly outputDim: number;
  readonly normEps: number;
}

export interface MllamaTextConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly crossAttentionLayers: readonly number[];
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  readonly rmsNormEps: number;
  readonly maxPositions: number;
  readonly rope: RopeConfig;
}

export interface MllamaConfig {
  readonly vision: MllamaVisionConfig;
  readonly text: MllamaTextConfig;
  /** Token id of `<|image|>`: one of the 8 embedding rows above the vocabulary. */
  readonly imageToken: number;
}

const ASPECT_RATIOS: readonly (readonly [number, number])[] = [
  [1, 1],
  [1, 2],
  [1, 3],
  [1, 4],
  [2, 1],
  [2, 2],
  [3, 1],
  [4, 1],
];

/** Embedding rows beyond the vocabulary, for special tokens that are read but never predicted (modeling_mllama.py). */
export const EXTRA_EMBEDDING_ROWS = 8;

/** Patches of a tile and its class token. */
export const tokensPerTile = ({ imageSize, patchSize }: MllamaVisionConfig): number =>
  Math.floor(imageSize / patchSize) ** 2 + 1;

/** `tokensPerTile` padded to a multiple of 8, as the encoders see a tile. Never equal to it: no square is 7 modulo 8. */
export const paddedTokensPerTile = (vision: MllamaVisionConfig): number => Math.ceil(tokensPerTile(vision) / 8) * 8;

/** Reads a parsed `config.json`. Throws a `UserError` that names `place` and the field when something is wrong or not supported. */
export function parseMllamaConfig(json: unknown, place: string): MllamaConfig {
  const reader = new ConfigReader(json, place);
  reader.choice("model_type", ["mllama"], "mllama");
  if (reader.boolean("tie_word_embeddings", false))
    reader.fail("tie_word_embeddings", "is true, which Mllama cannot do: its embedding has more rows than lm_head");
  const text = parseText(reader.section("text_config"));
  const imageToken = reader.count("image_token_index", 128256, 0);
  if (imageToken >= text.vocabSize + EXTRA_EMBEDDING_ROWS)
    reader.fail(
      "image_token_index",
      `is ${imageToken}, but the embedding has ${text.vocabSize + EXTRA_EMBEDDING_ROWS} rows`,
    );
  return { vision: parseVision(reader.section("vision_config")), text, imageToken };
}

function parseVision(reader: ConfigReader): MllamaVisionConfig {
  reader.choice("hidden_act", ["gelu"], "gelu");
  const hiddenSize = reader.count("hidden_size", 1280);
  const layers = reader.count("num_hidden_layers", 32);
  const maxTiles = reader.count("max_num_tiles", 4);
  // The constructor's argument is num_attention_heads, the saved attribute attention_heads; the attribute wins.
  const heads = reader.count(reader.has("attention_heads") ? "attention_heads" : "num_attention_heads", 16);
  if (hiddenSize % heads !== 0) reader.fail("hidden_size", `(${hiddenSize}) is not a multiple of the ${heads} heads`);
  const imageSize = reader.count("image_size", 448);
  const patchSize = reader.count("patch_size", 14);
  if (patchSize > imageSize) reader.fail("patch_size", `(${patchSize}) is larger than image_size (${imageSize})`);
  const aspectRatios = reader.pairs("supported_aspect_ratios", ASPECT_RATIOS);
  if (aspectRatios.some(([high, wide]) => high * wide > maxTiles))
    reader.fail("supported_aspect_ratios", `asks for more than max_num_tiles (${maxTiles}) tiles`);
  const intermediateLayers = reader.indices("intermediate_layers_indices", [3, 7, 15, 23, 30], layers);
  const outputDim = reader.count("vision_output_dim", 7680);
  const expected = hiddenSize * (1 + intermediateLayers.length);
  if (outputDim !== expected)
    reader.fail(
      "vision_output_dim",
      `is ${outputDim}; hidden_size and intermediate_layers_indices make it ${expected}`,
    );
  return {
    hiddenSize,
    intermediateSize: reader.count("intermediate_size", 5120),
    layers,
    globalLayers: reader.count("num_global_layers", 8, 0),
    heads,
    channels: reader.count("num_channels", 3),
    imageSize,
    patchSize,
    maxTiles,
    aspectRatios,
    intermediateLayers,
    outputDim,
    normEps: reader.positive("norm_eps", 1e-5),
  };
}

function parseText(reader: ConfigReader): MllamaTextConfig {
  reader.choice("hidden_act", ["silu"], "silu");
  const hiddenSize = reader.count("hidden_size", 4096);
  const heads = reader.count("num_attention_heads", 32);
  const keyValueHeads = reader.count("num_key_value_heads", 8);
  if (hiddenSize % heads !== 0) reader.fail("hidden_size", `(${hiddenSize}) is not a multiple of the ${heads} heads`);
  if (heads % keyValueHeads !== 0)
    reader.fail("num_key_value_heads", `(${keyValueHeads}) does not divide the ${heads} heads`);
  const headDim = hiddenSize / heads;
  if (headDim % 2 !== 0)
    reader.fail("hidden_size", `makes heads of ${headDim} dimensions; rotary embedding needs an even number`);
  const layers = reader.count("num_hidden_layers", 40);
  return {
    vocabSize: reader.count("vocab_size", 128256),
    hiddenSize,
    intermediateSize: reader.count("intermediate_size", 14336),
    layers,
    crossAttentionLayers: reader.indices("cross_attention_layers", [3, 8, 13, 18, 23, 28, 33, 38], layers),
    heads,
    keyValueHeads,
    headDim,
    rmsNormEps: reader.positive("rms_norm_eps", 1e-5),
    maxPositions: reader.count("max_position_embeddings", 131072),
    rope: parseRope(reader),
  };
}

/** transformers 5 writes `rope_parameters` with the base inside; 4.x writes `rope_scaling` beside `rope_theta`. */
function parseRope(text: ConfigReader): RopeConfig {
  const modern = text.has("rope_parameters");
  const reader = text.section(modern ? "rope_parameters" : "rope_scaling");
  const theta =
    modern && reader.has("rope_theta") ? reader.positive("rope_theta") : text.positive("rope_theta", 500_000);
  const type = reader.choice(reader.has("rope_type") ? "rope_type" : "type", ["default", "llama3"], "default");
  if (type === "default") return { type, theta };
  return {
    type,
    theta,
    factor: reader.positive("factor"),
    lowFrequencyFactor: reader.positive("low_freq_factor"),
    highFrequencyFactor: reader.positive("high_freq_factor"),
    originalMaxPositions: reader.count("original_max_position_embeddings", 8192),
  };
}
