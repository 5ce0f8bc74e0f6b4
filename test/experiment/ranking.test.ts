import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { RunEvent } from "../../runtime/experiment/events.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import { agreement, stratifiedArchitectures } from "../../runtime/experiment/stage/ranking.js";
import { isFeasible, parametersOf, spaceOf } from "../../runtime/search/index.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
import { publishedReport } from "./published-report.js";
import { tinyProgram } from "./tiny-program.js";

const space = spaceOf(
  Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`m${at}`, [0, 1, 2, 4]])),
  [],
  Array.from({ length: 12 }, (_, at) => ({
    path: `m${at}`,
    inFeatures: 4 + at,
    outFeatures: 8,
    kind: "k",
    part: "language",
    layer: at,
  })),
);

test("strata rise from small architectures to the budget; the draws follow the seed", () => {
  const drawn = stratifiedArchitectures(space, 300, 10, 3);
  assert.ok(drawn.every((choices) => isFeasible(space, choices, 300)));
  drawn.forEach((choices, at) => {
    const limit = Math.floor(300 * (0.2 + (0.8 * at) / 9));
    assert.ok(parametersOf(space, choices) <= limit, `${at}: ${parametersOf(space, choices)} of ${limit}`);
  });
  const sizes = drawn.map((choices) => parametersOf(space, choices));
  assert.ok(sizes[9]! > 2 * sizes[0]!, sizes.join(" "));
  assert.equal(stratifiedArchitectures(space, 300, 10, 3), drawn);
  assert.not.equal(stratifiedArchitectures(space, 300, 10, 4), drawn);
});

test("agreement of all, and of the larger half alone", () => {
  const rows = [
    { parameters: 1, superNetworkLoss: 4, validationLoss: 4 },
    { parameters: 2, superNetworkLoss: 3, validationLoss: 3 },
    { parameters: 3, superNetworkLoss: 1, validationLoss: 2 },
    { parameters: 4, superNetworkLoss: 2, validationLoss: 1 },
  ];
  assert.equal(agreement(rows), { tauB: (5 - 1) / 6, tauBOfLargerHalf: -1 });
});

test("the stage scores and trains every architecture, and is done once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lnas-ranking-"));
  try {
    const backbone = tinyBackbone(join(folder, "backbone"));
    const options = {
      specFolder: folder,
      runFolder: join(folder, "run"),
      engine: "onnx",
      engineOptions: { threads: 1 },
      sources: { program: "// the program", ir: "{}" },
    };
    const { report } = await executeProgram(tinyProgram(backbone, { ranking: 4 }), options);
    const { rows, tauB } = publishedReport(join(folder, "run")).ranking!;
    assert.is(rows.length, 4);
    for (const { superNetworkLoss, validationLoss, parameters } of rows) {
      assert.ok(Number.isFinite(superNetworkLoss) && Number.isFinite(validationLoss));
      assert.ok(parameters <= 500);
    }
    assert.is(tauB, agreement(rows).tauB);
    assert.match(report!.remarks.join(" "), /Kendall's tau-b/);
    const events: RunEvent[] = [];
    await executeProgram(tinyProgram(backbone, { ranking: 4 }), { ...options, onEvent: (event) => events.push(event) });
    assert.not(events.some(({ type }) => type === "stage started"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
