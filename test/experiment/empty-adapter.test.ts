/** Runs in which no module has a rank above 0: because none may, because none is worth its price, or because none fits. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PEFT_FILES } from "../../runtime/adapters/index.js";
import { reinforce } from "../../runtime/experiment/constructors.js";
import type { RunEvent } from "../../runtime/experiment/events.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import { UserError } from "../../runtime/formats/errors.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
import { publishedReport } from "./published-report.js";
import { type TinyProgram, tinyProgram } from "./tiny-program.js";

const test = suite<{ folder: string; backbone: Backbone }>("runs without an adapter");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-empty-"));
  context.backbone = tinyBackbone(join(context.folder, "backbone"));
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

async function run({ folder, backbone }: { folder: string; backbone: Backbone }, name: string, program: TinyProgram) {
  const runFolder = join(folder, "runs", name);
  const warnings: Extract<RunEvent, { type: "warning" }>[] = [];
  const outcome = await executeProgram(tinyProgram(backbone, program), {
    ...{ specFolder: folder, runFolder, engine: "onnx", engineOptions: { threads: 1 } },
    sources: { program: "", ir: "{}" },
    onEvent: (event) => event.type === "warning" && warnings.push(event),
  });
  return { ...outcome, warnings, adapter: join(runFolder, "out", "adapter") };
}

test("0 as the only rank of each module: refused before anything is trained", async (context) => {
  const error = await run(context, "none", { ranks: [0] }).catch((cause: unknown) => cause);
  assert.instance(error, UserError);
  const { message, place, remedy } = error as UserError;
  assert.is(message, "no module can carry an adapter: 0 is the only rank of each");
  assert.match(place!, /^model\.language_model\.layers\.0\./);
  assert.match(remedy, /ranks above 0/);
  assert.not(existsSync(join(context.folder, "runs", "none", "stages", "super-network.json")));
});

const CASES = {
  "a price that no rank is worth": {
    program: {
      parameterWeight: 1,
      controller: reinforce({ candidates: 200, rewardExamples: 8 }),
    },
    remark: /^Rank 0 everywhere won at a price of 1 a parameter: there is nothing to export\. .*lower the weight/,
    remedy: /lower the weight of `minimize parameters`/,
  },
  "a limit below the cheapest rank": {
    program: { maxParameters: 5 },
    remark: /^Rank 0 everywhere won: there is nothing to export\. .*raise the limit/,
    remedy: /raise the limit/,
  },
} as const;

for (const [name, { program, remark, remedy }] of Object.entries(CASES))
  test(`${name}: the run ends with its report, which says so, and without an adapter`, async (context) => {
    // Of an earlier run with other settings.
    const stale = join(context.folder, "runs", name, "out", "adapter");
    const found = await run(context, name, program);
    const { report, adapterFolder, warnings, adapter, folder } = found;
    assert.equal([report!.verdict, report!.parameters, report!.adapter], ["no adapter", 0, null]);
    assert.match(report!.headline, /^No adapter came out: every module has rank 0/);
    assert.match(report!.remarks[0]!, remark);
    assert.is(adapterFolder, null);
    const warning = warnings.find(({ message }) => message.includes("no adapter is written to out"))!;
    assert.match(warning.remedy!, remedy);
    assert.not(existsSync(join(adapter, PEFT_FILES.config)));
    assert.is(publishedReport(folder).verdict, "no adapter");
    assert.match(readFileSync(join(folder, "report.md"), "utf8"), /No adapter came out/);
    // What won is the backbone as it is.
    const loss = (arm: string) => report!.arms.find((each) => each.name === arm)!.testLoss[0]!;
    assert.ok(Math.abs(loss("searched") - loss("backbone as it is")) < 1e-6);

    mkdirSync(stale, { recursive: true });
    writeFileSync(join(stale, PEFT_FILES.config), "{}");
    const again = await run(context, name, program);
    assert.equal(again.report!.headline, report!.headline);
    assert.not(existsSync(join(stale, PEFT_FILES.config)), "an adapter of an earlier run stays");
  });

test.run();
