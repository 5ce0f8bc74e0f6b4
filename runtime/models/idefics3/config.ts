/** An Idefics3 or SmolVLM `config.json`, checked. Defaults are those of transformers' `Idefics3Config` and `Idefics3VisionConfig`. */
import { ConfigReader } from "../config-reader.js";
import { type DecoderConfig, parseLlama } from "../decoder.js";
import { parseVisionEncoder, patchesPerSide, type VisionEncoderConfig } from "../vision-encoder.js";

export interface Idefics3Config {
  readonly vision: VisionEncoderConfig;
  readonly text: DecoderConfig;
  /** The pixel shuffle makes one feature of a square of this many patches a side. */
  readonly scaleFactor: number;
}

const VISION_DEFAULTS: VisionEncoderConfig = {
  hiddenSize: 1152,
  intermediateSize: 3072,
  layers: 12,
  heads: 16,
  channels: 3,
  imageSize: 224,
  patchSize: 32,
};

/** Reads a parsed `config.json`. Throws a `UserError` that names `place` and the field when something is wrong or not supported. */
export function parseIdefics3Config(json: unknown, place: string): Idefics3Config {
  const reader = new ConfigReader(json, place);
  reader.choice("model_type", ["idefics3", "smolvlm"], "idefics3");
  const visionReader = reader.section("vision_config");
  visionReader.choice("hidden_act", ["gelu_pytorch_tanh"], "gelu_pytorch_tanh");
  const vision = parseVisionEncoder(visionReader, VISION_DEFAULTS);
  const scaleFactor = reader.count("scale_factor", 2);
  const side = patchesPerSide(vision);
  if (side % scaleFactor !== 0)
    reader.fail("scale_factor", `is ${scaleFactor}, which does not divide the ${side} patches of a tile's side`);
  return { vision, text: parseLlama(reader.section("text_config")), scaleFactor };
}
