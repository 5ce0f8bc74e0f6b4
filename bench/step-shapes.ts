/** The sizes at which a training step is timed: B = 4, T = 32, one image of 4 tiles an example. */

/** One Mllama shape. Parameters: XS 0.4 M, S 1.9 M, M 9 M, L 69 M, XL 539 M. */
export interface StepShape {
  readonly visionHidden: number;
  readonly visionLayers: number;
  readonly globalLayers: number;
  readonly textHidden: number;
  readonly textLayers: number;
  readonly imageSize: number;
  readonly vocabulary: number;
  /** Longest sequence; default POSITIONS. */
  readonly positions?: number;
  /** Most tiles of an image; default TILES. */
  readonly tiles?: number;
}

export const STEP_SHAPES = {
  demo: {
    visionHidden: 64,
    visionLayers: 4,
    globalLayers: 2,
    textHidden: 64,
    textLayers: 5,
    imageSize: 28,
    vocabulary: 43,
  },
  XS: {
    visionHidden: 32,
    visionLayers: 4,
    globalLayers: 2,
    textHidden: 64,
    textLayers: 4,
    imageSize: 56,
    vocabulary: 512,
  },
  S: {
    visionHidden: 64,
    visionLayers: 6,
    globalLayers: 2,
    textHidden: 128,
    textLayers: 6,
    imageSize: 112,
    vocabulary: 1024,
  },
  M: {
    visionHidden: 128,
    visionLayers: 8,
    globalLayers: 2,
    textHidden: 256,
    textLayers: 8,
    imageSize: 112,
    vocabulary: 2048,
  },
  // Above what the onnx engine writes into its model: weights stay in their file.
  L: {
    visionHidden: 256,
    visionLayers: 6,
    globalLayers: 2,
    textHidden: 768,
    textLayers: 8,
    imageSize: 56,
    vocabulary: 4096,
  },
  // For GPUs.
  XL: {
    visionHidden: 768,
    visionLayers: 12,
    globalLayers: 4,
    textHidden: 1536,
    textLayers: 12,
    imageSize: 224,
    vocabulary: 16384,
  },
} as const satisfies Record<string, StepShape>;

export type ShapeName = keyof typeof STEP_SHAPES;

export const BATCH = 4;
export const SEQUENCE = 32;
export const TILES = 4;
export const POSITIONS = 64;

/** The `config.json` of a shape. Text layers 1, 3, … look at the image; the vision tower hands out two intermediate layers. */
export function configOf(shape: StepShape): unknown {
  const { tiles = TILES } = shape;
  const crossAttentionLayers = Array.from({ length: shape.textLayers }, (_, i) => i).filter((i) => i % 4 === 1);
  return {
    model_type: "mllama",
    image_token_index: shape.vocabulary,
    vision_config: {
      hidden_size: shape.visionHidden,
      intermediate_size: 4 * shape.visionHidden,
      num_hidden_layers: shape.visionLayers,
      num_global_layers: shape.globalLayers,
      attention_heads: 4,
      num_attention_heads: 4,
      num_channels: 3,
      image_size: shape.imageSize,
      patch_size: 14,
      max_num_tiles: tiles,
      supported_aspect_ratios: [
        [1, 1],
        [1, 2],
        [1, 3],
        [1, 4],
        [2, 1],
        [2, 2],
        [3, 1],
        [4, 1],
      ].filter(([width, height]) => width! * height! <= tiles),
      intermediate_layers_indices: [0, 2],
      vision_output_dim: 3 * shape.visionHidden,
      norm_eps: 1e-5,
      hidden_act: "gelu",
    },
    text_config: {
      vocab_size: shape.vocabulary,
      hidden_size: shape.textHidden,
      intermediate_size: 3 * shape.textHidden,
      num_hidden_layers: shape.textLayers,
      cross_attention_layers: crossAttentionLayers,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      rope_theta: 10000,
      rope_scaling: { rope_type: "default" },
      max_position_embeddings: shape.positions ?? POSITIONS,
      rms_norm_eps: 1e-5,
      hidden_act: "silu",
      tie_word_embeddings: false,
      bos_token_id: 1,
      eos_token_id: 2,
      pad_token_id: 0,
    },
  };
}
