/** Configurations of tiny Mllama models for tests. */

const DEMO_VISION = {
  hidden_size: 64,
  intermediate_size: 256,
  num_hidden_layers: 4,
  num_global_layers: 2,
  attention_heads: 4,
  num_channels: 3,
  image_size: 28,
  patch_size: 14,
  max_num_tiles: 4,
  supported_aspect_ratios: [
    [1, 1],
    [1, 2],
    [1, 3],
    [1, 4],
  ],
  intermediate_layers_indices: [0, 2],
  vision_output_dim: 192,
  norm_eps: 1e-5,
  hidden_act: "gelu",
};

const DEMO_TEXT = {
  vocab_size: 43,
  hidden_size: 64,
  intermediate_size: 160,
  num_hidden_layers: 5,
  cross_attention_layers: [1, 3],
  num_attention_heads: 4,
  num_key_value_heads: 2,
  rope_theta: 10000,
  rope_scaling: { rope_type: "default" },
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  hidden_act: "silu",
};

const SMALLER = {
  vision: {
    hidden_size: 16,
    intermediate_size: 32,
    num_hidden_layers: 3,
    num_global_layers: 1,
    attention_heads: 2,
    vision_output_dim: 48,
  },
  text: { hidden_size: 16, intermediate_size: 24, num_hidden_layers: 3, cross_attention_layers: [1] },
} as const;

/** A parsed `config.json`: the demo's model, or one a few times smaller, with fields replaced. */
export function tinyMllama(
  vision: Readonly<Record<string, unknown>> = {},
  text: Readonly<Record<string, unknown>> = {},
  size: "demo" | "smaller" = "smaller",
): unknown {
  const smaller = size === "smaller" ? SMALLER : { vision: {}, text: {} };
  return {
    model_type: "mllama",
    image_token_index: 43,
    vision_config: { ...DEMO_VISION, ...smaller.vision, ...vision },
    text_config: { ...DEMO_TEXT, ...smaller.text, ...text },
  };
}
