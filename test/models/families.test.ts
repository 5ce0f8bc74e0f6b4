import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../runtime/formats/errors.js";
import { type FamilyName, familyOfModelType, familyTable } from "../../runtime/models/families.js";
import { backboneArchitecture, describeConfig } from "../../runtime/models/index.js";

const suite = makeSuite("backbone families");

const TEXT = {
  vocab_size: 50,
  hidden_size: 24,
  intermediate_size: 40,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
};
const smolvlm = (changes: object = {}) => ({ model_type: "smolvlm", scale_factor: 7, text_config: TEXT, ...changes });
const llava = (changes: object = {}) => ({ model_type: "llava", text_config: TEXT, ...changes });
const qwen = (vision: object = {}, changes: object = {}) => ({
  model_type: "qwen2_vl",
  ...TEXT,
  vision_config: { hidden_size: 24, ...vision },
  ...changes,
});

function problem(config: unknown, read: (config: unknown, place: string) => unknown = describeConfig): string {
  try {
    read(config, "there/config.json");
  } catch (error) {
    assert.instance(error, UserError);
    assert.is((error as UserError).place, "there/config.json");
    return (error as UserError).message;
  }
  throw new Error("nothing was thrown");
}

suite("a model_type belongs to one family, and a family describes itself under its own name", () => {
  const types = Object.values(familyTable).flatMap(({ modelTypes }) => modelTypes as readonly string[]);
  assert.is(new Set(types).size, types.length);
  const configs: Readonly<Record<Exclude<FamilyName, "mllama">, object>> = {
    idefics3: smolvlm(),
    llava: llava(),
    qwen2_vl: qwen(),
  };
  for (const [family, config] of Object.entries(configs)) assert.is(describeConfig(config).family, family);
  assert.is(familyOfModelType("smolvlm"), "idefics3");
  assert.is(familyOfModelType("gpt2"), undefined);
  assert.is(familyOfModelType(["llava"]), undefined);
});

suite("a family without a graph has no architecture, and says which have", () => {
  for (const config of [smolvlm(), llava(), qwen()])
    assert.match(problem(config, backboneArchitecture), /can be checked and planned, but not run yet/);
});

suite("llava: layers after the last one whose output is used carry no adapter, but count", () => {
  const layers = (changes: object) => {
    const { modules, parameters } = describeConfig(llava(changes));
    return [new Set(modules.filter(({ part }) => part === "vision").map(({ layer }) => layer)).size, parameters];
  };
  const [used, parameters] = layers({});
  assert.is(used, 23);
  assert.equal(layers({ vision_feature_layer: -1 }), [24, parameters]);
  assert.equal(layers({ vision_feature_layer: 4 }), [4, parameters]);
  assert.is(layers({ vision_feature_layer: [0, -5] })[0], 20);
  assert.is(describeConfig(llava({ vision_feature_select_strategy: "full" })).work.positionsPerImage.language, 577);
});

suite("the merger of Qwen2-VL is the projector, though it lies within the tower", () => {
  const { modules, parts } = describeConfig(qwen());
  assert.equal(
    modules.filter(({ part }) => part === "projector").map(({ path, kind }) => [path, kind]),
    [
      ["model.visual.merger.mlp.0", "0"],
      ["model.visual.merger.mlp.2", "2"],
    ],
  );
  assert.equal(
    parts.map(({ name }) => name),
    ["vision", "projector", "language"],
  );
});

suite("a wrong or unsupported config is refused with the field's name", () => {
  assert.match(problem(smolvlm({ scale_factor: 2 })), /scale_factor is 2, which does not divide the 7 patches/);
  assert.match(problem(smolvlm({ text_config: { model_type: "mistral" } })), /text_config.model_type is "mistral"/);
  assert.match(problem(smolvlm({ vision_config: { hidden_act: "gelu" } })), /vision_config.hidden_act is "gelu"/);
  assert.match(problem(smolvlm({ vision_config: { num_attention_heads: 7 } })), /not a multiple of the 7 heads/);
  assert.match(
    problem(smolvlm({ vision_config: { patch_size: 999 } })),
    /patch_size \(999\) is larger than image_size/,
  );
  assert.match(problem(llava({ vision_config: { model_type: "siglip_vision_model" } })), /vision_config.model_type is/);
  assert.match(problem(llava({ vision_feature_layer: -26 })), /names the output -26 of a tower of 24 layers/);
  assert.match(problem(llava({ vision_feature_layer: 25 })), /names the output 25/);
  assert.match(problem(llava({ vision_feature_layer: [] })), /must be an integer or a list of them/);
  assert.match(problem(llava({ vision_feature_layer: "last" })), /must be an integer or a list of them/);
  assert.match(
    problem(llava({ text_config: { num_key_value_heads: 3 } })),
    /num_key_value_heads \(3\) does not divide/,
  );
  assert.match(problem(qwen({ hidden_size: 32 })), /vision_config.hidden_size is 32; .* a text model of 24/);
  assert.match(problem(qwen({ embed_dim: 31 })), /embed_dim \(31\) is not a multiple of the 16 heads/);
  assert.match(problem(qwen({}, { num_hidden_layers: "2" })), /num_hidden_layers must be an integer/);
});

suite.run();
