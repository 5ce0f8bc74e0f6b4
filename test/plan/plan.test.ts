import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ExperimentIR } from "../../compiler/index.js";
import { type PositionsPerExample, planExperiment, planText } from "../../compiler/plan/index.js";
import type { BackboneDescription, LinearModule } from "../../runtime/models/backbone.js";
import { everything, fixtureIR, fixtureModules, largeIR, TINY, wordingOf } from "../emit/fixture.js";
import { assertGolden } from "../golden.js";

const plan = suite("plan");

const HASH = "0123456789abcdef".repeat(4);

/** The demo backbone's description, as far as planning looks at it. */
function describe(): BackboneDescription {
  const modules = fixtureModules(TINY).map((module): LinearModule => {
    const part = /^model\.(vision|language)_model/.exec(module.path)?.[1] ?? "projector";
    return {
      ...module,
      kind: module.path.split(".").at(-1)!,
      part,
      layer: Number(/layers\.(\d+)/.exec(module.path)?.[1] ?? Number.NaN),
    };
  });
  return {
    family: "mllama",
    parts: [
      { name: "vision", prefix: "model.vision_model", parameters: 346_000 },
      { name: "projector", prefix: "model.multi_modal_projector", parameters: 12_352 },
      { name: "language", prefix: "model.language_model", parameters: 221_435 },
    ],
    modules,
    parameters: 579_787,
    hasVision: true,
    work: { products: [], attention: [], positionsPerImage: {} },
  };
}

const planOf = (ir: ExperimentIR, positions?: PositionsPerExample) =>
  planExperiment({ ir, irHash: HASH, backbone: describe(), written: wordingOf(ir) }, positions);

plan("counts the demo's space exactly", () => {
  const { space, adapterParameters, targets, backbone } = planOf(fixtureIR());
  assert.is(space.modules, 72);
  assert.is(space.size, String(5n ** 72n));
  assert.ok(Math.abs(space.log10Size - 72 * Math.log10(5)) < 1e-9);
  // demo.md: the sum of in + out is 12,768, so uniform rank r has 12,768 r parameters.
  assert.is(targets[0]!.parametersPerRank, 12_768);
  assert.is(adapterParameters.smallest, 0);
  assert.is(adapterParameters.largest, 8 * 12_768);
  assert.is(adapterParameters.uniformRankAtBudget, 1);
  assert.equal(
    backbone.parts.map(({ modules, targeted }) => [modules, targeted]),
    [
      [36, 36],
      [1, 1],
      [35, 35],
    ],
  );
});

plan("counts a tie group as one decision", () => {
  const { targets, space } = planOf(largeIR());
  assert.equal(
    targets.map(({ modules, decisions }) => [modules, decisions]),
    [
      [128, 32],
      [32, 32],
      [120, 120],
      [240, 240],
    ],
  );
  assert.is(space.size, String(5n ** 32n * 6n ** 32n * 3n ** 360n));
});

plan("needs no activations for what lies before the first target", () => {
  const modules = fixtureModules(TINY);
  const language = modules.filter(({ path }) => path.includes("language_model"));
  const positions = { vision: 32, projector: 32, language: 14 };
  const all = planOf(fixtureIR(), positions);
  const languageOnly = planOf(
    fixtureIR({ adapter: { kind: "lora", scale: 2, dropout: 0, targets: [everything(language, [0, 4])] } }),
    positions,
  );
  const features = (of: typeof modules) =>
    of.reduce((sum, { inFeatures, outFeatures }) => sum + inFeatures + outFeatures, 0);
  assert.is(languageOnly.memory.activationsBytes, 4 * 2 * 16 * 14 * features(language));
  assert.ok(all.memory.activationsBytes! > languageOnly.memory.activationsBytes!);
  assert.is(all.memory.stateBytes, 16 * 8 * 12_768);
  assert.is(all.memory.weightsBytes, 4 * 579_787);
  assert.is(planOf(fixtureIR()).memory.activationsBytes, null);
});

plan("adds up the work of every stage", () => {
  const { work } = planOf(fixtureIR());
  assert.equal(
    work.map(({ stage, trainingSteps, scoredExamples }) => [stage, trainingSteps, scoredExamples]),
    [
      ["super-network", 200, 0],
      ["search", 200, 2 * 2048 * 4],
      ["retraining", 3 * 300, 0],
      ["comparison", 3 * 300, 200 * 256],
    ],
  );
});

plan("is JSON, and reads as the golden file", () => {
  const value = planOf(fixtureIR(), { vision: 32, projector: 32, language: 14 });
  assert.equal(JSON.parse(JSON.stringify(value)), value);
  assertGolden("plan/handwriting.txt", planText(value));
  assertGolden("plan/receipts.txt", planText(planOf(largeIR())));
});

plan.run();
