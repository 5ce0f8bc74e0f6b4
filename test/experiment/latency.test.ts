/** What arms cost to use: the stage in a run, and its FLOPs against those of the adapters' products counted by hand. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RunEvent } from "../../runtime/experiment/events.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import { TEXT_SIZES, tinyBackbone } from "../training/tiny-backbone.js";
import { publishedReport } from "./published-report.js";
import { tinyProgram } from "./tiny-program.js";

const test = suite("latency");

test("every arm is timed once, the backbone first; its FLOPs are the graph's", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lnas-latency-"));
  try {
    const backbone = tinyBackbone(join(folder, "backbone"));
    const options = {
      ...{ specFolder: folder, runFolder: join(folder, "run"), engine: "onnx", engineOptions: { threads: 1 } },
      sources: { program: "// the program", ir: "{}" },
    };
    await executeProgram(tinyProgram(backbone, { latency: 5 }), options);
    const { costs = [], arms, ranks } = publishedReport(join(folder, "run"));
    assert.equal(
      costs.map(({ arm, parameters }) => [arm, parameters]),
      arms.map(({ name, parameters }) => [name, parameters]),
    );
    for (const { milliseconds, quartiles, flops } of costs) {
      assert.ok(quartiles[0] > 0 && quartiles[0] <= milliseconds && milliseconds <= quartiles[1]);
      assert.ok(flops >= costs[0]!.flops);
    }
    // B(A(x)) of every module at every position: a multiplication and an addition are two. Beside them scaling and adding, a few for each output.
    const adapted = backbone.description.modules.filter(({ path }) => (ranks[path] ?? 0) > 0);
    const total = (each: (module: (typeof adapted)[number]) => number) =>
      TEXT_SIZES.sequence * adapted.reduce((sum, module) => sum + each(module), 0);
    const products = total(({ path, inFeatures, outFeatures }) => 2 * ranks[path]! * (inFeatures + outFeatures));
    const { adapterFlops } = costs.at(-1)!;
    assert.ok(adapterFlops >= products, `${adapterFlops} FLOPs, ${products} in products`);
    assert.ok(adapterFlops <= products + total(({ outFeatures }) => 3 * outFeatures), `${adapterFlops}, ${products}`);
    assert.match(
      readFileSync(join(folder, "run", "report.md"), "utf8"),
      /What the arms cost to use[\s\S]*\| searched \|/,
    );

    const events: RunEvent[] = [];
    await executeProgram(tinyProgram(backbone, { latency: 5 }), { ...options, onEvent: (event) => events.push(event) });
    assert.not(events.some(({ type }) => type === "stage started"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
