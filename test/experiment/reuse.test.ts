import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { executeProgram } from "../../runtime/experiment/execute.js";
import { UserError } from "../../runtime/formats/errors.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
import { type TinyProgram, tinyProgram } from "./tiny-program.js";

const test = suite<{ folder: string }>("reuse of a super-network");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-reuse-"));
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

const CHECKPOINT = join("checkpoints", "super-network.ckpt");

test("a run with another budget takes it over, and ends as if it had trained it; what differs or is damaged is trained", async ({
  folder,
}) => {
  const backbone = tinyBackbone(join(folder, "backbone"));
  const run = async (name: string, program: TinyProgram, reuse?: string) => {
    const warnings: string[] = [];
    let trained = 0;
    const { report } = await executeProgram(tinyProgram(backbone, program), {
      specFolder: folder,
      runFolder: join(folder, name),
      engine: "onnx",
      engineOptions: { threads: 1 },
      ...(reuse !== undefined && { reuse: join(folder, reuse) }),
      onEvent: (event) => {
        if (event.type === "warning" && /reused/.test(event.message)) warnings.push(event.message);
        if (event.type === "progress" && event.stage === "super-network") trained++;
      },
    });
    const { summary } = report!.stages.find(({ stage }) => stage === "super-network")!;
    const adapter = readFileSync(join(folder, name, "out", "adapter", "adapter_model.safetensors"));
    return { report: report!, summary, warnings, trained, adapter };
  };
  await run("large", {});
  const smaller = { maxParameters: 300 };
  const own = await run("own", smaller);
  const taken = await run("taken", smaller, "large");
  assert.equal([own.trained > 0, taken.trained, taken.warnings], [true, 0, []]);
  assert.match(taken.summary, /; taken from the run large \(/);
  assert.equal(taken.report.ranks, own.report.ranks);
  assert.equal(taken.report.arms, own.report.arms);
  assert.ok(taken.adapter.equals(own.adapter));
  assert.not.equal(taken.report.budget, (await run("large", {})).report.budget);

  const other = await run("other", { ...smaller, learningRate: 0.01 }, "large");
  assert.ok(other.trained > 0);
  assert.match(
    other.warnings.join(),
    /^the super-network of the run large is not reused, it is trained anew: backbone, /,
  );

  const bytes = readFileSync(join(folder, "large", CHECKPOINT));
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(join(folder, "large", CHECKPOINT), bytes);
  const after = await run("after", smaller, "large");
  assert.match(after.warnings.join(), /checkpoints\/super-network.ckpt is missing or damaged$/);
  assert.ok(after.adapter.equals(own.adapter));

  const error = await run("none", smaller, "backbone").then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, UserError);
  assert.is((error as UserError).place, join(folder, "backbone"));
});

test.run();
