/** What the rest of lnas may know of a backbone family: its modules, its inputs, and how to build its graph. */
import type { WeightStore } from "../formats/weights.js";
import type { GraphBuilder } from "../graph/builder.js";
import type { Shape, Tensor } from "../graph/types.js";

/** A linear module that can carry an adapter. `path` is exactly what Hugging Face (transformers >= 4.52) prints. */
export interface LinearModule {
  readonly path: string;
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Leaf name: `q_proj`, `fc1`, ... */
  readonly kind: string;
  /** Part of the model, one of `BackboneDescription.parts`. */
  readonly part: string;
  /** Index within its stack of layers; null outside of layers (a projector). */
  readonly layer: number | null;
}

/** A product with a frozen weight, taken at every position: 2 · inFeatures · outFeatures FLOPs a position in the forward pass. */
export interface MatrixProduct {
  /** The module's path; `patch_embedding`s and output layers are products too, though they carry no adapter. */
  readonly path: string;
  /** Part whose cost it is. */
  readonly part: string;
  /** Part whose positions it works on: another than `part` where a text layer projects image features. */
  readonly positionsOf: string;
  readonly inFeatures: number;
  readonly outFeatures: number;
}

/** Attention layers of one shape: scores and weighted sums are 4 · queries · keys · width FLOPs a layer in the forward pass. */
export interface AttentionLayers {
  /** Part whose cost they are, and whose positions ask. */
  readonly part: string;
  /** The part, or the smaller unit within an image, whose positions are looked at: a key of `positionsPerImage` either way. */
  readonly keysOf: string;
  /** Whether the positions of one image see each other alone, or those of the whole example. */
  readonly within: "image" | "example";
  readonly layers: number;
  /** Heads times head size. */
  readonly width: number;
  readonly heads: number;
}

/** What a forward pass computes, as far as it matters for cost. */
export interface BackboneWork {
  readonly products: readonly MatrixProduct[];
  readonly attention: readonly AttentionLayers[];
  /**
   * Part -> positions that one image of the largest size takes there (patches; image tokens of the text; features that text attends to).
   * Where patches see those of their own tile alone, `tile` stands beside the parts: positions of one tile.
   */
  readonly positionsPerImage: Readonly<Record<string, number>>;
}

/** Derived from `config.json` alone; needs no weights. */
export interface BackboneDescription {
  readonly family: string;
  /** Short part names usable at the head of a module pattern, with the path prefix each stands for, and parameters. */
  readonly parts: readonly { readonly name: string; readonly prefix: string; readonly parameters: number }[];
  /** In the order of the forward pass. */
  readonly modules: readonly LinearModule[];
  /** All parameters of the model, as PyTorch counts them. */
  readonly parameters: number;
  readonly hasVision: boolean;
  readonly work: BackboneWork;
}

/** Gets the leaf for a parameter by its canonical (transformers >= 4.52) name. A frozen weight, or a slice of trained state. */
export type ParameterSource = (name: string, shape: Shape) => Tensor;

/** Called for every linear module with its input `x` [..., in] and plain output `y` [..., out] (bias included); returns the adapted output. */
export type LinearHook = (module: LinearModule, x: Tensor, y: Tensor) => Tensor;

/** Sizes of one compiled graph; every batch is padded to them. */
export interface BatchShape {
  readonly batch: number;
  readonly sequence: number;
  readonly images: number;
  readonly tiles: number;
}

/** One input of the backbone's graph; the first dimension is always the batch. */
export interface BackboneInput {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: "f32" | "i32";
  /** What stands along the last axis where an example has no image to fill it with; zeros when absent. */
  readonly padding?: readonly number[];
}

/** What the host must know to make a model's image inputs. */
export interface ImageGeometry {
  /** Token id that stands for an image in the text. */
  readonly imageToken: number;
  readonly channels: number;
  /** Side of a tile and of a patch, in pixels. */
  readonly tileSize: number;
  readonly patchSize: number;
  readonly maxTiles: number;
  /** (tiles high, tiles wide); an aspect ratio id is the index in this list + 1, and 0 stands for no image. */
  readonly aspectRatios: readonly (readonly [number, number])[];
}

/** What a backbone is made of, from its `config.json` alone: enough to check and to plan. */
export interface BackboneOutline {
  readonly description: BackboneDescription;
  /** Shapes of all parameters by canonical name, in the order of the forward pass. Parameters that are tied stand once. */
  readonly parameterShapes: ReadonlyMap<string, Shape>;
}

/** The computation of a backbone, from its `config.json` alone: enough to pretrain from nothing. */
export interface BackboneArchitecture extends BackboneOutline {
  /** Tokens the model can predict. */
  readonly vocabularySize: number;
  /** Tokens it can read: the vocabulary, and special tokens above it. */
  readonly embeddingRows: number;
  /** The longest sequence it was made for. */
  readonly maxPositions: number;
  /** Null for a family without images. */
  readonly images: ImageGeometry | null;
  /** The canonical name of a tensor of a checkpoint, which may use the names of an older transformers. */
  canonicalName(stored: string): string;
  /** The graph's inputs for a batch shape. Throws a RangeError when the model cannot take that shape. */
  inputs(shape: BatchShape): readonly BackboneInput[];
  /**
   * Adds the forward pass to a graph under construction and returns the logits, f32 [batch, sequence, vocabulary]. Creates one `input`
   * leaf per entry of `inputs(shape)`. `linear` is called once for every module of the description that the shape uses.
   */
  buildLogits(builder: GraphBuilder, shape: BatchShape, parameters: ParameterSource, linear: LinearHook): Tensor;
}

/** A backbone opened from a Hugging Face folder (config + weights). */
export interface Backbone extends BackboneArchitecture {
  readonly folder: string;
  /** The parsed `config.json`. */
  readonly config: unknown;
  /** The parameters by canonical name. */
  readonly weights: WeightStore;
}
