/** A Qwen2-VL `config.json`, checked. Defaults are those of transformers' `Qwen2VLVisionConfig` and `Qwen2VLTextConfig`. */
import { ConfigReader } from "../config-reader.js";
import { type DecoderConfig, type DecoderDefaults, parseDecoder } from "../decoder.js";

export interface Qwen2VLVisionConfig {
  readonly layers: number;
  readonly width: number;
  readonly intermediateSize: number;
  readonly heads: number;
  readonly channels: number;
  readonly patchSize: number;
  /** Frames of a patch; a still image is taken twice. */
  readonly frames: number;
  /** The merger makes one feature of a square of this many patches a side. */
  readonly mergeSize: number;
}

export interface Qwen2VLConfig {
  readonly vision: Qwen2VLVisionConfig;
  readonly text: DecoderConfig;
}

const TEXT_DEFAULTS: DecoderDefaults = {
  vocabSize: 152064,
  hiddenSize: 8192,
  intermediateSize: 29568,
  layers: 80,
  heads: 64,
  keyValueHeads: 8,
};

/** Reads a parsed `config.json`. Throws a `UserError` that names `place` and the field when something is wrong or not supported. */
export function parseQwen2VLConfig(json: unknown, place: string): Qwen2VLConfig {
  const reader = new ConfigReader(json, place);
  reader.choice("model_type", ["qwen2_vl"], "qwen2_vl");
  // The published files have the fields of the text model at the top; transformers >= 4.52 writes a section.
  const textReader = reader.has("text_config") ? reader.section("text_config") : reader;
  const text = { ...parseDecoder(textReader, TEXT_DEFAULTS), biased: ["q_proj", "k_proj", "v_proj"] };
  return { vision: parseVision(reader.section("vision_config"), text), text };
}

function parseVision(reader: ConfigReader, text: DecoderConfig): Qwen2VLVisionConfig {
  reader.choice("hidden_act", ["quick_gelu"], "quick_gelu");
  const width = reader.count("embed_dim", 1280);
  const heads = reader.count("num_heads", 16);
  if (width % heads !== 0) reader.fail("embed_dim", `(${width}) is not a multiple of the ${heads} heads`);
  const output = reader.count("hidden_size", 3584);
  if (output !== text.hiddenSize)
    reader.fail("hidden_size", `is ${output}; what the merger makes goes into a text model of ${text.hiddenSize}`);
  return {
    layers: reader.count("depth", 32),
    width,
    intermediateSize: Math.trunc(width * reader.positive("mlp_ratio", 4)),
    heads,
    channels: reader.count("in_channels", 3),
    patchSize: reader.count("patch_size", 14),
    frames: reader.count("temporal_patch_size", 2),
    mergeSize: reader.count("spatial_merge_size", 2),
  };
}
