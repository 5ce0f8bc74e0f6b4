import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { undocumentedExports } from "../tools/check-docs.js";
import { wrongImports } from "../tools/check-imports.js";
import { REPOSITORY } from "./golden.js";

const suite = makeSuite("the house");
suite("imports run downwards only", () => assert.equal(wrongImports(REPOSITORY), []));
suite("every exported function and class is documented", () => assert.equal(undocumentedExports(REPOSITORY), []));
suite.run();
