/** The text decoder that most families share: Llama's layers, with grouped keys and values, and biases where a config asks for them. */
import type { Shape } from "../graph/types.js";
import type { ConfigReader } from "./config-reader.js";

export interface DecoderConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  /** Kinds of linear modules that have a bias. */
  readonly biased: readonly string[];
  /** Whether the output layer's weight is the embedding's, one parameter for both. */
  readonly isTied: boolean;
}

/** What transformers' config class of a decoder puts in place of missing fields; `keyValueHeads` null means as many as heads. */
export interface DecoderDefaults {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number | null;
}

/** Of `LlamaConfig`. */
export const LLAMA_DEFAULTS: DecoderDefaults = {
  vocabSize: 32000,
  hiddenSize: 4096,
  intermediateSize: 11008,
  layers: 32,
  heads: 32,
  keyValueHeads: null,
};

const ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"] as const;
const MLP = ["gate_proj", "up_proj", "down_proj"] as const;

/** Reads the section of a Llama: its heads may have a size of their own, and all its projections biases. */
export function parseLlama(reader: ConfigReader): DecoderConfig {
  reader.choice("model_type", ["llama"], "llama");
  const decoder = parseDecoder(reader, LLAMA_DEFAULTS);
  return {
    ...decoder,
    headDim: reader.count("head_dim", decoder.headDim),
    biased: [
      ...(reader.boolean("attention_bias", false) ? ATTENTION : []),
      ...(reader.boolean("mlp_bias", false) ? MLP : []),
    ],
  };
}

/** Reads what all such decoders have: heads that divide the hidden size, no biases. Throws a `UserError` about a field that does not fit. */
export function parseDecoder(reader: ConfigReader, defaults: DecoderDefaults): DecoderConfig {
  reader.choice("hidden_act", ["silu"], "silu");
  const hiddenSize = reader.count("hidden_size", defaults.hiddenSize);
  const heads = reader.count("num_attention_heads", defaults.heads);
  const keyValueHeads = reader.count("num_key_value_heads", defaults.keyValueHeads ?? heads);
  if (hiddenSize % heads !== 0) reader.fail("hidden_size", `(${hiddenSize}) is not a multiple of the ${heads} heads`);
  if (heads % keyValueHeads !== 0)
    reader.fail("num_key_value_heads", `(${keyValueHeads}) does not divide the ${heads} heads`);
  return {
    vocabSize: reader.count("vocab_size", defaults.vocabSize),
    hiddenSize,
    intermediateSize: reader.count("intermediate_size", defaults.intermediateSize),
    layers: reader.count("num_hidden_layers", defaults.layers),
    heads,
    keyValueHeads,
    headDim: hiddenSize / heads,
    biased: [],
    isTied: reader.boolean("tie_word_embeddings", false),
  };
}

/** Embedding, layers and last norm under a path, and the output layer where it has a weight of its own; in the order of the forward pass. */
export function* decoderShapes(path: string, head: string, config: DecoderConfig): Iterable<readonly [string, Shape]> {
  const { hiddenSize: hidden, intermediateSize: inner } = config;
  const width = config.heads * config.headDim;
  const keyValue = config.keyValueHeads * config.headDim;
  const linear = function* (module: string, kind: string, out: number, into: number): Iterable<[string, Shape]> {
    yield [`${module}.${kind}.weight`, [out, into]];
    if (config.biased.includes(kind)) yield [`${module}.${kind}.bias`, [out]];
  };
  yield [`${path}.embed_tokens.weight`, [config.vocabSize, hidden]];
  for (let index = 0; index < config.layers; index++) {
    const layer = `${path}.layers.${index}`;
    yield [`${layer}.input_layernorm.weight`, [hidden]];
    yield* linear(`${layer}.self_attn`, "q_proj", width, hidden);
    yield* linear(`${layer}.self_attn`, "k_proj", keyValue, hidden);
    yield* linear(`${layer}.self_attn`, "v_proj", keyValue, hidden);
    yield* linear(`${layer}.self_attn`, "o_proj", hidden, width);
    yield [`${layer}.post_attention_layernorm.weight`, [hidden]];
    yield* linear(`${layer}.mlp`, "gate_proj", inner, hidden);
    yield* linear(`${layer}.mlp`, "up_proj", inner, hidden);
    yield* linear(`${layer}.mlp`, "down_proj", hidden, inner);
  }
  yield [`${path}.norm.weight`, [hidden]];
  if (!config.isTied) yield [`${head}.weight`, [config.vocabSize, hidden]];
}
