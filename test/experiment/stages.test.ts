import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Example } from "../../runtime/data/example.js";
import { defineExperiment, type Run } from "../../runtime/experiment/api.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import { requireDisjoint } from "../../runtime/experiment/stage/dataset.js";
import { uniqueNames } from "../../runtime/experiment/stage/retrain.js";
import { UserError } from "../../runtime/formats/errors.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { sumExamples, tinyBackbone } from "../training/tiny-backbone.js";

const test = suite<{ folder: string; backbone: Backbone }>("stages");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-stages-"));
  context.backbone = tinyBackbone(join(context.folder, "backbone"));
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

let runs = 0;
const execute = (folder: string, program: (run: Run<Record<string, number>>) => Promise<unknown>) =>
  executeProgram(defineExperiment({ name: "t", summary: "", seed: 1, irHash: "d".repeat(64), budget: {} }, program), {
    specFolder: folder,
    runFolder: join(folder, `run-${runs++}`),
    engine: "onnx",
    engineOptions: { threads: 1 },
  });
const open = (run: Run<Record<string, number>>) =>
  run.backbone({ family: "mllama", weights: { kind: "folder", path: "backbone" } });
const source = (seed: number) => ({ kind: "examples", examples: sumExamples(12, seed) }) as const;
const dataOf = async (run: Run<Record<string, number>>) => {
  const backbone = await open(run);
  const splits = { train: source(1), reward: source(2), validation: source(3), test: source(4) };
  return { backbone, data: await run.dataset({ backbone, splits }) };
};

async function refused(action: Promise<unknown>, expected: RegExp): Promise<void> {
  const error = await action.then(
    () => undefined,
    (reason) => reason,
  );
  assert.instance(error, UserError);
  assert.match(`${error.message} | ${error.place} | ${error.remedy}`, expected);
}

test("an example in two splits is refused with both places", () => {
  const example = (id: string, contentHash: string) => ({ id, contentHash }) as Example;
  const splits = {
    train: [example("train.jsonl:1", "a"), example("train.jsonl:2", "a")],
    reward: [example("reward.jsonl:1", "b")],
    validation: [example("validation.jsonl:1", "c")],
    test: [example("test.jsonl:9", "a")],
  };
  assert.throws(
    () => requireDisjoint(splits),
    /the same example is in two splits: train \(train.jsonl:2\) and test \(test.jsonl:9\)/,
  );
  requireDisjoint({ ...splits, test: [example("test.jsonl:9", "d")] });
});

test("weights of the Hub are refused with the command that fetches them", async ({ folder }) => {
  const weights = { kind: "hub", repository: "org/model", revision: "abc" } as const;
  await refused(
    execute(folder, (run) => run.backbone({ family: "mllama", weights })),
    /not downloaded \| org\/model@abc \| .*hf download org\/model --revision abc/,
  );
});

test("a missing backbone and an empty split name what is missing", async ({ folder }) => {
  const weights = { kind: "folder", path: "nowhere" } as const;
  await refused(
    execute(folder, (run) => run.backbone({ family: "mllama", weights })),
    /nowhere/,
  );
  const empty = { kind: "examples", examples: [] } as const;
  await refused(
    execute(folder, async (run) => {
      const splits = { train: source(1), reward: empty, validation: source(3), test: source(4) };
      return run.dataset({ backbone: await open(run), splits });
    }),
    /the reward split has no examples/,
  );
});

const protocolOf = async (run: Run<Record<string, number>>) => {
  const { backbone, data } = await dataOf(run);
  const optimizer = {
    kind: "adamw",
    learningRate: 0.01,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0.1,
    clipNorm: 1,
  } as const;
  return {
    steps: 3,
    batch: 4,
    optimizer,
    schedule: { kind: "constant", warmup: 0, floor: 0 } as const,
    adapter: { scale: 2, dropout: 0.1 },
    backbone,
    data: data.train,
    selectOn: data.validation,
    test: data.test,
    seeds: 2,
    learningRates: [],
  };
};
const candidate = (architecture: Record<string, number>, origin = "mine") => ({
  architecture,
  parameters: 0,
  superNetworkLoss: null,
  origin,
});

test("candidates of one's own are retrained without a search, every arm under the same seeds", async ({
  folder,
  backbone,
}) => {
  const [first, second] = backbone.description.modules.filter(({ part }) => part === "language");
  const { report } = await execute(folder, async (run) => {
    const protocol = await protocolOf(run);
    const one = candidate({ [first!.path]: 2, [second!.path]: 0 });
    const result = await run.retrain([one, candidate({ [first!.path]: 2, [second!.path]: 1 }), one], protocol);
    assert.equal(
      result.arms.map(({ name }) => name),
      ["mine", "mine 2", "mine 3"],
    );
    assert.equal(result.arms[0]!.testLoss, result.arms[2]!.testLoss);
    assert.is(result.arms[0]!.testLoss.length, 2);
    assert.not.equal(result.arms[0]!.testLoss[0], result.arms[0]!.testLoss[1]);
    assert.is(result.arms[0]!.parameters, 2 * (first!.inFeatures + first!.outFeatures));
  });
  assert.is(report!.adapter, null);
});

test("each arm is tried at several learning rates with its first seed, and trained at the best on validation", async ({
  folder,
  backbone,
}) => {
  const [first] = backbone.description.modules.filter(({ part }) => part === "language");
  const { report } = await execute(folder, async (run) => {
    const protocol = await protocolOf(run);
    const arm = [candidate({ [first!.path]: 2 })];
    const at = async (learningRate: number) => {
      const alone = { ...protocol, optimizer: { ...protocol.optimizer, learningRate } };
      return (await run.retrain(arm, alone)).winner;
    };
    const alone = [await at(1e-4), await at(3e-2)];
    const better = alone[0]!.validationLoss[0]! < alone[1]!.validationLoss[0]! ? 0 : 1;
    const { winner } = await run.retrain(arm, { ...protocol, learningRates: [1e-4, 3e-2] });
    assert.is(winner.learningRate, [1e-4, 3e-2][better]);
    assert.equal(winner.testLoss, alone[better]!.testLoss);
    assert.not.equal(winner.testLoss, alone[1 - better]!.testLoss);
  });
  assert.equal(report!.learningRates, [1e-4, 3e-2]);
  assert.equal([report!.arms.at(-1)!.learningRate], [report!.finalists[0]!.learningRate]);
});

test("an architecture without any rank is the backbone: its export writes nothing, and the run has a report", async ({
  folder,
  backbone,
}) => {
  const { path } = backbone.description.modules[0]!;
  const { report, adapterFolder } = await execute(folder, async (run) => {
    const { winner } = await run.retrain([candidate({ [path]: 0 })], await protocolOf(run));
    assert.is(winner.parameters, 0);
    assert.equal(await run.export(winner, { format: "peft", path: "adapter" }), { folder: null });
  });
  assert.equal([report!.verdict, report!.adapter, adapterFolder], ["no adapter", null, null]);
});

test("an adapter is not written outside of the run folder", async ({ folder, backbone }) => {
  const { path } = backbone.description.modules.find(({ part }) => part === "language")!;
  for (const target of ["../elsewhere", "/tmp/lnas-elsewhere", "."]) {
    await refused(
      execute(folder, async (run) => {
        const { winner } = await run.retrain([candidate({ [path]: 1 })], await protocolOf(run));
        await run.export(winner, { format: "peft", path: target });
      }),
      /not inside the run folder/,
    );
  }
  assert.not(existsSync(join(folder, "elsewhere")) || existsSync("/tmp/lnas-elsewhere"));
});

test("names are made unique", () => {
  assert.equal(uniqueNames(["a", "b", "a", "a"]), ["a", "b", "a 2", "a 3"]);
});

test.run();
