import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { type DiagnosticCode, renderText } from "../../compiler/index.js";
import { BASE, compileText } from "./host.js";

const suite = makeSuite("nothing that a spec says is ignored");

/** What is replaced in the base spec, by what (the marked characters are pointed at), and the code. */
const REFUSED: readonly (readonly [string, string, DiagnosticCode])[] = [
  ["dropout 0", "dropout 0 «dropout» 0.1", "LNAS1107"],
  ["dropout 0", "«scale» alpha / rank = 3", "LNAS1107"],
  ["controller { prior gradient_probe }", "controller «5»", "LNAS1204"],
  ["controller { prior gradient_probe }", "controller «reinforce» { prior gradient_probe }", "LNAS1204"],
  ["super_network { steps 200, batch 16 }", "super_network «7»", "LNAS1204"],
  ["finalists 2", "finalists 2 «{ steps 3 }»", "LNAS1204"],
  ["seeds 3", "seeds 3 «{ first 3 }»", "LNAS1204"],
  ['folder("backbone")', 'folder("backbone") { «cache» 1 }', "LNAS1203"],
  ['folder("backbone")', '«folder(path: "backbone")»', "LNAS1204"],
  ['folder("backbone")', '«folder("backbone", "other")»', "LNAS1204"],
  ['folder("backbone")', '«hub("a/b", revision: "c", token: "d")»', "LNAS1204"],
  ['folder("backbone")', '«hub("a/b", version: "c")»', "LNAS1204"],
  ['messages("train.jsonl")', 'messages("train.jsonl") { «images» 3 }', "LNAS1203"],
  ['messages("train.jsonl")', '«messages(file: "train.jsonl")»', "LNAS1204"],
  ["rank in ranks", "rank in «ladder(from: 1..4)»", "LNAS1404"],
  ["rank in ranks", "rank in «ladder(1 GiB..4)»", "LNAS1404"],
  ["uniform rank 1", "uniform rank 1 GiB", "LNAS1204"],
];

for (const [from, to, code] of REFUSED)
  suite(to.replace(/[«»]/g, ""), () => {
    assert.ok(BASE.includes(from), from);
    const marked = BASE.replace(from, () => to);
    const text = marked.replace(/[«»]/g, "");
    const { diagnostics } = compileText(text);
    assert.equal(
      diagnostics.map((found) => found.code),
      [code],
      renderText(diagnostics, () => text),
    );
    if (to.includes("«"))
      assert.equal(diagnostics[0]!.place.span, { start: marked.indexOf("«"), end: marked.indexOf("»") - 1 });
  });

suite("amounts that no number holds are refused, not carried on as infinity", () => {
  for (const [from, to] of [
    ["uniform rank 1", "1e999% of vlm"],
    ["uniform rank 1", "1e300% of vlm"],
    ["uniform rank 1", "1e18"],
    ["6h", "1e308 h"],
    ["= 2\n", "= 1e999\n"],
    ["dropout 0", "dropout 1e999"],
    ["seed 7", "seed 1e30"],
    ["steps 300", "steps 1e999"],
    ["batch 16 }\n    finalists", "batch 16, optimizer adamw { learning_rate 1e999 } }\n    finalists"],
  ] as const) {
    const text = BASE.replace(from, () => to);
    assert.is.not(text, BASE, to);
    assert.equal(
      compileText(text).diagnostics.map(({ code }) => code),
      [to.includes("1e999") ? "LNAS1013" : "LNAS1204"],
      to,
    );
  }
});

suite("a decay rate of 1 is refused: AdamW would divide by zero", () => {
  const text = BASE.replace("steps 300,", "steps 300, optimizer adamw { beta2 1 },");
  assert.equal(
    compileText(text).diagnostics.map(({ code }) => code),
    ["LNAS1204"],
  );
});

suite("a record without a family says so", () => {
  const text = BASE.replace('import { mllama } from "std:backbones"', "backbone mllama { }");
  assert.equal(
    compileText(text).diagnostics.map(({ code }) => code),
    ["LNAS1205"],
  );
});

const ranksOf = (text: string, files: Readonly<Record<string, string>> = {}) => {
  const { experiments, diagnostics } = compileText(text, files);
  assert.equal(
    diagnostics,
    [],
    renderText(diagnostics, () => text),
  );
  return experiments[0]!.ir.adapter.targets[0]!.ranks;
};

suite("a constant's names mean what they mean in its own file", () => {
  const imported = 'import { ranks } from "./ranks.lnas"\nconst most = 7';
  const files = { "ranks.lnas": "edition 1\nconst ranks = all\nconst all = [0, 1, most]\nconst most = 2\n" };
  assert.equal(ranksOf(BASE.replace("const ranks = [0, 1, 2]", imported), files), [0, 1, 2]);
});

suite("constants stand for numbers within lists, ladders and calls", () => {
  const constants = 'const low = 2\nconst high = 8\nconst ranks = ladder(low..high)\nconst place = "backbone"';
  const text = BASE.replace("const ranks = [0, 1, 2]", constants).replace('folder("backbone")', "folder(place)");
  assert.equal(ranksOf(text), [0, 2, 4, 8]);
});

suite("names of nothing are told from values of the wrong kind, with the name that was meant", () => {
  const helpOf = (from: string, to: string) => {
    const { diagnostics } = compileText(BASE.replace(from, to));
    assert.equal(
      diagnostics.map(({ code }) => code),
      ["LNAS1108"],
    );
    return diagnostics[0]!.help;
  };
  assert.is(helpOf("rank in ranks", "rank in rankz"), "Did you mean `ranks`?");
  assert.is(helpOf("steps 300", "steps many"), "No constant has that name.");
  const circle = "const ranks = other\nconst other = ranks";
  assert.is(helpOf("const ranks = [0, 1, 2]", circle), "It is a constant that refers to itself.");
});

suite("constants that would unfold to more than fits anywhere take no time", () => {
  const doubling = Array.from({ length: 200 }, (_, index) => `const c${index + 1} = [c${index}, c${index}]`).join("\n");
  const text = BASE.replace("const ranks", () => `const c0 = 1\n${doubling}\nconst ranks`).replace(
    "seed 7",
    "seed c200",
  );
  assert.equal(
    compileText(text).diagnostics.map(({ code }) => code),
    ["LNAS1204"],
  );
});

suite("shares mean exactly what the same digits mean as a number", () => {
  const dropout = (written: string) =>
    compileText(BASE.replace("dropout 0", `dropout ${written}`)).experiments[0]!.ir.adapter.dropout;
  for (const [percent, number] of [
    ["57%", 0.57],
    ["6.7%", 0.067],
    ["0.1%", 0.001],
    ["29%", 0.29],
  ] as const)
    assert.is(dropout(percent), number);
});

suite.run();
