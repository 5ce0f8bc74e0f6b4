/** A LLaVA `config.json`, checked. Defaults are those of transformers' `LlavaConfig`, `CLIPVisionConfig` and `LlamaConfig`. */
import { ConfigReader } from "../config-reader.js";
import { type DecoderConfig, parseLlama } from "../decoder.js";
import { parseVisionEncoder, type VisionEncoderConfig } from "../vision-encoder.js";

export interface LlavaConfig {
  readonly vision: VisionEncoderConfig;
  readonly text: DecoderConfig;
  /** How many layers of the tower are run for each output that the projector gets: 0 is the embedding, `vision.layers` the last layer. */
  readonly featureDepths: readonly number[];
  /** Whether the class token is among the features. */
  readonly keepsClassToken: boolean;
  readonly projectorBias: boolean;
}

const CLIP_DEFAULTS: VisionEncoderConfig = {
  hiddenSize: 768,
  intermediateSize: 3072,
  layers: 12,
  heads: 12,
  channels: 3,
  imageSize: 224,
  patchSize: 32,
};
/** The tower of a config without `vision_config`: CLIP ViT-L/14 at 336 pixels. */
const TOWER_DEFAULTS: VisionEncoderConfig = {
  hiddenSize: 1024,
  intermediateSize: 4096,
  layers: 24,
  heads: 16,
  channels: 3,
  imageSize: 336,
  patchSize: 14,
};

/** Reads a parsed `config.json`. Throws a `UserError` that names `place` and the field when something is wrong or not supported. */
export function parseLlavaConfig(json: unknown, place: string): LlavaConfig {
  const reader = new ConfigReader(json, place);
  reader.choice("model_type", ["llava"], "llava");
  reader.choice("projector_hidden_act", ["gelu"], "gelu");
  const visionReader = reader.section("vision_config");
  visionReader.choice("model_type", ["clip_vision_model"], "clip_vision_model");
  visionReader.choice("hidden_act", ["quick_gelu", "gelu"], "quick_gelu");
  const vision = parseVisionEncoder(visionReader, reader.has("vision_config") ? CLIP_DEFAULTS : TOWER_DEFAULTS);
  const strategy = reader.choice("vision_feature_select_strategy", ["default", "full"], "default");
  return {
    vision,
    text: parseLlama(reader.section("text_config")),
    featureDepths: featureDepths(reader, vision.layers),
    keepsClassToken: strategy === "full",
    projectorBias: reader.boolean("multimodal_projector_bias", true),
  };
}

/** `vision_feature_layer`, one number or a list of them, counts outputs from 0, the embedding's, or backwards from -1, the last layer's. */
function featureDepths(reader: ConfigReader, layers: number): readonly number[] {
  return reader.integers("vision_feature_layer", -2).map((index) => {
    const depth = index < 0 ? layers + 1 + index : index;
    if (depth < 0 || depth > layers)
      reader.fail("vision_feature_layer", `names the output ${index} of a tower of ${layers} layers`);
    return depth;
  });
}
