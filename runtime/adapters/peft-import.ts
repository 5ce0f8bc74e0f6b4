/** Reads a LoRA adapter that PEFT or `exportPeft` wrote, and checks that nothing in it is left over. */
import { join } from "node:path";
import { UserError } from "../formats/errors.js";
import { asRecord, readJsonFile } from "../formats/json-file.js";
import { openSafetensors, type SafetensorsStore } from "../formats/safetensors.js";
import { packValues } from "../graph/packed.js";
import type { LinearModule } from "../models/backbone.js";
import { type AdaptedModule, type LoraMatrix, loraLayout, tensorName } from "./layout.js";
import { PEFT_FILES } from "./peft-export.js";
import { firstMatch, isTarget, knownPaths } from "./peft-patterns.js";

export interface ImportedAdapter {
  /** Modules with their ranks, in the order of the backbone's modules. */
  readonly adapted: readonly AdaptedModule[];
  /**
   * [loraLayout(adapted).size]. Where modules were scaled differently, B has been multiplied so that `scale` holds for
   * all.
   */
  readonly parameters: Float32Array;
  readonly scale: number;
  readonly dropout: number;
  readonly baseModel: string | null;
}

/** Fields that change what an adapter computes, with the values under which it is a plain LoRA. */
const PLAIN: Readonly<Record<string, readonly unknown[]>> = {
  use_dora: [false],
  lora_bias: [false],
  fan_in_fan_out: [false],
  bias: ["none"],
  modules_to_save: [null],
  layers_to_transform: [null],
  layer_replication: [null],
  target_parameters: [null],
  trainable_token_indices: [null],
  alora_invocation_tokens: [null],
  use_qalora: [false],
  use_bdlora: [null, false],
  arrow_config: [null],
};

/**
 * Reads the adapter in `folder` for a backbone with these modules. Throws a `UserError` that names the field or tensor
 * when the adapter is not a plain LoRA, names modules that the backbone lacks, or its tensors are missing, superfluous
 * or of another shape.
 */
export function importPeft(folder: string, modules: readonly LinearModule[]): ImportedAdapter {
  const configFile = join(folder, PEFT_FILES.config);
  const config = new ConfigReader(configFile, readJsonFile(configFile));
  if (config.text("peft_type") !== "LORA") throw config.wrong("peft_type", "only LoRA adapters can be read");
  for (const [field, accepted] of Object.entries(PLAIN))
    if (config.has(field) && !accepted.includes(config.value(field)))
      throw config.wrong(field, "an adapter that uses it cannot be read");
  const rank = config.number("r");
  const alpha = config.number("lora_alpha");
  const ranks = config.numbers("rank_pattern");
  const alphas = config.numbers("alpha_pattern");
  const targets = config.targets("target_modules");
  const excluded = config.has("exclude_modules") ? config.targets("exclude_modules") : undefined;
  const rankStabilized = config.value("use_rslora") === true;

  const adapted: (AdaptedModule & { readonly itsScale: number })[] = [];
  for (const { path, inFeatures, outFeatures } of modules) {
    const paths = knownPaths(path);
    const wanted = targets === "all-linear" ? path !== "lm_head" : paths.some((known) => isTarget(targets, known));
    if (!wanted || (excluded !== undefined && paths.some((known) => isTarget(excluded, known)))) continue;
    const itsRank = firstMatch(ranks, paths, rank);
    const itsAlpha = firstMatch(alphas, paths, alpha);
    if (!Number.isInteger(itsRank) || itsRank < 1) throw config.wrong("rank_pattern", `rank ${itsRank} of ${path}`);
    const itsScale = itsAlpha / (rankStabilized ? Math.sqrt(itsRank) : itsRank);
    adapted.push({ path, inFeatures, outFeatures, rank: itsRank, itsScale });
  }
  if (adapted.length === 0) throw config.wrong("target_modules", "none of the backbone's linear modules is a target");

  const store = openSafetensors(join(folder, PEFT_FILES.weights));
  const names = storedNames(store, adapted, join(folder, PEFT_FILES.weights));
  const scale = adapted[0]!.itsScale;
  const factors = new Map(adapted.map(({ path, itsScale }) => [tensorName(path, "B"), itsScale / scale]));
  const parameters = packValues(loraLayout(adapted), ({ name }) => {
    const factor = factors.get(name) ?? 1;
    const values = store.read(names.get(name)!);
    return factor === 1 ? values : values.map((value) => value * factor);
  });
  return {
    adapted: adapted.map(({ itsScale: _, ...module }) => module),
    parameters,
    scale,
    dropout: config.has("lora_dropout") ? config.number("lora_dropout") : 0,
    baseModel: config.has("base_model_name_or_path") ? config.text("base_model_name_or_path") : null,
  };
}

/** Our name -> the file's name of every tensor; complete, of the right shapes, and nothing left over. */
function storedNames(
  store: SafetensorsStore,
  adapted: readonly AdaptedModule[],
  file: string,
): ReadonlyMap<string, string> {
  const wrong = (message: string, tensor: string) =>
    new UserError(message, {
      place: `${file}: ${tensor}`,
      remedy: "Check that the adapter was trained on this backbone, and that both files come from one export.",
    });
  const names = new Map<string, string>();
  for (const { path, inFeatures, outFeatures, rank } of adapted)
    for (const matrix of ["A", "B"] as const satisfies readonly LoraMatrix[]) {
      const name = tensorName(path, matrix);
      const stored = knownPaths(path)
        .map((known) => tensorName(known, matrix))
        .find((candidate) => store.has(candidate));
      if (stored === undefined) throw wrong("the configuration names this module, but its tensor is missing", name);
      const expected = matrix === "A" ? [rank, inFeatures] : [outFeatures, rank];
      const { shape } = store.info(stored);
      if (String(shape) !== String(expected))
        throw wrong(`has shape [${shape.join(", ")}], not [${expected.join(", ")}]`, stored);
      names.set(name, stored);
    }
  const used = new Set(names.values());
  const left = store.names.filter((name) => !used.has(name));
  if (left.length > 0)
    throw wrong(`${left.length} of ${store.names.length} tensors belong to no target module of the backbone`, left[0]!);
  return names;
}

/** Typed access to the configuration's fields. */
class ConfigReader {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(
    private readonly file: string,
    content: unknown,
  ) {
    const fields = asRecord(content);
    if (fields === undefined)
      throw new UserError("not a JSON object", { place: file, remedy: "Give the folder of a PEFT adapter." });
    this.#fields = fields;
  }

  has(field: string): boolean {
    return this.value(field) !== undefined && this.value(field) !== null;
  }

  value(field: string): unknown {
    return this.#fields[field];
  }

  wrong(field: string, message: string): UserError {
    return new UserError(`${field} is ${JSON.stringify(this.value(field))}: ${message}`, {
      place: `${this.file}: ${field}`,
      remedy: "Give the folder of a plain LoRA adapter that was trained on this backbone.",
    });
  }

  text(field: string): string {
    const value = this.value(field);
    if (typeof value !== "string") throw this.wrong(field, "a text is expected");
    return value;
  }

  number(field: string): number {
    const value = this.value(field);
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.wrong(field, "a number is expected");
    return value;
  }

  numbers(field: string): Readonly<Record<string, number>> {
    if (!this.has(field)) return {};
    const record = asRecord(this.value(field));
    if (record === undefined || !Object.values(record).every((value) => typeof value === "number"))
      throw this.wrong(field, "patterns with a number each are expected");
    return record as Readonly<Record<string, number>>;
  }

  targets(field: string): string | readonly string[] {
    const value = this.value(field);
    if (typeof value === "string") return value;
    if (Array.isArray(value) && value.every((entry) => typeof entry === "string")) return value as string[];
    throw this.wrong(field, "a pattern or a list of module names is expected");
  }
}
