import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  adaptedModules,
  exportPeft,
  importPeft,
  initialParameters,
  loraLayout,
  loraMatrix,
  PEFT_FILES,
} from "../../runtime/adapters/index.js";
import { isTarget, keyMatches, modulePattern } from "../../runtime/adapters/peft-patterns.js";
import { UserError } from "../../runtime/formats/errors.js";
import { writeSafetensors } from "../../runtime/formats/safetensors-writer.js";
import type { LinearModule } from "../../runtime/models/backbone.js";
import { randomStream } from "../../runtime/random/random.js";

const linear = (path: string, inFeatures: number, outFeatures: number): LinearModule => ({
  path,
  inFeatures,
  outFeatures,
  kind: path.split(".").at(-1)!,
  part: "any",
  layer: null,
});
/**
 * Names that are easily taken for each other: layers 1 and 11, transformer and global_transformer, self and cross
 * attention.
 */
const MODULES = [
  linear("model.vision_model.transformer.layers.1.mlp.fc1", 6, 8),
  linear("model.vision_model.global_transformer.layers.1.mlp.fc1", 6, 8),
  linear("model.multi_modal_projector", 6, 4),
  linear("model.language_model.layers.1.self_attn.q_proj", 4, 4),
  linear("model.language_model.layers.11.self_attn.q_proj", 4, 4),
  linear("model.language_model.layers.1.cross_attn.q_proj", 4, 4),
  linear("lm_head", 4, 9),
];
const PATHS = MODULES.map(({ path }) => path);
const RANKS = {
  [PATHS[0]!]: 2,
  [PATHS[1]!]: 4,
  [PATHS[2]!]: 0,
  [PATHS[3]!]: 1,
  [PATHS[4]!]: 4,
  [PATHS[5]!]: 2,
  [PATHS[6]!]: 3,
};
const adapted = adaptedModules(MODULES, RANKS);
const { normal } = randomStream(1, "adapter values");
const parameters = initialParameters(adapted, 3).map((value) => (value === 0 ? normal() : value));
const adapter = { adapted, parameters, scale: 2, dropout: 0.05, baseModel: "tiny/backbone" };

const inFolder = (name: string, body: (folder: string) => void) =>
  test(name, () => {
    const folder = mkdtempSync(join(tmpdir(), "lnas-peft-"));
    try {
      body(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
const readConfig = (folder: string) =>
  JSON.parse(readFileSync(join(folder, PEFT_FILES.config), "utf8")) as Record<string, unknown>;

inFolder("what is exported is read back to the last bit", (folder) => {
  const written = exportPeft(folder, adapter, PATHS);
  assert.is(written.parameters, loraLayout(adapted).size);
  assert.is(written.tensors.length, 2 * 6);
  assert.equal(written.vllmFlags, ["--max-lora-rank 8", "--enable-tower-connector-lora"]);
  assert.equal(importPeft(folder, MODULES), {
    adapted,
    parameters,
    scale: 2,
    dropout: 0.05,
    baseModel: "tiny/backbone",
  });
  const first = readFileSync(join(folder, PEFT_FILES.weights));
  exportPeft(folder, adapter, PATHS);
  assert.equal(readFileSync(join(folder, PEFT_FILES.weights)), first, "the same adapter gives the same bytes");
});

inFolder("the configuration: sorted, one ratio of alpha to rank, each pattern for one module alone", (folder) => {
  exportPeft(folder, adapter, PATHS);
  const config = readConfig(folder);
  assert.equal(Object.keys(config), Object.keys(config).sort());
  assert.is(config.r, 4);
  assert.is(config.lora_alpha, 8);
  const ranks = config.rank_pattern as Record<string, number>;
  const alphas = config.alpha_pattern as Record<string, number>;
  assert.equal(Object.keys(ranks), Object.keys(ranks).sort());
  assert.is(Object.keys(ranks).length, 4, "modules at the largest rank need no entry");
  for (const [key, rank] of Object.entries(ranks)) {
    assert.is(alphas[key], 2 * rank);
    const matched = PATHS.filter((path) => keyMatches(key, path));
    assert.is(matched.length, 1);
    assert.is(RANKS[matched[0]!], rank);
  }
  const targets = config.target_modules as string;
  for (const path of PATHS) assert.is(isTarget(targets, path), RANKS[path]! > 0, path);
  assert.ok(isTarget(targets, "language_model.model.layers.1.cross_attn.q_proj"), "the path before transformers 4.52");
  assert.not.ok(isTarget(targets, "model.language_model.layers.2.self_attn.q_proj"));
});

test("patterns are matched as PEFT matches them", () => {
  assert.ok(keyMatches("q_proj", "model.layers.1.self_attn.q_proj"));
  assert.not.ok(keyMatches("proj", "model.layers.1.self_attn.q_proj"), "keys begin at a dot");
  assert.not.ok(keyMatches("mlp", "model.layers.1.mlp.fc1"), "keys hold to the end");
  assert.ok(keyMatches("layers.1.mlp.fc1", "vision_model.global_transformer.layers.1.mlp.fc1"));
  assert.ok(isTarget(["q_proj"], "a.q_proj") && !isTarget(["proj"], "a.q_proj") && !isTarget("q_proj", "a.q_proj"));
  assert.is(
    modulePattern("model.language_model.layers.3.mlp.fc1"),
    "language_model(\\.model)?\\.layers\\.3\\.mlp\\.fc1",
  );
});

inFolder("adapters of others: legacy names, target lists, patterns in file order, rank-stabilised scale", (folder) => {
  const [fc1, , , q] = MODULES;
  const random = (length: number) => Float32Array.from({ length }, () => normal());
  const tensors = {
    "base_model.model.vision_model.transformer.layers.1.mlp.fc1.lora_A.weight": { shape: [4, 6], data: random(24) },
    "base_model.model.vision_model.transformer.layers.1.mlp.fc1.lora_B.weight": { shape: [8, 4], data: random(32) },
    "base_model.model.language_model.model.layers.1.self_attn.q_proj.lora_A.weight": { shape: [1, 4], data: random(4) },
    "base_model.model.language_model.model.layers.1.self_attn.q_proj.lora_B.weight": { shape: [4, 1], data: random(4) },
  };
  writeSafetensors(join(folder, PEFT_FILES.weights), tensors);
  const config = {
    peft_type: "LORA",
    r: 4,
    lora_alpha: 4,
    use_rslora: true,
    target_modules: ["transformer.layers.1.mlp.fc1", "layers.1.self_attn.q_proj"],
    rank_pattern: { q_proj: 1, "self_attn.q_proj": 3 },
  };
  writeFileSync(join(folder, PEFT_FILES.config), JSON.stringify(config));
  const read = importPeft(folder, MODULES);
  assert.equal(
    read.adapted.map(({ path, rank }) => [path, rank]),
    [
      [fc1!.path, 4],
      [q!.path, 1],
    ],
  );
  assert.is(read.scale, 2);
  // q_proj: 4 / sqrt(1) = 4, twice the common scale, so its B is doubled.
  const b = tensors["base_model.model.language_model.model.layers.1.self_attn.q_proj.lora_B.weight"].data;
  assert.equal(
    loraMatrix(loraLayout(read.adapted), read.parameters, q!.path, "B"),
    b.map((value) => 2 * value),
  );
});

inFolder("what cannot be read says which field or tensor", (folder) => {
  const refused = (
    change: Record<string, unknown>,
    place: string,
    tensors?: Record<string, { shape: number[]; data: Float32Array }>,
  ) => {
    exportPeft(folder, adapter, PATHS);
    writeFileSync(join(folder, PEFT_FILES.config), JSON.stringify({ ...readConfig(folder), ...change }));
    if (tensors !== undefined) writeSafetensors(join(folder, PEFT_FILES.weights), tensors);
    assert.throws(
      () => importPeft(folder, MODULES),
      (error: unknown) => error instanceof UserError && (error.place ?? "").includes(place),
      place,
    );
  };
  refused({ peft_type: "IA3" }, "peft_type");
  refused({ use_dora: true }, "use_dora");
  refused({ modules_to_save: ["lm_head"] }, "modules_to_save");
  refused({ r: "four" }, ": r");
  refused({ target_modules: "nothing" }, "target_modules");
  refused({ target_modules: "(?P<name>x)" }, "(?P<name>x)");
  refused({ target_modules: "lm_head" }, "lora_A", undefined);
  refused({ rank_pattern: {} }, "transformer.layers.1.mlp.fc1.lora_A.weight");
  refused({}, "lora_A", {});
  rmSync(join(folder, PEFT_FILES.config));
  assert.throws(
    () => importPeft(folder, MODULES),
    (error: unknown) => error instanceof UserError && (error.place ?? "").endsWith(PEFT_FILES.config),
  );
});

inFolder("nothing but rank 0 cannot be exported", (folder) => {
  assert.throws(
    () => exportPeft(folder, { ...adapter, adapted: [] }, PATHS),
    (error: unknown) => error instanceof UserError,
  );
});

test.run();
