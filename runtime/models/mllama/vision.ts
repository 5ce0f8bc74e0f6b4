/**
 * Mllama's vision tower. Follows `MllamaVisionModel.forward` of transformers 4.57.6 to the letter, its two surprises included: real
 * tokens attend to padding (only pairs of padding tokens are masked), and intermediate features are interleaved, not concatenated.
 * Images [batch, images] are flattened to `rows` inside attention only; everywhere else the first axis is the batch, which is what
 * adapters see.
 */
import type { Tensor } from "../../graph/types.js";
import { attend, MASKED, splitKeyHeads, splitQueryHeads } from "../attention.js";
import type { BatchShape } from "../backbone.js";
import type { ForwardPass } from "../forward-pass.js";
import { type MllamaVisionConfig, paddedTokensPerTile, tokensPerTile } from "./config.js";
import { VISION } from "./parameters.js";

/** The image inputs of the graph. */
export interface VisionInputs {
  /** [batch, images, tiles, patches, channels·patch·patch]. */
  readonly pixelValues: Tensor;
  /** i32 [batch, images]. */
  readonly aspectRatioIds: Tensor;
  /** [batch, images, tiles], 0 or 1. */
  readonly aspectRatioMask: Tensor;
}

/** `layernorm_pre` and `layernorm_post` are built without an eps and so have PyTorch's default, whatever `norm_eps` says. */
const OUTER_NORM_EPS = 1e-5;

/** Vision features [batch, images·tiles·tokensPerTile, outputDim]. */
export function buildVision(
  pass: ForwardPass,
  config: MllamaVisionConfig,
  { batch, images, tiles }: BatchShape,
  inputs: VisionInputs,
): Tensor {
  const b = pass.builder;
  const { hiddenSize: hidden } = config;
  const tokens = tokensPerTile(config);
  const padded = paddedTokensPerTile(config);
  const allTiles = batch * images * tiles;
  const sequence: readonly number[] = [batch, images * tiles * padded, hidden];

  const embedded = embedTiles(pass, config, allTiles, inputs);
  const normed = pass.layerNorm(`${VISION}.layernorm_pre`, embedded, OUTER_NORM_EPS);
  const mask = paddingMask(pass, inputs.aspectRatioMask, batch * images, tiles, tokens, padded);

  const local = encode(pass, config, "transformer", b.reshape(b.pad(normed, 1, 0, padded - tokens), sequence), mask);
  const between = b.add(
    b.reshape(pass.layerNorm(`${VISION}.layernorm_post`, local.at(-1)!, OUTER_NORM_EPS), [allTiles, padded, hidden]),
    tileEmbedding(pass, "post_tile_positional_embedding", inputs.aspectRatioIds, allTiles, hidden),
  );
  const global = encode(pass, config, "global_transformer", b.reshape(between, sequence), mask);

  const last = global.at(-1) ?? b.reshape(between, sequence);
  const intermediate = config.intermediateLayers.map((layer) => b.reshape(local[layer]!, [...sequence, 1]));
  const features =
    intermediate.length === 0
      ? last
      : b.concat(
          [last, b.reshape(b.concat(intermediate, -1), [batch, sequence[1]!, hidden * intermediate.length])],
          -1,
        );
  const unpadded = b.slice(b.reshape(features, [allTiles, padded, config.outputDim]), 1, 0, tokens);
  return b.reshape(unpadded, [batch, images * tiles * tokens, config.outputDim]);
}

/** Patches with class token, tile and position embeddings: [batch·images·tiles, tokens, hidden]. */
function embedTiles(pass: ForwardPass, config: MllamaVisionConfig, allTiles: number, inputs: VisionInputs): Tensor {
  const b = pass.builder;
  const { hiddenSize: hidden } = config;
  const tokens = tokensPerTile(config);
  const patchValues = inputs.pixelValues.shape.at(-1)!;
  const kernel = b.reshape(pass.parameter(`${VISION}.patch_embedding.weight`), [hidden, patchValues]);
  const patches = b.matmul(b.reshape(inputs.pixelValues, [allTiles, tokens - 1, patchValues]), kernel, {
    transposeB: true,
  });
  const placed = b.add(
    patches,
    tileEmbedding(pass, "pre_tile_positional_embedding", inputs.aspectRatioIds, allTiles, hidden),
  );
  const classToken = b.broadcastTo(b.reshape(pass.parameter(`${VISION}.class_embedding`), [1, 1, hidden]), [
    allTiles,
    1,
    hidden,
  ]);
  const name = `${VISION}.gated_positional_embedding`;
  const gate = b.tanh(pass.parameter(`${name}.gate`));
  const position = b.mul(pass.parameter(`${name}.embedding`), b.sub(1, gate));
  const tilePosition = b.mul(
    b.reshape(b.gather(pass.parameter(`${name}.tile_embedding.weight`), inputs.aspectRatioIds), [
      allTiles,
      tokens,
      hidden,
    ]),
    gate,
  );
  return b.add(b.concat([classToken, placed], 1), b.add(tilePosition, position));
}

/** A gated embedding of each tile's place within its aspect ratio: [batch·images·tiles, 1, hidden]. */
function tileEmbedding(pass: ForwardPass, name: string, ids: Tensor, allTiles: number, hidden: number): Tensor {
  const b = pass.builder;
  const rows = b.gather(pass.parameter(`${VISION}.${name}.embedding.weight`), ids);
  return pass.gated(`${VISION}.${name}.gate`, b.reshape(rows, [allTiles, 1, hidden]));
}

/** Additive [rows, 1, tiles·padded, tiles·padded]: only pairs of padding (padded tokens, tokens of unused tiles) are masked. */
function paddingMask(
  pass: ForwardPass,
  tileMask: Tensor,
  rows: number,
  tiles: number,
  tokens: number,
  padded: number,
): Tensor {
  const b = pass.builder;
  const realTokens = b.constant(
    Float32Array.from({ length: padded }, (_, token) => (token < tokens ? 1 : 0)),
    [padded],
  );
  const real = b.mul(b.reshape(tileMask, [rows, tiles, 1]), realTokens);
  const padding = b.sub(1, real);
  const length = tiles * padded;
  const pairs = b.mul(b.reshape(padding, [rows, 1, length, 1]), b.reshape(padding, [rows, 1, 1, length]));
  return b.mul(pairs, MASKED);
}

/** The outputs of every layer of an encoder, each [batch, sequence, hidden]. Layers of the global encoder are gated. */
function encode(
  pass: ForwardPass,
  config: MllamaVisionConfig,
  encoder: "transformer" | "global_transformer",
  input: Tensor,
  mask: Tensor,
): readonly Tensor[] {
  const b = pass.builder;
  const gated = encoder === "global_transformer";
  const outputs: Tensor[] = [];
  let hidden = input;
  for (let layer = 0; layer < (gated ? config.globalLayers : config.layers); layer++) {
    const path = `${VISION}.${encoder}.layers.${layer}`;
    const attention = selfAttention(
      pass,
      `${path}.self_attn`,
      config.heads,
      mask,
      pass.layerNorm(`${path}.input_layernorm`, hidden, config.normEps),
    );
    hidden = b.add(hidden, gated ? pass.gated(`${path}.gate_attn`, attention) : attention);
    const wide = pass.linear(
      `${path}.mlp.fc1`,
      pass.layerNorm(`${path}.post_attention_layernorm`, hidden, config.normEps),
    );
    const mlp = pass.linear(`${path}.mlp.fc2`, b.gelu(wide));
    hidden = b.add(hidden, gated ? pass.gated(`${path}.gate_ffn`, mlp) : mlp);
    outputs.push(hidden);
  }
  return outputs;
}

/** Attention among all tokens of all tiles of one image. x: [batch, images·tokens, hidden]. */
function selfAttention(pass: ForwardPass, path: string, heads: number, mask: Tensor, x: Tensor): Tensor {
  const b = pass.builder;
  const rows = mask.shape[0]!;
  const scale = (x.shape.at(-1)! / heads) ** -0.5;
  const q = splitQueryHeads(b, b.mul(pass.linear(`${path}.q_proj`, x), scale), rows, heads, heads);
  const k = splitKeyHeads(b, pass.linear(`${path}.k_proj`, x), rows, heads);
  const v = splitKeyHeads(b, pass.linear(`${path}.v_proj`, x), rows, heads);
  return pass.linear(`${path}.o_proj`, b.reshape(attend(b, q, k, v, mask, heads), x.shape));
}
