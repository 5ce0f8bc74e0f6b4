/** Renaming across files, and what cannot be renamed. */
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { edited } from "../../compiler/diagnostics/fixes.js";
import { renameAt, renameableAt } from "../../compiler/services/rename.js";
import { BASE, memoryHost } from "../compiler/host.js";
import { analyzed, edit, FILE } from "./editor.js";

const suite = makeSuite("services: rename");

const OTHER = `edition 1
import { ranks, base } from "./spec.lnas"
const more = [ranks]
experiment other extends base {
  adapter lora on vlm { target projector rank in ranks }
}
`;

/** What a rename makes of the files, or why it makes nothing. */
function renamed(marked: string, newName: string) {
  const { analysis, host, offset, text } = edit(marked, { "other.lnas": OTHER });
  const other = analyzed("other.lnas", host);
  const result = renameAt([analysis, other], analysis, offset, newName);
  if ("refusal" in result) return result;
  const after = (file: string, before: string) =>
    edited(
      before,
      result.edits.filter(({ place }) => place.file === file),
    );
  return { spec: after(FILE, text), other: after("other.lnas", OTHER), count: result.edits.length };
}
const refusal = (marked: string, newName: string) => (renamed(marked, newName) as { refusal?: string }).refusal;
const compiled = (spec: string, other: string) =>
  analyzed("other.lnas", memoryHost({ [FILE]: spec, "other.lnas": other })).compilation;

suite("a constant in two files; the meaning stays", () => {
  const result = renamed(BASE.replace("const ranks", "const |ranks"), "choices");
  assert.ok("spec" in result);
  assert.is(result.count, 5);
  assert.is(result.spec, BASE.replaceAll(/\branks\b/g, "choices"));
  assert.is(result.other, OTHER.replaceAll(/\branks\b/g, "choices"));
  const [before, after] = [compiled(BASE, OTHER), compiled(result.spec, result.other)];
  assert.equal(after.diagnostics, []);
  assert.equal(
    after.experiments.map(({ irHash }) => irHash),
    before.experiments.map(({ irHash }) => irHash),
  );
});

suite("an experiment, a backbone and a data set", () => {
  for (const [name, uses] of [
    ["base", 3],
    ["vlm", 3],
    ["digits", 1],
  ] as const) {
    const result = renamed(BASE.replace(` ${name} `, ` |${name} `), "another");
    assert.ok("spec" in result, name);
    assert.is(result.count, uses, name);
    assert.equal(compiled(result.spec, result.other).diagnostics, [], name);
  }
});

suite("an experiment that a sweep names, and a sweep", () => {
  const text = `${BASE}experiment tight extends base { seed 8 }\nsweep all = base, tight`;
  const experiment = renamed(text.replace("base, tight", "base, ti|ght"), "small");
  assert.ok("spec" in experiment);
  assert.is(experiment.spec, text.replaceAll("tight", "small"));
  const sweep = renamed(text.replace("sweep all", "sweep al|l"), "budgets");
  assert.ok("spec" in sweep);
  assert.is(sweep.spec, text.replace("sweep all", "sweep budgets"));
  assert.match(refusal(text.replace("sweep all", "sweep |all"), "tight")!, "already declared");
});

suite("where a keyword can be read as a name, it may be one", () => {
  const result = renamed(BASE.replace("const ranks", "const |ranks"), "target");
  assert.ok("spec" in result);
  assert.equal(compiled(result.spec, result.other).diagnostics, []);
  // No option has this choice here, and a controller is no constant.
  assert.is(refusal(BASE.replace("const ranks", "const |ranks"), "uniform"), undefined);
});

suite("refused: no name, a name of the standard library, a name that is taken or would catch another word", () => {
  const ranks = BASE.replace("const ranks", "const |ranks");
  assert.match(refusal(ranks, "1st")!, "is no name");
  assert.match(refusal(ranks, "a b")!, "is no name");
  assert.match(refusal(ranks, "base")!, "`base` is already declared in spec.lnas");
  assert.match(refusal(ranks, "more")!, "`more` is already declared in other.lnas");
  assert.match(refusal(ranks, "gradient_probe")!, "already means something else in spec.lnas");
  assert.match(refusal(BASE.replace("= mllama", "= ml|lama"), "llama")!, "standard library");
  assert.match(refusal(BASE.replace("finalists 2", "final|ists 2"), "x")!, "no name here");
});

suite("refused: a keyword that would cut the file elsewhere", () => {
  // At the head of a line `train` begins a declaration; `rank` begins none.
  const text = "edition 1\nconst |a = 1\nconst b =\na\nconst c = 2\n";
  assert.match(refusal(text, "train")!, "`train` could not be read as a name");
  assert.is(refusal(text, "rank"), undefined);
});

suite("what can be renamed", () => {
  const span = (marked: string) => {
    const { analysis, offset } = edit(marked);
    return renameableAt(analysis, offset);
  };
  assert.equal(span(BASE.replace("rank in ranks", "rank in ra|nks")), {
    start: BASE.indexOf("rank in ranks") + 8,
    end: BASE.indexOf("rank in ranks") + 13,
  });
  assert.is(span(BASE.replace("= mllama", "= ml|lama")), undefined);
  assert.is(span(`|${BASE}`), undefined);
});

suite.run();
