/** A search that races its candidates and scores the best once more, stopped in the midst of either: it goes on to the same record. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { reinforce } from "../../runtime/experiment/constructors.js";
import type { RunEvent } from "../../runtime/experiment/events.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import type { SearchRecord } from "../../runtime/experiment/stage/search-record.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { Interrupted } from "../../runtime/training/interrupted.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
import { tinyProgram } from "./tiny-program.js";

interface Context {
  folder: string;
  backbone: Backbone;
}
const test = suite<Context>("resume in a raced and rescored search");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-resume-search-"));
  context.backbone = tinyBackbone(join(context.folder, "backbone"));
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

type Progress = Extract<RunEvent, { type: "progress" }>;
const WHOLE = "whole";

/** Runs the program until its search has ended, or until one of its events is the one to stop at. */
async function search(
  { folder, backbone }: Context,
  name: string,
  stopsAt: (event: Progress) => boolean = () => false,
) {
  const runFolder = join(folder, "runs", name);
  const events: Progress[] = [];
  const abort = new AbortController();
  const error = await executeProgram(
    tinyProgram(backbone, {
      controller: reinforce({ candidates: 30, samples: 10, rewardExamples: 128 }),
      ...{ superNetworkSteps: 60, reward: 160, earlyStopping: true, rescore: 6 },
    }),
    {
      ...{ specFolder: folder, runFolder, engine: "onnx", engineOptions: { threads: 1 }, signal: abort.signal },
      // Stops come after the super-network, which is the same in all runs.
      ...(name !== WHOLE && { reuse: [join(folder, "runs", WHOLE)] }),
      onEvent: (event) => {
        if (!("stage" in event) || event.stage !== "search") return;
        if (event.type === "stage finished") abort.abort();
        if (event.type !== "progress") return;
        events.push(event);
        if (stopsAt(event)) abort.abort();
      },
    },
  ).catch((cause: unknown) => cause);
  assert.instance(error, Interrupted);
  const record = () =>
    (JSON.parse(readFileSync(join(runFolder, "stages", "search.json"), "utf8")) as { result: SearchRecord }).result;
  return { events, record };
}

/** Where a search is stopped, by what its progress says; the first event of this, with more of it to come. */
const MOMENTS: Readonly<Record<string, RegExp>> = {
  "the first block of a round": /^round 2, examples 1 to 32$/,
  "a later block, some architectures dropped": /^round 2, examples 33 to 64$/,
  "the last round": /^round 3, examples 33 to/,
  "scoring once more": /^once more$/,
};

test("stopped in a raced round or while the best are scored once more, it ends in the same record", async (context) => {
  const whole = await search(context, WHOLE);
  const record = whole.record();
  assert.ok(record.stopped!.architectures > 0, "nothing was stopped early");
  assert.is(record.rescoring!.candidates.length, 6);
  // The others would take it over.
  rmSync(join(context.folder, "runs", WHOLE, "stages", "search.json"));
  for (const [what, detail] of Object.entries(MOMENTS)) {
    const isMoment = (event: Progress) => detail.test(event.detail ?? "") && event.step < event.steps;
    const stopped = await search(context, what, isMoment);
    assert.ok(isMoment(stopped.events.at(-1)!), `stopped at ${stopped.events.at(-1)!.detail}, not in ${what}`);
    assert.throws(() => stopped.record(), /ENOENT/, "it had ended");
    const resumed = await search(context, what);
    assert.equal(resumed.record(), record, what);
    // Rounds that were told are not scored again.
    const round = /^round (\d)/.exec(stopped.events.at(-1)!.detail!)?.[1] ?? "4";
    const again = resumed.events.map((event) => /^round (\d)/.exec(event.detail ?? "")?.[1] ?? "4");
    assert.ok(again.length > 0 && again.every((other) => other >= round), `${what}: ${again.join(" ")}`);
  }
});

test.run();
