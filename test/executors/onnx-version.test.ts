import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ortVersion } from "../../runtime/executors/onnx/load.js";
import { TESTED_ORT, untestedVersion } from "../../runtime/executors/onnx/tested-version.js";
import { REPOSITORY } from "../golden.js";

test("an onnxruntime-node of another version than tested is said, with the command that brings the tested one", () => {
  const { dependencies } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8"));
  assert.is(TESTED_ORT, dependencies["onnxruntime-node"], "what npm is asked for is what is tested");
  assert.is(untestedVersion(ortVersion()), undefined);
  assert.is(untestedVersion(undefined), undefined);
  for (const version of ["1.3.0", "1.29.4", "1.300.0", "2.30.0"]) {
    const said = untestedVersion(version) ?? "";
    assert.ok(said.startsWith(`onnxruntime-node ${version} is installed, lnas is tested with ${TESTED_ORT}:`), said);
    assert.match(said, /npm install onnxruntime-node@1\.30 --ignore-scripts/);
  }
});

test.run();
