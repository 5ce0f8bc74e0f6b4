/** What Chevrotain is not asked at each start, because it takes long: whether tokens and rules are sound. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { BUNDLE } from "../../grammar/chevrotain.js";
import { LnasParser } from "../../grammar/parser.js";
import { makeLexer } from "../../grammar/tokens.js";

const suite = makeSuite("tokens and rules");

suite("every token can be read, and the lexer needs no slow path", () => {
  assert.equal(makeLexer(true).lexerDefinitionErrors, []);
});

suite("no choice between rules is ambiguous", () => {
  assert.not.throws(() => new LnasParser(true));
});

suite("this Chevrotain has the bundle that starts quickly", () => assert.ok(existsSync(fileURLToPath(BUNDLE))));

suite.run();
