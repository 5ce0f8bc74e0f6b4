/** A backbone of three linears whose inputs lead with the batch in the three ways real ones do. */
import { type AdaptedModule, addLora, loraLayout } from "../../runtime/adapters/index.js";
import type { Feeds, Fetches } from "../../runtime/executors/executor.js";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import { GraphBuilder } from "../../runtime/graph/builder.js";
import { gradients } from "../../runtime/graph/gradient.js";
import { packTensors } from "../../runtime/graph/packed.js";
import type { HostTensor } from "../../runtime/graph/types.js";
import type { LinearModule } from "../../runtime/models/backbone.js";
import { randomStream } from "../../runtime/random/random.js";

const module = (path: string, inFeatures: number, outFeatures: number): LinearModule => ({
  path,
  inFeatures,
  outFeatures,
  kind: path.split(".").at(-1)!,
  part: "toy",
  layer: 0,
});
/** Input [batch x images, tokens, in]; [batch x tokens, in]; [batch, tokens, in]. */
export const TOY_MODULES = [
  module("vision.layers.0.fc1", 6, 4),
  module("projector", 4, 5),
  module("text.layers.0.q_proj", 5, 3),
] as const;
const [TILES, TOKENS] = [2, 3];

export const randomValues = (name: string, length: number): Float32Array => {
  const random = randomStream(11, name);
  return Float32Array.from({ length }, () => random.normal());
};

export interface ToyOptions {
  readonly adapted: readonly AdaptedModule[];
  readonly batch: number;
  readonly elastic: boolean;
  readonly dropout?: number;
  readonly scale?: number;
}

/**
 * Compiles forward and gradient; `run` feeds the samples from `first` on. Outputs `logits` [batch, 6, 3] and `gradient`
 * [layout.size].
 */
export async function compileToy({ adapted, batch, elastic, dropout = 0, scale = 2 }: ToyOptions) {
  const b = new GraphBuilder();
  const layout = loraLayout(adapted);
  const parameters = b.state("parameters", [layout.size]);
  const lora = addLora(b, { adapted, parameters, batch, scale, elastic, dropout });
  let x = b.input("x", [batch * TILES, TOKENS, 6]);
  const shapes = [[batch * TILES, TOKENS], [batch * TILES * TOKENS], [batch, TILES * TOKENS]];
  TOY_MODULES.forEach((module, at) => {
    x = b.tanh(b.reshape(x, [...shapes[at]!, module.inFeatures]));
    const weight = b.constant(randomValues(module.path, module.inFeatures * module.outFeatures), [
      module.outFeatures,
      module.inFeatures,
    ]);
    x = lora.hook(module, x, b.matmul(x, weight, { transposeB: true }));
  });
  const loss = b.sum(b.mul(x, x), [0, 1, 2]);
  const gradient = adapted.length > 0 ? packTensors(b, gradients(b, loss, [...lora.trainables]), layout) : b.zeros([1]);
  const executable = await referenceExecutor({ float64: true }).compile(b.finish({ logits: x, gradient }));
  const run = async (values: ArrayLike<number>, first: number, extra: Feeds): Promise<Fetches> => {
    if (adapted.length > 0) await executable.writeState("parameters", Float64Array.from(values));
    const each = TILES * TOKENS * 6;
    const feed: HostTensor = {
      shape: [batch * TILES, TOKENS, 6],
      dtype: "f32",
      data: randomValues("samples", each * (first + batch)).slice(each * first),
    };
    return executable.run({ x: feed, ...extra });
  };
  return { run, layout, dropoutInputs: lora.dropoutInputs };
}
