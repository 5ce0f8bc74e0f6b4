import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadProgram } from "../../cli/run/load-program.js";
import { emitProgram } from "../../compiler/emit/index.js";
import type { Run } from "../../runtime/experiment/api.js";
import type { Architecture } from "../../runtime/search/types.js";
import { fixtureIR } from "../emit/fixture.js";

const loading = suite("loading a program");

const OPTIONS = { irHash: "0123456789abcdef".repeat(4), version: "0.0.0" };

/** A run whose stages only record what they are asked for. */
function recordingRun(asked: [string, ...unknown[]][]): Run<Architecture> {
  const stage =
    (name: string, result: unknown) =>
    async (...given: unknown[]) => {
      asked.push([name, ...given]);
      return result;
    };
  const split = (name: string) => ({ stage: "split", key: name, split: name });
  return {
    backbone: stage("backbone", { stage: "backbone", key: "b" }),
    dataset: stage("dataset", {
      train: split("train"),
      reward: split("reward"),
      validation: split("validation"),
      test: split("test"),
    }),
    superNetwork: stage("superNetwork", { stage: "superNetwork", key: "s" }),
    search: stage("search", { best: (count: number) => [`best ${count}`] }),
    retrain: stage("retrain", { winner: "the winner" }),
    compare: stage("compare", {}),
    export: stage("export", { folder: "adapter" }),
  } as unknown as Run<Architecture>;
}

loading("runs where nothing is installed and the file is not yet written", async () => {
  const ir = fixtureIR();
  const file = join("/nowhere", "lnas runs", "program.ts");
  assert.not(existsSync(file));
  const { spec, program } = await loadProgram(await emitProgram(ir, OPTIONS), file);
  assert.is(spec.seed, ir.seed);
  assert.is(spec.irHash, OPTIONS.irHash);
  const asked: [string, ...unknown[]][] = [];
  await program(recordingRun(asked));
  assert.equal(
    asked.map(([name]) => name),
    ["backbone", "dataset", "superNetwork", "search", "retrain", "compare", "export"],
  );
  const given = (name: string) => asked.find(([stage]) => stage === name)!.slice(1);
  const search = given("search")[0] as { controller: unknown; objective: { maxParameters: number } };
  // What the spec said arrives under the controller table's own names.
  assert.equal(search.controller, { controller: ir.search.controller, options: ir.search.options });
  assert.is(search.objective.maxParameters, ir.objective.maxParameters);
  assert.equal(given("compare")[0], ir.compare.arms);
  assert.equal(given("retrain")[0], [`best ${ir.search.finalists}`]);
  const superNetwork = given("superNetwork")[0] as Record<string, unknown>;
  assert.is(Object.keys(superNetwork.modules as object).length, 72);
  const { sampling, ...training } = ir.search.superNetwork;
  for (const [name, value] of Object.entries({ ...training, sampling })) assert.equal(superNetwork[name], value, name);
  const { seeds, ...protocol } = given("retrain")[1] as Record<string, unknown>;
  assert.is(seeds, ir.compare.seeds);
  for (const [name, value] of Object.entries(ir.train)) assert.equal(protocol[name], value, name);
  assert.equal(given("export"), ["the winner", { format: "peft", path: ir.export.path }]);
});

loading("two programs in one process do not get in each other's way", async () => {
  const load = async (seed: number) =>
    loadProgram(await emitProgram(fixtureIR({ seed }), OPTIONS), join("/nowhere", `seed-${seed}`, "program.ts"));
  assert.is((await load(1)).spec.seed, 1);
  assert.is((await load(2)).spec.seed, 2);
});

loading.run();
