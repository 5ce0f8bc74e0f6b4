import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { compile, type DiagnosticCode, diagnosticsJson, diagnosticTable, renderText } from "../../compiler/index.js";
import { assertGolden } from "../golden.js";
import { CASES, type Case } from "./cases.js";
import { BASE, compileText, memoryHost } from "./host.js";

const suite = makeSuite("diagnostics");
/** Codes that no text of a spec can have. */
const APART: readonly DiagnosticCode[] = ["LNAS1109", "LNAS1901"];

/** A text without its marks, and the span they marked. */
function unmark(text: string): { text: string; start: number; end: number } {
  const start = text.indexOf("«");
  const end = text.indexOf("»") - 1;
  return { text: text.replace(/[«»]/g, ""), start, end };
}

function specOf({ instead }: Case, piece: string): string {
  if (instead === undefined) return piece;
  assert.ok(BASE.includes(instead), `the base spec no longer has ${instead}`);
  return BASE.replace(instead, () => piece);
}

suite("the base spec has none", () => {
  const { diagnostics, experiments } = compileText(BASE);
  assert.equal(diagnostics, []);
  assert.is(experiments.length, 1);
});

for (const [code, row] of Object.entries(CASES) as [DiagnosticCode, Case][]) {
  if (APART.includes(code)) continue;
  suite(`${code}: only it is reported, at the right characters; the mended spec has none`, () => {
    const marked = { "spec.lnas": specOf(row, row.wrong), ...row.files };
    const files = Object.fromEntries(Object.entries(marked).map(([name, text]) => [name, unmark(text).text]));
    const { diagnostics } = compile("spec.lnas", memoryHost(files));
    assert.equal(
      diagnostics.map((found) => found.code),
      [code],
      renderText(diagnostics, (file) => files[file]),
    );
    for (const [name, text] of Object.entries(marked)) {
      const { start, end } = unmark(text);
      if (start < 0) continue;
      assert.is(diagnostics[0]!.place.file, name);
      assert.equal(diagnostics[0]!.place.span, { start, end }, code);
    }
    assert.is(diagnostics[0]!.severity, diagnosticTable[code].severity);
    assert.not.match(diagnostics[0]!.message + diagnostics[0]!.help, /\{\w+\}/);
    if (row.right === "") return;
    const mended = compileText(specOf(row, row.right), row.files).diagnostics;
    assert.equal(
      mended.map((found) => found.code),
      [],
    );
  });
}

suite("a spec that is not there is LNAS1109", () => {
  assert.equal(
    compile("absent.lnas", memoryHost({})).diagnostics.map(({ code }) => code),
    ["LNAS1109"],
  );
});

suite("ten independent mistakes in one file are all reported, and nothing else", () => {
  const mistakes: readonly (readonly [string, string, DiagnosticCode])[] = [
    ["seed 7", "seed seven", "LNAS1108"],
    ['test messages("test.jsonl")', 'tests messages("test.jsonl")', "LNAS1203"],
    ["dropout 0", "dropout 2", "LNAS1204"],
    ["target vision.**", "target vison.**", "LNAS1401"],
    ["prior gradient_probe", "prior gradient_prob", "LNAS1204"],
    ["finalists 2", "finalists 0", "LNAS1204"],
    ["compare with uniform, random", "compare with unifrm, random", "LNAS1108"],
    ["train final { steps 300, batch 16 }", "train final { steps 3.5, batch 16 }", "LNAS1204"],
    ["wall_clock 6h", "wall_clok 6h", "LNAS1203"],
    ['export peft "adapter"', 'export peft "../adapter"', "LNAS1204"],
  ];
  let text = BASE;
  for (const [from, to] of mistakes) text = text.replace(from, to);
  const { diagnostics } = compileText(text);
  assert.equal(diagnostics.map(({ code }) => code).sort(), mistakes.map(([, , code]) => code).sort());
});

suite("a mistake of syntax costs its item, not the file", () => {
  const text = BASE.replace("minimize loss on reward", "minimize 3").replace("seed 7", "seed -1");
  assert.equal(
    compileText(text).diagnostics.map(({ code }) => code),
    ["LNAS1204", "LNAS1001"],
  );
});

suite("text shows the place, the characters and the remedy; JSON counts lines and columns from 1", () => {
  const { diagnostics, texts } = compileText(BASE.replace("prior gradient_probe", "pior gradient_probe"));
  const text = renderText(diagnostics, (file) => texts.get(file));
  assert.match(text, "error[LNAS1203]: natural_policy_gradient has no option pior");
  assert.match(text, "spec.lnas:32:18");
  assert.match(text, "                  ^^^^\n");
  assert.match(text, "help: Did you mean `prior`?");
  const [json] = diagnosticsJson(diagnostics, (file) => texts.get(file));
  assert.equal(json!.start, { line: 32, column: 18 });
  assert.equal(json!.end, { line: 32, column: 22 });
});

/** The reference page, from the same cases. */
function page(): string {
  const snippet = (text: string) => `\`\`\`lnas\n${text.replace(/[«»]/g, "").replace(/^\n+|\n+$/g, "")}\n\`\`\``;
  const lines = [
    "# Diagnostics",
    "",
    "Every message of `lnasc check`, with a piece of a spec that has it and the same piece mended. The page is made from the cases that the tests run",
    "(`test/compiler/cases.ts`); `UPDATE_GOLDEN=1 npm test -- compiler/diagnostics` writes it.",
    "",
  ];
  for (const [code, row] of Object.entries(CASES) as [DiagnosticCode, Case][]) {
    const { severity, message, help } = diagnosticTable[code];
    const plain = (text: string) => text.replace(/\{(\w+)\}/g, "‹$1›");
    lines.push(`## ${code}`, "", `${severity}: ${plain(message)}`, "", row.meaning, "", `Remedy: ${plain(help)}`, "");
    if (row.wrong !== "" && !/[\u202e]/.test(row.wrong)) lines.push("Wrong:", "", snippet(row.wrong), "");
    if (row.right !== "" && row.wrong !== "") lines.push("Right:", "", snippet(row.right), "");
  }
  return lines.join("\n");
}

suite("docs/diagnostics.md is what the cases say", () => assertGolden("../../docs/diagnostics.md", page()));

suite.run();
