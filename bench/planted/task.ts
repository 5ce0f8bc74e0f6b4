/**
 * A planted-rank task: a frozen random Mllama, and a teacher that is the same model with changes of a known rank in a few
 * secret modules. A student with LoRA learns the teacher's output distributions (soft labels). The best ranks are
 * known: that rank in the secret modules, 0 elsewhere; the budget is exactly what they cost.
 */
import type { Feeds } from "../../runtime/executors/executor.js";
import type { GraphBuilder } from "../../runtime/graph/builder.js";
import { elementCount } from "../../runtime/graph/shapes.js";
import type { HostTensor, Shape } from "../../runtime/graph/types.js";
import type { BackboneArchitecture, BatchShape, LinearModule, ParameterSource } from "../../runtime/models/backbone.js";
import { mllama } from "../../runtime/models/mllama/index.js";
import { randomStream } from "../../runtime/random/random.js";

/** Sizes of the two backbones: those of the benchmark plan, S with images of 56 pixels. XS: 65 modules, 8,480 parameters a rank. */
const SHAPES = {
  XS: { vision: 32, visionLayers: 4, globalLayers: 2, text: 64, textLayers: 4, crossAttention: [1, 3] },
  S: { vision: 64, visionLayers: 6, globalLayers: 2, text: 128, textLayers: 6, crossAttention: [1, 4] },
} as const;

const configOf = (name: keyof typeof SHAPES) => {
  const shape = SHAPES[name];
  return {
    model_type: "mllama",
    image_token_index: VOCABULARY,
    vision_config: {
      hidden_size: shape.vision,
      intermediate_size: 4 * shape.vision,
      num_hidden_layers: shape.visionLayers,
      num_global_layers: shape.globalLayers,
      attention_heads: 4,
      num_channels: 1,
      image_size: 56,
      patch_size: 14,
      max_num_tiles: 4,
      intermediate_layers_indices: [0, 2],
      vision_output_dim: 3 * shape.vision,
    },
    text_config: {
      vocab_size: VOCABULARY,
      hidden_size: shape.text,
      intermediate_size: 3 * shape.text,
      num_hidden_layers: shape.textLayers,
      cross_attention_layers: shape.crossAttention,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      rope_theta: 10000,
      max_position_embeddings: 64,
    },
  };
};
export const SEQUENCE = 32;
export const VOCABULARY = 64;
/** Share of a secret module's output that the teacher's change makes. */
const CHANGE = 1.4;

/** What is planted, and where. */
export interface PlantedTaskOptions {
  readonly seed: number;
  readonly shape: keyof typeof SHAPES;
  /** How many modules the teacher changes. */
  readonly modules: number;
  /** Where they lie; `mixed`: five of seven in the language model, the others in the vision tower. */
  readonly where: "vision" | "language" | "cross-attention" | "mixed";
  /** Rank of each change. */
  readonly rank: number;
}

export interface PlantedTask {
  readonly backbone: BackboneArchitecture;
  /** All linear modules but lm_head. */
  readonly modules: readonly LinearModule[];
  /** The teacher's ranks. */
  readonly secret: Readonly<Record<string, number>>;
  readonly maxParameters: number;
  /** The frozen backbone's parameters, or the teacher's, as constants of a graph. */
  readonly parameters: (builder: GraphBuilder, whose: "student" | "teacher") => ParameterSource;
}

/** Builds the task. Everything follows from its options. */
export function plantedTask(options: PlantedTaskOptions): PlantedTask {
  const { seed, rank: secretRank } = options;
  const backbone = mllama(configOf(options.shape), "bench/planted");
  const modules = backbone.description.modules.filter(({ path }) => path !== "lm_head");
  const values = new Map([...backbone.parameterShapes].map(([name, shape]) => [name, initial(seed, name, shape)]));
  const secret = Object.fromEntries(secretModules(options, modules).map(({ path }) => [path, secretRank]));
  const changed = new Map(values);
  for (const { path, inFeatures, outFeatures } of modules) {
    if (secret[path] === undefined) continue;
    const { normal } = randomStream(seed, `teacher ${path}`);
    const a = Float64Array.from({ length: secretRank * inFeatures }, () => normal() / Math.sqrt(inFeatures));
    const b = Float64Array.from(
      { length: outFeatures * secretRank },
      () => (CHANGE * normal()) / Math.sqrt(secretRank),
    );
    const weight = Float32Array.from(values.get(`${path}.weight`)!);
    for (let row = 0; row < outFeatures; row++)
      for (let column = 0; column < inFeatures; column++)
        for (let rank = 0; rank < secretRank; rank++)
          weight[row * inFeatures + column]! += b[row * secretRank + rank]! * a[rank * inFeatures + column]!;
    changed.set(`${path}.weight`, weight);
  }
  const cost = ({ inFeatures, outFeatures }: LinearModule) => secretRank * (inFeatures + outFeatures);
  return {
    backbone,
    modules,
    secret,
    maxParameters: modules.filter(({ path }) => path in secret).reduce((sum, module) => sum + cost(module), 0),
    parameters: (builder, whose) => (name, shape) =>
      builder.constant((whose === "teacher" ? changed : values).get(name)!, shape),
  };
}

/** Draws the modules to change. */
function secretModules(
  { seed, modules: count, where }: PlantedTaskOptions,
  modules: readonly LinearModule[],
): readonly LinearModule[] {
  const random = randomStream(seed, "secret modules");
  const draw = (inside: string, wanted: number) => {
    const pool = modules.filter(({ path }) => path.includes(inside));
    if (pool.length < wanted) throw new RangeError(`${pool.length} modules of ${inside}, ${wanted} wanted`);
    return Array.from(random.permutation(pool.length).slice(0, wanted), (index) => pool[index]!);
  };
  const inLanguage = Math.round((5 / 7) * count);
  switch (where) {
    case "vision":
      return draw("vision_model", count);
    case "language":
      return draw("language_model", count);
    case "cross-attention":
      return draw(".cross_attn.", count);
    case "mixed":
      return [...draw("language_model", inLanguage), ...draw("vision_model", count - inLanguage)];
  }
}

/** Signals keep their size through the layers, and no gate is closed. */
function initial(seed: number, name: string, shape: Shape): Float32Array {
  const random = randomStream(seed, `backbone ${name}`);
  const draw = (value: () => number) => Float32Array.from({ length: elementCount(shape) }, value);
  if (name.endsWith("gate") || name.endsWith("gate_attn") || name.endsWith("gate_ffn"))
    return draw(() => 0.5 + 0.5 * random.uniform());
  if (name.includes("norm")) return draw(() => (name.endsWith("bias") ? 0 : 1));
  if (name.endsWith("bias")) return draw(() => 0);
  if (name.includes("embedding") && !name.includes("patch_embedding")) return draw(() => 0.5 * random.normal());
  if (name.includes("embed_tokens")) return draw(() => random.normal());
  const fanIn = elementCount(shape.slice(1));
  return draw(() => random.normal() / Math.sqrt(fanIn));
}

export const shapeOfBatch = (batch: number): BatchShape => ({ batch, sequence: SEQUENCE, images: 1, tiles: 4 });

/** One example's inputs, without the batch dimension, by input name. */
export type PlantedExample = Readonly<Record<string, Float32Array | Int32Array>>;

/** Random tokens about random images. Images are drawn from a pool of 128, texts are all different. */
export function plantedExamples(task: PlantedTask, seed: number, name: string, count: number): PlantedExample[] {
  const sizes = new Map(
    task.backbone.inputs(shapeOfBatch(1)).map(({ name: input, shape }) => [input, elementCount(shape)]),
  );
  const pool = Array.from({ length: Math.min(128, count) }, (_, image) => {
    const { normal } = randomStream(seed, `${name} images`, image);
    return Float32Array.from({ length: sizes.get("pixel_values")! }, normal);
  });
  return Array.from({ length: count }, (_, at) => {
    const random = randomStream(seed, `${name} texts`, at);
    const ids = Int32Array.from({ length: SEQUENCE }, () => random.integer(VOCABULARY));
    ids[0] = VOCABULARY;
    return {
      input_ids: ids,
      attention_mask: new Float32Array(sizes.get("attention_mask")!).fill(1),
      pixel_values: pool[at % pool.length]!,
      aspect_ratio_ids: Int32Array.of(6),
      aspect_ratio_mask: new Float32Array(sizes.get("aspect_ratio_mask")!).fill(1),
      cross_attention_mask: new Float32Array(sizes.get("cross_attention_mask")!).fill(1),
    };
  });
}

/** The backbone's feeds for a batch. */
export function batchFeeds(task: PlantedTask, examples: readonly PlantedExample[]): Feeds {
  return Object.fromEntries(
    task.backbone.inputs(shapeOfBatch(examples.length)).map(({ name, shape, dtype }): [string, HostTensor] => {
      const each = elementCount(shape) / examples.length;
      const data = dtype === "i32" ? new Int32Array(elementCount(shape)) : new Float32Array(elementCount(shape));
      examples.forEach((example, row) => {
        data.set(example[name]!, row * each);
      });
      return [name, { shape, dtype, data }];
    }),
  );
}
