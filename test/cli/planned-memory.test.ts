/** A device without memory: the run's error says what to lower and what the plan had predicted. */
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../cli/exit-status.js";
import { explainFailure } from "../../cli/failure.js";
import { withPlannedMemory } from "../../cli/run/planned-memory.js";
import { compileSpec } from "../../cli/spec.js";
import { Terminal } from "../../cli/terminal.js";
import { OutOfMemoryError } from "../../runtime/executors/index.js";
import { REPOSITORY } from "../golden.js";
import { lnasc } from "./lnasc.js";

const spec = join(REPOSITORY, "examples", "handwriting", "handwriting.lnas");

test("the figure is the plan's own, and the remedy stays", () => {
  const terminal = new Terminal({ quiet: true });
  const experiment = compileSpec(spec, terminal).experiments[0]!;
  const cause = new OutOfMemoryError("super-network step: the device has too little memory: std::bad_alloc");
  const error = withPlannedMemory(cause, experiment);
  assert.instance(error, OutOfMemoryError);
  const { message, remedy } = error as OutOfMemoryError;
  const planned = /([\d.]+ [KMG]i?B) in all/.exec(lnasc(["plan", spec]).stdout)?.[1];
  assert.type(planned, "string");
  assert.ok(message.includes(`bad_alloc; lnasc plan predicts ${planned} for this experiment (batch 16, `), message);
  assert.match(message, /this machine has [\d.]+ GiB/);
  assert.is(remedy, cause.remedy);
  assert.is(explainFailure(error, terminal, "0"), EXIT.user);
  const other = new Error("other");
  assert.is(withPlannedMemory(other, experiment), other);
});

test.run();
