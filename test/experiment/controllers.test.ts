/** Controllers that ask more of the model than scores, through the whole of a program: interrupted, continued, cleaned up after. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ControllerSpec } from "../../runtime/experiment/api.js";
import { adalora, darts, eva, evolution, fixed, successiveHalving } from "../../runtime/experiment/constructors.js";
import type { RunEvent } from "../../runtime/experiment/events.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import type { SearchRecord } from "../../runtime/experiment/stage/search-record.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { Interrupted } from "../../runtime/training/interrupted.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
import { tinyProgram } from "./tiny-program.js";

const test = suite<{ folder: string; backbone: Backbone }>("controllers in a program");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-controllers-"));
  context.backbone = tinyBackbone(join(context.folder, "backbone"));
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

/** By name, with how often each is stopped at least. */
const CONTROLLERS = (backbone: Backbone): Readonly<Record<string, readonly [ControllerSpec, number]>> => ({
  adalora: [adalora({ steps: 30 }), 1],
  darts: [darts({ steps: 30 }), 1],
  "successive halving": [successiveHalving({ architectures: 6, steps: 24, rewardExamples: 12 }), 2],
  "leave one out": [evolution({ prior: "leave_one_out", candidates: 8, population: 4, rewardExamples: 8 }), 1],
  eva: [eva({ batches: 20 }), 1],
  fixed: [
    fixed({
      ranks: Object.fromEntries(
        backbone.description.modules
          .filter(({ part }) => part === "language")
          .map(({ path }) => [path, path.endsWith("layers.0.self_attn.q_proj") ? 2 : 0]),
      ),
    }),
    0,
  ],
});

const NAMES = ["adalora", "darts", "successive halving", "leave one out", "eva", "fixed"];
for (const name of NAMES)
  test(`${name}: keeps the budget, and stopped in its midst ends in the same candidates`, async ({
    folder,
    backbone,
  }) => {
    const [controller, stopsAtLeast] = CONTROLLERS(backbone)[name]!;
    const program = tinyProgram(backbone, { controller, beside: false });
    const settings = (run: string) => ({
      specFolder: folder,
      runFolder: join(folder, "runs", `${name} ${run}`),
      engine: "onnx",
      engineOptions: { threads: 1 },
      sources: { program: "", ir: "{}" },
    });
    const recordOf = (run: string) =>
      (
        JSON.parse(readFileSync(join(settings(run).runFolder, "stages", "search.json"), "utf8")) as {
          result: SearchRecord;
        }
      ).result;
    const { report } = await executeProgram(program, settings("whole"));
    const whole = recordOf("whole");
    assert.ok(whole.candidates.length >= 1 && whole.candidates.every(({ parameters }) => parameters <= 500));
    assert.ok(report!.arms.at(-1)!.parameters <= 500);
    let stops = 0;
    for (let attempt = 0; ; attempt++) {
      assert.ok(attempt < 12, "does not get forward");
      const abort = new AbortController();
      let seen = 0;
      // Further each time: what begins anew must come to its end at last.
      const onEvent = (event: RunEvent) => {
        if (event.type === "progress" && event.stage === "search" && ++seen === 17 + 30 * attempt) abort.abort();
      };
      try {
        await executeProgram(program, { ...settings("stopped"), onEvent, signal: abort.signal });
        break;
      } catch (error) {
        assert.instance(error, Interrupted);
        stops++;
      }
    }
    assert.ok(stops >= stopsAtLeast, `${stops} stops`);
    assert.equal(recordOf("stopped"), whole);
    const left = readdirSync(join(settings("stopped").runFolder, "checkpoints"));
    assert.not(
      left.some((file) => file.includes("-trained-")),
      left.join(" "),
    );
  });

test.run();
