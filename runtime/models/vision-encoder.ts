/** The vision encoder that CLIP and SigLIP share: square images cut in patches, layers with two norms, all linear modules with a bias. */
import type { Shape } from "../graph/types.js";
import type { ConfigReader } from "./config-reader.js";

export interface VisionEncoderConfig {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly channels: number;
  /** Side of an image, or of a tile of one, in pixels. */
  readonly imageSize: number;
  readonly patchSize: number;
}

/** Patches along one side; pixels beyond the last whole patch are left out. */
export const patchesPerSide = ({ imageSize, patchSize }: VisionEncoderConfig): number =>
  Math.floor(imageSize / patchSize);

/** Reads a vision section; a missing field is that of `defaults`. Throws a `UserError` about a field that does not fit. */
export function parseVisionEncoder(reader: ConfigReader, defaults: VisionEncoderConfig): VisionEncoderConfig {
  const hiddenSize = reader.count("hidden_size", defaults.hiddenSize);
  const heads = reader.count("num_attention_heads", defaults.heads);
  if (hiddenSize % heads !== 0) reader.fail("hidden_size", `(${hiddenSize}) is not a multiple of the ${heads} heads`);
  const imageSize = reader.count("image_size", defaults.imageSize);
  const patchSize = reader.count("patch_size", defaults.patchSize);
  if (patchSize > imageSize) reader.fail("patch_size", `(${patchSize}) is larger than image_size (${imageSize})`);
  return {
    hiddenSize,
    intermediateSize: reader.count("intermediate_size", defaults.intermediateSize),
    layers: reader.count("num_hidden_layers", defaults.layers),
    heads,
    channels: reader.count("num_channels", defaults.channels),
    imageSize,
    patchSize,
  };
}

/** Weight and bias of a LayerNorm. */
export function* layerNormShapes(path: string, size: number): Iterable<readonly [string, Shape]> {
  yield [`${path}.weight`, [size]];
  yield [`${path}.bias`, [size]];
}

/** Weight and bias of a linear module. */
export function* linearShapes(path: string, out: number, into: number): Iterable<readonly [string, Shape]> {
  yield [`${path}.weight`, [out, into]];
  yield [`${path}.bias`, [out]];
}

/** The layers under `<path>.layers`, in the order of the forward pass. */
export function* encoderLayerShapes(path: string, config: VisionEncoderConfig): Iterable<readonly [string, Shape]> {
  const { hiddenSize: hidden, intermediateSize: inner } = config;
  for (let index = 0; index < config.layers; index++) {
    const layer = `${path}.layers.${index}`;
    yield* layerNormShapes(`${layer}.layer_norm1`, hidden);
    for (const kind of ["q_proj", "k_proj", "v_proj", "out_proj"])
      yield* linearShapes(`${layer}.self_attn.${kind}`, hidden, hidden);
    yield* layerNormShapes(`${layer}.layer_norm2`, hidden);
    yield* linearShapes(`${layer}.mlp.fc1`, inner, hidden);
    yield* linearShapes(`${layer}.mlp.fc2`, hidden, inner);
  }
}
