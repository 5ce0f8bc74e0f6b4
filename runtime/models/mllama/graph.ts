/** The inputs of an Mllama graph and its forward pass. */
import type { GraphBuilder } from "../../graph/builder.js";
import type { Shape, Tensor } from "../../graph/types.js";
import type { BackboneDescription, BackboneInput, BatchShape, LinearHook, ParameterSource } from "../backbone.js";
import { ForwardPass } from "../forward-pass.js";
import { type MllamaConfig, tokensPerTile } from "./config.js";
import { PROJECTOR } from "./parameters.js";
import { buildText } from "./text.js";
import { buildVision } from "./vision.js";

/**
 * Inputs by transformers' names. `pixel_values` comes as patches, [batch, images, tiles, patches, channels·patch·patch] with a patch's
 * values in the order (channel, y, x): the host cuts it once, so that the graph has a plain product where the model has a
 * convolution. A shape without images has the two text inputs only.
 * Throws a RangeError when the shape is not one the model can take; `tiles` must be the model's own, because tokens attend to the
 * padding of unused tiles too.
 */
export function mllamaInputs({ vision, text }: MllamaConfig, shape: BatchShape): readonly BackboneInput[] {
  const { batch, sequence, images, tiles } = shape;
  if (!(batch >= 1 && sequence >= 1 && images >= 0))
    throw new RangeError(`batch ${batch}, sequence ${sequence}, images ${images}: counts are expected`);
  if (sequence > text.maxPositions)
    throw new RangeError(`sequence ${sequence} is above max_position_embeddings (${text.maxPositions})`);
  const textInputs: BackboneInput[] = [
    { name: "input_ids", shape: [batch, sequence], dtype: "i32" },
    { name: "attention_mask", shape: [batch, sequence], dtype: "f32" },
  ];
  if (images === 0) return textInputs;
  if (tiles !== vision.maxTiles) throw new RangeError(`tiles ${tiles}: this model has ${vision.maxTiles}`);
  const patchValues = vision.channels * vision.patchSize ** 2;
  return [
    ...textInputs,
    { name: "pixel_values", shape: [batch, images, tiles, tokensPerTile(vision) - 1, patchValues], dtype: "f32" },
    { name: "aspect_ratio_ids", shape: [batch, images], dtype: "i32" },
    {
      name: "aspect_ratio_mask",
      shape: [batch, images, tiles],
      dtype: "f32",
      padding: Array.from({ length: tiles }, (_, tile) => (tile === 0 ? 1 : 0)),
    },
    { name: "cross_attention_mask", shape: [batch, sequence, images, tiles], dtype: "f32" },
  ];
}

/** Adds the forward pass to a graph; logits [batch, sequence, vocabulary]. See `Backbone.buildLogits`. */
export function buildMllamaLogits(
  builder: GraphBuilder,
  config: MllamaConfig,
  description: BackboneDescription,
  parameterShapes: ReadonlyMap<string, Shape>,
  shape: BatchShape,
  parameters: ParameterSource,
  linear: LinearHook,
): Tensor {
  const pass = new ForwardPass(builder, description, parameterShapes, parameters, linear);
  const leaves = new Map(
    mllamaInputs(config, shape).map(({ name, shape: size, dtype }) => [name, builder.input(name, size, dtype)]),
  );
  const leaf = (name: string): Tensor => leaves.get(name)!;
  const text = (image: Parameters<typeof buildText>[5]) =>
    buildText(pass, config.text, shape, leaf("input_ids"), leaf("attention_mask"), image);
  if (shape.images === 0) return text(undefined);
  const features = buildVision(pass, config.vision, shape, {
    pixelValues: leaf("pixel_values"),
    aspectRatioIds: leaf("aspect_ratio_ids"),
    aspectRatioMask: leaf("aspect_ratio_mask"),
  });
  return text({
    states: pass.linear(PROJECTOR, features),
    mask: leaf("cross_attention_mask"),
    tokensPerTile: tokensPerTile(config.vision),
  });
}
