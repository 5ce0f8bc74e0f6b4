/** Every place that speaks of the same thing. */
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { referencesAt } from "../../compiler/services/references.js";
import { BASE } from "../compiler/host.js";
import { analyzed, edit, told } from "./editor.js";

const suite = makeSuite("services: references");

const OTHER = `edition 1
import { ranks, base } from "./spec.lnas"
const more = [ranks]
experiment other extends base {
  adapter lora on vlm { target projector rank in ranks }
}
`;

/** The places of what stands at the cursor, in this file and in \`other.lnas\`. */
const found = (marked: string) => {
  const { analysis, host, offset } = edit(marked, { "other.lnas": OTHER });
  const other = analyzed("other.lnas", host);
  return referencesAt([analysis, other], analysis, offset)
    .map((place) => told(place, other))
    .sort();
};

suite("a constant, from its declaration and from a use", () => {
  const places = [
    "other.lnas:2:10 ranks",
    "other.lnas:3:15 ranks",
    "other.lnas:5:50 ranks",
    "spec.lnas:23:30 ranks",
    "spec.lnas:5:7 ranks",
  ];
  assert.equal(found(BASE.replace("const ranks", "const |ranks")), places);
  assert.equal(found(BASE.replace("in ranks", "in ranks|")), places);
});

suite("an experiment, also in a sweep", () => {
  assert.equal(found(`${BASE.replace("experiment base", "experiment b|ase")}sweep all = base, base`), [
    "other.lnas:2:17 base",
    "other.lnas:4:26 base",
    "spec.lnas:45:13 base",
    "spec.lnas:45:19 base",
    "spec.lnas:7:12 base",
  ]);
});

suite("the name of a backbone, also where it is inherited", () => {
  assert.equal(found(BASE.replace("backbone vlm", "backbone v|lm")), [
    "other.lnas:5:19 vlm",
    "spec.lnas:11:12 vlm",
    "spec.lnas:20:19 vlm",
  ]);
});

suite("a name of the standard library", () => {
  assert.equal(found(BASE.replace("= mllama", "= ml|lama")), [
    "spec.lnas:11:18 mllama",
    "spec.lnas:3:10 mllama",
    "std:backbones.lnas:4:10 mllama",
  ]);
});

suite("nothing is bound there", () => {
  assert.equal(found(BASE.replace("finalists 2", "final|ists 2")), []);
  assert.equal(found(`|${BASE}`), []);
});

suite.run();
