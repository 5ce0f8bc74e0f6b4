/** A small transformer block with LoRA on its projections, a loss and one AdamW update, for comparing engines and for profiling. */
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { gradients } from "../../runtime/graph/gradient.js";
import { packedLayout, packTensors, unpackTensor } from "../../runtime/graph/packed.js";
import type { Graph, HostTensor, Tensor } from "../../runtime/graph/types.js";
import { values } from "../graph/op-cases.js";

export interface BlockSizes {
  readonly batch: number;
  readonly tokens: number;
  readonly hidden: number;
  readonly heads: number;
  readonly layers: number;
  readonly rank: number;
  readonly vocabulary: number;
}

const KINDS = ["q", "k", "v", "o", "up", "down"] as const;

/** The graph; its inputs `ids`, `labels` i32 [batch·tokens], `mask` f32 [batch, rank]; states `packed`, `m`, `v`, `step`. */
export function transformerStep(
  sizes: BlockSizes,
  feedWeights = true,
): { graph: Graph; feeds: Record<string, HostTensor> } {
  const { batch, tokens, hidden, heads, layers, rank, vocabulary } = sizes;
  const b = new GraphBuilder();
  const feeds: Record<string, HostTensor> = {};
  let seed = 0;
  const weight = (name: string, shape: readonly number[], low: number, high: number): Tensor => {
    seed += 17;
    const value = values(shape, low, high, seed);
    const data = Float32Array.from(value.data);
    if (!feedWeights) return b.constant(data, shape);
    feeds[name] = { shape, dtype: "f32", data };
    return b.input(name, shape);
  };
  const widths = (kind: (typeof KINDS)[number]) => ({
    inner: kind === "down" ? 4 * hidden : hidden,
    outer: kind === "up" ? 4 * hidden : hidden,
  });
  const layout = packedLayout(
    Array.from({ length: layers }, (_, layer) =>
      KINDS.flatMap((kind) => [
        { name: `${layer}.${kind}.A`, shape: [rank, widths(kind).inner] },
        { name: `${layer}.${kind}.B`, shape: [widths(kind).outer, rank] },
      ]),
    ).flat(),
  );
  const packed = b.state("packed", [layout.size]);
  const pieces = unpackTensor(b, packed, layout);
  const mask = b.reshape(b.input("mask", [batch, rank]), [batch, 1, rank]);
  feeds.mask = {
    shape: [batch, rank],
    dtype: "f32",
    data: Float32Array.from({ length: batch * rank }, (_, i) => (i % 3 === 0 ? 0 : 1)),
  };

  const linear = (name: string, kind: (typeof KINDS)[number], x: Tensor): Tensor => {
    const { inner, outer } = widths(kind);
    const y = b.matmul(x, weight(`${name}.weight`, [outer, inner], -0.3, 0.3), { transposeB: true });
    const low = b.mul(b.matmul(x, pieces.get(`${name}.A`)!, { transposeB: true }), mask);
    return b.add(y, b.mul(b.matmul(low, pieces.get(`${name}.B`)!, { transposeB: true }), 2));
  };
  const size = hidden / heads;
  const split = (x: Tensor) => b.transpose(b.reshape(x, [batch, tokens, heads, size]), [0, 2, 1, 3]);
  const ids = b.input("ids", [batch, tokens], "i32");
  let h = b.gather(weight("embedding", [vocabulary, hidden], -1, 1), ids);
  for (let layer = 0; layer < layers; layer++) {
    const vector = (name: string, low: number) => weight(`${layer}.${name}`, [hidden], low, 1.2);
    const n = b.layerNorm(h, vector("gamma", 0.8), vector("beta", -0.5), 1e-5);
    const [q, k, v] = (["q", "k", "v"] as const).map((kind) => split(linear(`${layer}.${kind}`, kind, n)));
    const scores = b.softmax(b.mul(b.matmul(q!, k!, { transposeB: true }), 1 / Math.sqrt(size)));
    const joined = b.reshape(b.transpose(b.matmul(scores, v!), [0, 2, 1, 3]), [batch, tokens, hidden]);
    h = b.add(h, linear(`${layer}.o`, "o", joined));
    const up = linear(`${layer}.up`, "up", b.rmsNorm(h, vector("gain", 0.8), 1e-5));
    h = b.add(h, linear(`${layer}.down`, "down", layer % 2 === 0 ? b.gelu(up) : b.silu(up)));
  }
  const logits = b.matmul(h, weight("head", [vocabulary, hidden], -0.5, 0.5), { transposeB: true });
  const labels = b.input("labels", [batch * tokens], "i32");
  const loss = b.mean(b.crossEntropy(b.reshape(logits, [batch * tokens, vocabulary]), labels), [0]);
  const g = packTensors(b, gradients(b, loss, [...pieces.values()]), layout);

  const [m0, v0, step0] = [b.state("m", [layout.size]), b.state("v", [layout.size]), b.state("step", [])];
  const step = b.add(step0, 1);
  const m = b.add(b.mul(m0, 0.9), b.mul(g, 0.1));
  const v = b.add(b.mul(v0, 0.999), b.mul(b.mul(g, g), 0.001));
  const correction = (decay: number) => b.sub(1, b.exp(b.mul(step, Math.log(decay))));
  const update = b.div(b.div(m, correction(0.9)), b.add(b.sqrt(b.div(v, correction(0.999))), 1e-8));
  const next = b.sub(packed, b.mul(b.add(update, b.mul(packed, 0.01)), 0.01));
  feeds.ids = {
    shape: [batch, tokens],
    dtype: "i32",
    data: Int32Array.from({ length: batch * tokens }, (_, i) => (i * 7) % vocabulary),
  };
  feeds.labels = {
    shape: [batch * tokens],
    dtype: "i32",
    data: Int32Array.from({ length: batch * tokens }, (_, i) => (i * 3 + 1) % vocabulary),
  };
  return { graph: b.finish({ loss, logits, g }, { packed: next, m, v, step }), feeds };
}
