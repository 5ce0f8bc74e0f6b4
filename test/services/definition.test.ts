/** Going to the declaration of a name. */
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { definitionAt } from "../../compiler/services/definition.js";
import { BASE } from "../compiler/host.js";
import { edit, told } from "./editor.js";

const suite = makeSuite("services: definition");

const FILES = { "base.lnas": BASE };
/** Where the definition of what stands at the cursor is. */
const found = (marked: string) => {
  const { analysis, offset } = edit(marked, FILES);
  const place = definitionAt(analysis, offset);
  return place && told(place, analysis);
};

suite("names of this file", () => {
  assert.is(found(BASE.replace("rank in ranks", "rank in ra|nks")), "spec.lnas:5:7 ranks");
  assert.is(found(`${BASE}experiment more extends ba|se {}`), "spec.lnas:7:12 base");
  assert.is(found(`${BASE}experiment b extends base {}\nsweep all = b, ba|se`), "spec.lnas:7:12 base");
  assert.is(found(`${BASE}modules eyes = vision.**\nmodules all = |eyes, projector`), "spec.lnas:45:9 eyes");
  assert.is(found(`${BASE}train recipe { steps 4 }\ntrain longer = recipe|`), "spec.lnas:45:7 recipe");
  assert.is(found(BASE.replace("on vlm", "on v|lm")), "spec.lnas:11:12 vlm");
});

suite("names of other files, and of the standard library", () => {
  assert.is(found(BASE.replace("= mllama", "= ml|lama")), "std:backbones.lnas:4:10 mllama");
  assert.is(found(BASE.replace("{ mllama", "{ ml|lama")), "std:backbones.lnas:4:10 mllama");
  const extending =
    'edition 1\nimport { base } from "./base.lnas"\nexperiment more extends base { adapter lora on vlm {} }';
  assert.is(found(extending.replace("extends base", "extends |base")), "base.lnas:7:12 base");
  assert.is(found(extending.replace("on vlm", "on vlm|")), "base.lnas:11:12 vlm");
});

suite("the text of an import leads to the file", () => {
  assert.is(found(BASE.replace("std:", "std|:")), "std:backbones.lnas:1:1 ");
  assert.is(found('edition 1\nimport { base } from "./ba|se.lnas"'), "base.lnas:1:1 ");
  assert.is(found('edition 1\nimport { base } from "./no|thing.lnas"'), undefined);
});

suite("a word that is no name has no declaration", () => {
  assert.is(found(BASE.replace("prior gradient", "pri|or gradient")), undefined);
  assert.is(found(BASE.replace("vision.**", "vis|ion.**")), undefined);
  // A constant of that name does not make the word of another kind its own.
  assert.is(found(`const random = 3\n${BASE}`.replace("uniform, random", "uniform, ran|dom")), undefined);
});

suite("in a circle of experiments and in a file with errors", () => {
  assert.is(found("edition 1\nexperiment a extends b {}\nexperiment b extends |a {}"), "spec.lnas:2:12 a");
  assert.is(found(BASE.replace("rank in ranks", "rank in ra|nks target {")), undefined);
  assert.is(found(`${BASE.replace("seed 7", "seed = = 7")}\nconst more = ran|ks`), "spec.lnas:5:7 ranks");
});

suite.run();
