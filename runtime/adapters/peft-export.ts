/**
 * Writes an adapter as Hugging Face PEFT loads it: `adapter_config.json` and `adapter_model.safetensors`.
 *
 * One scale for all modules is written as r = largest rank, lora_alpha = scale x r, and for each smaller module a rank
 * and an alpha of its own with the same ratio: servers that ignore the patterns when they scale (vLLM up to 0.30) are
 * right all the same. Modules of rank 0 are not targets and have no tensors.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileDurably } from "../formats/durable-file.js";
import { UserError } from "../formats/errors.js";
import { writeSafetensors } from "../formats/safetensors-writer.js";
import { type AdaptedModule, loraLayout, loraMatrix, tensorName } from "./layout.js";
import { keyMatches, modulePattern, targetExpression } from "./peft-patterns.js";

export const PEFT_FILES = { config: "adapter_config.json", weights: "adapter_model.safetensors" } as const;
/** The PEFT release whose fields are written; older ones load the file too. */
const PEFT_VERSION = "0.21.0";
/** Values vLLM accepts for `--max-lora-rank`. */
const VLLM_RANKS = [1, 8, 16, 32, 64, 128, 256, 320, 512];

export interface PeftAdapter {
  /** Modules with their ranks, in the order of the forward pass. */
  readonly adapted: readonly AdaptedModule[];
  /** [loraLayout(adapted).size] */
  readonly parameters: ArrayLike<number>;
  /** `lora_alpha / r` of every module. */
  readonly scale: number;
  /** Dropout it was trained with; has no effect on inference. */
  readonly dropout: number;
  /** Folder or repository of the backbone; null leaves it to whoever loads the adapter. */
  readonly baseModel: string | null;
  readonly revision?: string;
}

export interface PeftExport {
  readonly folder: string;
  /** Names of the tensors written: as many must be loaded. */
  readonly tensors: readonly string[];
  readonly parameters: number;
  /** Flags that vLLM needs to serve it. */
  readonly vllmFlags: readonly string[];
}

/**
 * The content of `adapter_config.json`. `allPaths`: every linear module of the backbone, to prove that each pattern
 * holds for one alone.
 */
export function peftConfig(
  { adapted, scale, dropout, baseModel, revision }: Omit<PeftAdapter, "parameters">,
  allPaths: readonly string[],
): Readonly<Record<string, unknown>> {
  const largest = Math.max(...adapted.map(({ rank }) => rank));
  const patterns = new Map(adapted.map(({ path }) => [path, modulePattern(path)]));
  for (const [path, pattern] of patterns)
    for (const other of allPaths)
      if (keyMatches(pattern, other) !== (other === path))
        throw new RangeError(`PEFT pattern ${pattern} of ${path} and ${other}: must hold for its own module alone`);
  const smaller = adapted.filter(({ rank }) => rank < largest);
  const perModule = (value: (rank: number) => number) =>
    Object.fromEntries(smaller.map(({ path, rank }) => [patterns.get(path)!, value(rank)]));
  return {
    alpha_pattern: perModule((rank) => scale * rank),
    auto_mapping: null,
    base_model_name_or_path: baseModel,
    bias: "none",
    eva_config: null,
    exclude_modules: null,
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layer_replication: null,
    layers_pattern: null,
    layers_to_transform: null,
    loftq_config: {},
    lora_alpha: scale * largest,
    lora_bias: false,
    lora_dropout: dropout,
    megatron_config: null,
    megatron_core: "megatron.core",
    modules_to_save: null,
    peft_type: "LORA",
    peft_version: PEFT_VERSION,
    r: largest,
    rank_pattern: perModule((rank) => rank),
    revision: revision ?? null,
    target_modules: targetExpression([...patterns.values()]),
    target_parameters: null,
    task_type: "CAUSAL_LM",
    trainable_token_indices: null,
    use_dora: false,
    use_rslora: false,
  };
}

/**
 * Writes the two files into `folder` (made if missing; other files there stay). The configuration is written last, so a
 * folder with one is complete. Throws a `UserError` when there is nothing to export (all ranks 0) or the folder cannot
 * be written.
 */
export function exportPeft(folder: string, adapter: PeftAdapter, allPaths: readonly string[]): PeftExport {
  const { adapted, parameters } = adapter;
  if (adapted.length === 0)
    throw new UserError("every module has rank 0: there is no adapter to export", {
      place: folder,
      remedy: "Raise the parameter budget until a rank above 0 fits.",
    });
  const config = peftConfig(adapter, allPaths);
  const layout = loraLayout(adapted);
  const tensors = adapted.flatMap(({ path, inFeatures, outFeatures, rank }) => [
    { name: tensorName(path, "A"), shape: [rank, inFeatures], data: loraMatrix(layout, parameters, path, "A") },
    { name: tensorName(path, "B"), shape: [outFeatures, rank], data: loraMatrix(layout, parameters, path, "B") },
  ]);
  const configFile = join(folder, PEFT_FILES.config);
  if (existsSync(configFile)) rmSync(configFile);
  writeSafetensors(
    join(folder, PEFT_FILES.weights),
    Object.fromEntries(tensors.map(({ name, shape, data }) => [name, { shape, data }])),
  );
  writeFileDurably(configFile, `${JSON.stringify(sortKeys(config), null, 2)}\n`);
  return {
    folder,
    tensors: tensors.map(({ name }) => name),
    parameters: layout.size,
    vllmFlags: vllmFlags(adapted),
  };
}

function vllmFlags(adapted: readonly AdaptedModule[]): string[] {
  const largest = Math.max(...adapted.map(({ rank }) => rank));
  const beyondLanguage = adapted.some(({ path }) => !path.includes("language_model") && path !== "lm_head");
  const accepted = VLLM_RANKS.find((rank) => rank >= largest);
  return [
    ...(accepted === undefined ? [] : [`--max-lora-rank ${accepted}`]),
    ...(beyondLanguage ? ["--enable-tower-connector-lora"] : []),
  ];
}

/** Keys in the order in which Python's `json.dumps(..., sort_keys=True)` writes them. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}
