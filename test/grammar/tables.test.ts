/** What Chevrotain is not asked at each start, because it takes long: whether tokens and rules are sound. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { BUNDLE } from "../../grammar/chevrotain.js";
import { LnasParser } from "../../grammar/parser.js";
import { makeLexer } from "../../grammar/tokens.js";
import { LNASC } from "../cli/lnasc.js";
import { REPOSITORY } from "../golden.js";

const suite = makeSuite("tokens and rules");

suite("every token can be read, and the lexer needs no slow path", () => {
  assert.equal(makeLexer(true).lexerDefinitionErrors, []);
});

suite("no choice between rules is ambiguous", () => {
  assert.not.throws(() => new LnasParser(true));
});

suite("this Chevrotain has the bundle that starts quickly", () => assert.ok(existsSync(fileURLToPath(BUNDLE))));

suite("a check loads none of the packages that take long", () => {
  const spec = "examples/handwriting/handwriting.lnas";
  // Node's own account of the modules it loads.
  const { stderr, status } = spawnSync(process.execPath, [LNASC, "check", spec], {
    cwd: REPOSITORY,
    encoding: "utf8",
    env: { ...process.env, NODE_DEBUG: "esm" },
    maxBuffer: 2 ** 28,
  });
  assert.is(status, 0);
  assert.match(stderr, "node_modules/commander");
  for (const heavy of ["lodash-es", "ajv", "ts-morph", "onnxruntime-node", "sharp"])
    assert.not.match(stderr, `node_modules/${heavy}/`);
});

suite.run();
