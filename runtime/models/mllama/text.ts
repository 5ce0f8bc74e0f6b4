/** Mllama's language model: Llama layers with self-attention, some of them replaced by gated cross-attention to the image. */
import type { Tensor } from "../../graph/types.js";
import { attend, MASKED, splitKeyHeads, splitQueryHeads } from "../attention.js";
import type { BatchShape } from "../backbone.js";
import type { ForwardPass } from "../forward-pass.js";
import type { MllamaTextConfig } from "./config.js";
import { HEAD, LANGUAGE } from "./parameters.js";
import { rotaryTables, rotateHalfMatrix } from "./rope.js";

/** What cross-attention layers look at. */
export interface ImageContext {
  /** Projected vision features [batch, images·tiles·tokensPerTile, hidden]. */
  readonly states: Tensor;
  /** [batch, sequence, images, tiles]: 1 where a token sees a tile. */
  readonly mask: Tensor;
  readonly tokensPerTile: number;
}

/** The two masks cross-attention layers share. */
interface CrossMasks {
  /** Additive, [batch, 1, sequence·group, keys]. */
  readonly scores: Tensor;
  /** [batch, sequence, 1]: 0 for tokens that see no tile. */
  readonly seesImage: Tensor;
}

/** Logits [batch, sequence, vocabulary]. Without `image` the cross-attention layers are skipped, as transformers does for plain text. */
export function buildText(
  pass: ForwardPass,
  config: MllamaTextConfig,
  { sequence }: BatchShape,
  inputIds: Tensor,
  attentionMask: Tensor,
  image: ImageContext | undefined,
): Tensor {
  const b = pass.builder;
  const causal = causalMask(pass, config, attentionMask, sequence);
  const rotary = rotaryConstants(pass, config, sequence);
  const cross = image === undefined ? undefined : crossMasks(pass, config, image);
  let hidden = b.gather(pass.parameter(`${LANGUAGE}.embed_tokens.weight`), inputIds);
  for (let layer = 0; layer < config.layers; layer++) {
    const path = `${LANGUAGE}.layers.${layer}`;
    if (!config.crossAttentionLayers.includes(layer)) {
      const normed = pass.rmsNorm(`${path}.input_layernorm`, hidden, config.rmsNormEps);
      hidden = b.add(hidden, selfAttention(pass, config, `${path}.self_attn`, normed, causal, rotary));
      hidden = b.add(hidden, mlp(pass, config, path, hidden));
    } else if (image !== undefined && cross !== undefined) {
      const normed = pass.rmsNorm(`${path}.input_layernorm`, hidden, config.rmsNormEps);
      const attention = crossAttention(pass, config, `${path}.cross_attn`, normed, image.states, cross.scores);
      hidden = b.add(hidden, pass.gated(`${path}.cross_attn_attn_gate`, attention));
      // Tokens that see no tile still get the attention branch above (evenly, over everything); only their MLP branch is cut.
      const branch = b.mul(mlp(pass, config, path, hidden), cross.seesImage);
      hidden = b.add(hidden, pass.gated(`${path}.cross_attn_mlp_gate`, branch));
    }
  }
  return pass.linear(HEAD, pass.rmsNorm(`${LANGUAGE}.norm`, hidden, config.rmsNormEps));
}

/** SwiGLU on the normalised hidden state. */
function mlp(pass: ForwardPass, config: MllamaTextConfig, path: string, hidden: Tensor): Tensor {
  const b = pass.builder;
  const x = pass.rmsNorm(`${path}.post_attention_layernorm`, hidden, config.rmsNormEps);
  const gate = b.silu(pass.linear(`${path}.mlp.gate_proj`, x));
  return pass.linear(`${path}.mlp.down_proj`, b.mul(gate, pass.linear(`${path}.mlp.up_proj`, x)));
}

/** Query heads that share one key head. */
const groupOf = ({ heads, keyValueHeads }: MllamaTextConfig): number => heads / keyValueHeads;

/** Repeats each row of a [rows, columns] table `times` times in place: the rows of grouped queries (see `splitQueryHeads`). */
function repeatRows(table: Float32Array, columns: number, times: number): Float32Array {
  const repeated = new Float32Array(table.length * times);
  for (let row = 0; row * columns < table.length; row++)
    for (let copy = 0; copy < times; copy++)
      repeated.set(table.subarray(row * columns, (row + 1) * columns), (row * times + copy) * columns);
  return repeated;
}

/** Additive [batch, 1, sequence·group, sequence]: a token sees itself and the unpadded tokens before it. */
function causalMask(pass: ForwardPass, config: MllamaTextConfig, attentionMask: Tensor, sequence: number): Tensor {
  const b = pass.builder;
  const group = groupOf(config);
  const past = new Float32Array(sequence * sequence);
  for (let query = 0; query < sequence; query++) past.fill(1, query * sequence, query * sequence + query + 1);
  const seen = b.mul(
    b.reshape(attentionMask, [attentionMask.shape[0]!, 1, 1, sequence]),
    b.constant(repeatRows(past, sequence, group), [sequence * group, sequence]),
  );
  return b.mul(b.sub(1, seen), MASKED);
}

interface Rotary {
  /** [headDim, headDim], see `rotateHalfMatrix`. */
  readonly rotateHalf: Tensor;
  /** Tables for queries [sequence·group, headDim], times the attention scale, and for keys [sequence, headDim]. */
  readonly query: readonly [cos: Tensor, sin: Tensor];
  readonly key: readonly [cos: Tensor, sin: Tensor];
}

function rotaryConstants(pass: ForwardPass, config: MllamaTextConfig, sequence: number): Rotary {
  const b = pass.builder;
  const { headDim } = config;
  const group = groupOf(config);
  const key = rotaryTables(config.rope, headDim, sequence);
  const query = rotaryTables(config.rope, headDim, sequence, headDim ** -0.5);
  const queryTable = (table: Float32Array) =>
    b.constant(repeatRows(table, headDim, group), [sequence * group, headDim]);
  return {
    rotateHalf: b.constant(rotateHalfMatrix(headDim), [headDim, headDim]),
    query: [queryTable(query.cos), queryTable(query.sin)],
    key: [b.constant(key.cos, [sequence, headDim]), b.constant(key.sin, [sequence, headDim])],
  };
}

function selfAttention(
  pass: ForwardPass,
  { heads, keyValueHeads }: MllamaTextConfig,
  path: string,
  x: Tensor,
  mask: Tensor,
  rotary: Rotary,
): Tensor {
  const b = pass.builder;
  const batch = x.shape[0]!;
  const rotate = (value: Tensor, [cos, sin]: Rotary["query"]) =>
    b.add(b.mul(value, cos), b.mul(b.matmul(value, rotary.rotateHalf), sin));
  const q = rotate(splitQueryHeads(b, pass.linear(`${path}.q_proj`, x), batch, keyValueHeads, heads), rotary.query);
  const k = rotate(splitKeyHeads(b, pass.linear(`${path}.k_proj`, x), batch, keyValueHeads), rotary.key);
  const v = splitKeyHeads(b, pass.linear(`${path}.v_proj`, x), batch, keyValueHeads);
  return pass.linear(`${path}.o_proj`, attend(b, q, k, v, mask, heads));
}

/** No rotary embedding and no causal mask; queries and keys are normalised per head instead. */
function crossAttention(
  pass: ForwardPass,
  { heads, keyValueHeads, headDim, rmsNormEps }: MllamaTextConfig,
  path: string,
  x: Tensor,
  states: Tensor,
  mask: Tensor,
): Tensor {
  const b = pass.builder;
  const batch = x.shape[0]!;
  const queries = splitQueryHeads(b, pass.linear(`${path}.q_proj`, x), batch, keyValueHeads, heads);
  // The attention scale rides on the norm's weight: one product of headDim numbers instead of one as large as the queries.
  const q = b.rmsNorm(queries, b.mul(pass.parameter(`${path}.q_norm.weight`), headDim ** -0.5), rmsNormEps);
  const keys = splitKeyHeads(b, pass.linear(`${path}.k_proj`, states), batch, keyValueHeads);
  const k = pass.rmsNorm(`${path}.k_norm`, keys, rmsNormEps);
  const v = splitKeyHeads(b, pass.linear(`${path}.v_proj`, states), batch, keyValueHeads);
  return pass.linear(`${path}.o_proj`, attend(b, q, k, v, mask, heads));
}

/** `_prepare_cross_attention_mask`: a token that sees no tile has its scores left unmasked, not all masked. */
function crossMasks(pass: ForwardPass, config: MllamaTextConfig, { mask, tokensPerTile }: ImageContext): CrossMasks {
  const b = pass.builder;
  const [batch, sequence, images, tiles] = mask.shape as readonly [number, number, number, number];
  const group = groupOf(config);
  const flat = b.reshape(mask, [batch, sequence, images * tiles]);
  const seesImage = b.max(flat, [2], true);
  const perTile = b.mul(b.mul(b.sub(1, flat), MASKED), seesImage);
  const perToken = b.broadcastTo(b.reshape(perTile, [batch, sequence, 1, images * tiles, 1]), [
    batch,
    sequence,
    group,
    images * tiles,
    tokensPerTile,
  ]);
  return { scores: b.reshape(perToken, [batch, 1, sequence * group, images * tiles * tokensPerTile]), seesImage };
}
