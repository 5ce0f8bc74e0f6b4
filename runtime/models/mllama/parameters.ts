/** Every parameter of an Mllama model: its name in transformers >= 4.52, the names older checkpoints use, its shape. */
import type { Shape } from "../../graph/types.js";
import { EXTRA_EMBEDDING_ROWS, type MllamaConfig, tokensPerTile } from "./config.js";

export const VISION = "model.vision_model";
export const PROJECTOR = "model.multi_modal_projector";
export const LANGUAGE = "model.language_model";
export const HEAD = "lm_head";

/** The two encoders of the vision tower, in the order of the forward pass. */
export const VISION_ENCODERS = ["transformer", "global_transformer"] as const;

/** Name and shape of every parameter, in the order of the forward pass. */
export function mllamaParameterShapes(config: MllamaConfig): ReadonlyMap<string, Shape> {
  return new Map([
    ...visionShapes(config),
    [`${PROJECTOR}.weight`, [config.text.hiddenSize, config.vision.outputDim]],
    [`${PROJECTOR}.bias`, [config.text.hiddenSize]],
    ...languageShapes(config),
    [`${HEAD}.weight`, [config.text.vocabSize, config.text.hiddenSize]],
  ]);
}

type Entry = readonly [name: string, shape: Shape];

function* visionShapes({ vision }: MllamaConfig): Iterable<Entry> {
  const { hiddenSize: hidden, intermediateSize: inner, channels, patchSize, maxTiles } = vision;
  const tokens = tokensPerTile(vision);
  const ids = vision.aspectRatios.length + 1;
  const norm = function* (name: string): Iterable<Entry> {
    yield [`${name}.weight`, [hidden]];
    yield [`${name}.bias`, [hidden]];
  };
  yield [`${VISION}.patch_embedding.weight`, [hidden, channels, patchSize, patchSize]];
  yield [`${VISION}.pre_tile_positional_embedding.embedding.weight`, [ids, maxTiles * hidden]];
  yield [`${VISION}.pre_tile_positional_embedding.gate`, [1]];
  yield [`${VISION}.class_embedding`, [hidden]];
  yield [`${VISION}.gated_positional_embedding.embedding`, [tokens, hidden]];
  yield [`${VISION}.gated_positional_embedding.tile_embedding.weight`, [ids, maxTiles * tokens * hidden]];
  yield [`${VISION}.gated_positional_embedding.gate`, [1]];
  yield* norm(`${VISION}.layernorm_pre`);
  const encoder = function* (name: string, layers: number, gated: boolean): Iterable<Entry> {
    for (let layer = 0; layer < layers; layer++) {
      const path = `${VISION}.${name}.layers.${layer}`;
      yield* norm(`${path}.input_layernorm`);
      for (const kind of ["q_proj", "k_proj", "v_proj", "o_proj"])
        yield [`${path}.self_attn.${kind}.weight`, [hidden, hidden]];
      yield* norm(`${path}.post_attention_layernorm`);
      yield [`${path}.mlp.fc1.weight`, [inner, hidden]];
      yield [`${path}.mlp.fc1.bias`, [inner]];
      yield [`${path}.mlp.fc2.weight`, [hidden, inner]];
      yield [`${path}.mlp.fc2.bias`, [hidden]];
      if (!gated) continue;
      yield [`${path}.gate_attn`, [1]];
      yield [`${path}.gate_ffn`, [1]];
    }
  };
  yield* encoder("transformer", vision.layers, false);
  yield* norm(`${VISION}.layernorm_post`);
  yield [`${VISION}.post_tile_positional_embedding.embedding.weight`, [ids, maxTiles * hidden]];
  yield [`${VISION}.post_tile_positional_embedding.gate`, [1]];
  yield* encoder("global_transformer", vision.globalLayers, true);
}

function* languageShapes({ text }: MllamaConfig): Iterable<Entry> {
  const { hiddenSize: hidden, intermediateSize: inner, headDim } = text;
  const keyValue = text.keyValueHeads * headDim;
  yield [`${LANGUAGE}.embed_tokens.weight`, [text.vocabSize + EXTRA_EMBEDDING_ROWS, hidden]];
  for (let layer = 0; layer < text.layers; layer++) {
    const path = `${LANGUAGE}.layers.${layer}`;
    const crosses = text.crossAttentionLayers.includes(layer);
    const attention = `${path}.${crosses ? "cross_attn" : "self_attn"}`;
    yield [`${path}.input_layernorm.weight`, [hidden]];
    yield [`${attention}.q_proj.weight`, [hidden, hidden]];
    yield [`${attention}.k_proj.weight`, [keyValue, hidden]];
    yield [`${attention}.v_proj.weight`, [keyValue, hidden]];
    if (crosses) {
      yield [`${attention}.q_norm.weight`, [headDim]];
      yield [`${attention}.k_norm.weight`, [headDim]];
    }
    yield [`${attention}.o_proj.weight`, [hidden, hidden]];
    if (crosses) yield [`${path}.cross_attn_attn_gate`, [1]];
    yield [`${path}.post_attention_layernorm.weight`, [hidden]];
    yield [`${path}.mlp.gate_proj.weight`, [inner, hidden]];
    yield [`${path}.mlp.up_proj.weight`, [inner, hidden]];
    yield [`${path}.mlp.down_proj.weight`, [hidden, inner]];
    if (crosses) yield [`${path}.cross_attn_mlp_gate`, [1]];
  }
  yield [`${LANGUAGE}.norm.weight`, [hidden]];
}

/** Heads of names in checkpoints made before transformers 4.52 (all of those on the hub), and what they are called since. */
const LEGACY_PREFIXES: readonly (readonly [legacy: string, canonical: string])[] = [
  ["language_model.model.", `${LANGUAGE}.`],
  ["language_model.lm_head.", `${HEAD}.`],
  ["vision_model.", `${VISION}.`],
  ["multi_modal_projector.", `${PROJECTOR}.`],
];

/** The canonical (transformers >= 4.52) name of a tensor of a checkpoint. */
export function canonicalName(stored: string): string {
  for (const [legacy, canonical] of LEGACY_PREFIXES)
    if (stored.startsWith(legacy)) return canonical + stored.slice(legacy.length);
  return stored;
}
