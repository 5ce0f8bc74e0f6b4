import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import {
  applySafeFixes,
  compile,
  type DiagnosticCode,
  diagnosticsJson,
  diagnosticTable,
  renderText,
} from "../../compiler/index.js";
import { assertGolden, REPOSITORY } from "../golden.js";
import { CASES, type Case } from "./cases.js";
import { EXPLANATIONS } from "./explanations.js";
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
  const [json] = diagnosticsJson(diagnostics, (file) => texts.get(file)).diagnostics;
  assert.equal(json!.start, { line: 32, column: 18 });
  assert.equal(json!.end, { line: 32, column: 22 });
});

const plain = (text: string) => text.replace(/\{(\w+)\}/g, "‹$1›");
/** The files of a case, without marks. */
function filesOf(row: Case, piece: string): Record<string, string> {
  const all = { "spec.lnas": specOf(row, piece), ...row.files };
  return Object.fromEntries(Object.entries(all).map(([name, text]) => [name, unmark(text).text]));
}

/** The page of a code, from its case. */
function pageOf(code: DiagnosticCode, row: Case): string {
  const { severity, message } = diagnosticTable[code];
  const block = (language: string, text: string) => [
    `\`\`\`${language}`,
    text.replace(/[«»]/g, "").replace(/^\n+|\n+$/g, ""),
    "```",
    "",
  ];
  const lines = [`# ${code}: ${plain(message)}`, "", `${row.meaning} (${severity})`, "", EXPLANATIONS[code], ""];
  // A page must not hide what the diagnostic is about.
  const visible = (text: string) => text.replaceAll("\u202e", "‹U+202E›");
  if (row.wrong !== "") {
    const files = filesOf(row, row.wrong);
    const { diagnostics } = compile("spec.lnas", memoryHost(files));
    lines.push("## Wrong", "", ...block("lnas", visible(shortened(row.wrong))));
    for (const [name, text] of Object.entries(row.files ?? {}))
      lines.push(`with \`${name}\``, "", ...block("lnas", text));
    lines.push(
      "`lnasc check` prints",
      "",
      ...block("text", visible(shortened(renderText(diagnostics, (file) => files[file])))),
    );
  }
  if (row.right !== "" && row.wrong !== "") lines.push("## Mended", "", ...block("lnas", shortened(row.right)));
  lines.push("All diagnostics: [the list](../diagnostics.md).", "");
  return lines.join("\n");
}

/** Long rows of brackets say no more than short ones. */
const shortened = (text: string) => text.replace(/([[\]«»])[[\]«»]{8,}/g, "$1…");

/** The list of all. */
function index(): string {
  const rows = (Object.keys(CASES) as DiagnosticCode[]).map((code) => {
    const { severity, message } = diagnosticTable[code];
    return `| [${code}](diagnostics/${code}.md) | ${severity} | ${plain(message).replaceAll("|", "\\|")} |`;
  });
  return `# Diagnostics

Every message of \`lnasc check\`. Each has a page with a spec that has it and the same spec mended; \`lnasc explain LNAS1203\` prints the page. A warning that is meant to be
there is allowed in the spec, with a reason: \`// allow LNAS1502: the limit is a guard only\`, at the end of the line or on the line before. \`lnasc check --deny warnings\` takes
warnings as errors, \`--fix\` mends what can be mended safely.

The pages are made from the cases that the tests run (\`test/compiler/cases.ts\`, \`explanations.ts\`); \`UPDATE_GOLDEN=1 npm test -- compiler/diagnostics\` writes them.

| code | severity | message |
|---|---|---|
${rows.join("\n")}
`;
}

suite("docs/diagnostics has a page for each code, made from its case, and no other", () => {
  assertGolden("../../docs/diagnostics.md", index());
  for (const [code, row] of Object.entries(CASES) as [DiagnosticCode, Case][])
    assertGolden(`../../docs/diagnostics/${code}.md`, pageOf(code, row));
  const pages = readdirSync(join(REPOSITORY, "docs/diagnostics")).map((file) => file.replace(".md", ""));
  assert.equal(pages.sort(), Object.keys(diagnosticTable).sort());
});

suite("every code of the table is reported somewhere in the compiler, and every report is in the table", () => {
  const sources = readdirSync(join(REPOSITORY, "compiler"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith("table.ts"))
    .map((file) => readFileSync(join(REPOSITORY, "compiler", file), "utf8"))
    .join("\n");
  const used = new Set(sources.match(/(?<=")LNAS\d{4}(?=")/g));
  assert.equal([...used].sort(), Object.keys(diagnosticTable).sort());
  const codes = Object.keys(diagnosticTable).length;
  console.log(`${codes} diagnostics, ${codes} pages, ${Object.keys(CASES).length} cases`);
});

suite("a safe fix mends what it is offered for", () => {
  let mended = 0;
  for (const [code, row] of Object.entries(CASES) as [DiagnosticCode, Case][]) {
    if (row.wrong === "") continue;
    const files: Record<string, string> = filesOf(row, row.wrong);
    const { diagnostics } = compile("spec.lnas", memoryHost(files));
    const { texts, applied } = applySafeFixes(
      diagnostics,
      (file) => files[file],
      (file) => file in files,
    );
    if (applied.length === 0) continue;
    mended++;
    const after = compile("spec.lnas", memoryHost({ ...files, ...Object.fromEntries(texts) })).diagnostics;
    assert.equal(
      after.map((found) => found.code),
      [],
      `${code}\n${texts.get("spec.lnas")}`,
    );
  }
  assert.ok(mended >= 10, `${mended} cases have a safe fix`);
});

suite("a warning is allowed at the end of any line that what it is about has a part on", () => {
  const warned = "subject to parameters <= uniform rank 9";
  const codes = (written: string) =>
    compileText(BASE.replace("subject to parameters <= uniform rank 1", () => written)).diagnostics.map(
      ({ code }) => code,
    );
  const comment = "// allow LNAS1502: a guard only";
  assert.equal(codes(warned), ["LNAS1502"]);
  assert.equal(codes(`${warned} ${comment}`), []);
  assert.equal(codes(`${warned.replace("to ", "to\n      ")} ${comment}`), []);
  assert.equal(codes(`${warned.replace("to ", `to ${comment}\n`)}`), []);
  assert.equal(codes(`${warned}\n\n${comment}\n`), ["LNAS1502", "LNAS1604"]);
});

suite.run();
