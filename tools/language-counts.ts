/**
 * How much of the language is documented and tested: constructs of docs/language.md with their tests of meaning and misuse, diagnostics with
 * their pages and cases. That none is missing is what the tests assert; this prints the numbers: `npm run language:counts`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { columns } from "../compiler/columns.js";
import { diagnosticTable } from "../compiler/index.js";
import { CASES } from "../test/compiler/cases.js";
import { PAIRS } from "../test/diff/pairs.js";

const root = process.cwd();
const read = (file: string) => readFileSync(join(root, file), "utf8");

const constructs = [...read("docs/language.md").matchAll(/^##+ (.+)$/gm)].map(([, heading]) => heading!);
const tests = [...read("test/compiler/language.test.ts").matchAll(/^(meaning|misuse)\(\s*"([^"]+)"/gm)].map(
  ([, kind, construct]) => ({ kind, construct }),
);
const count = (kind: string, construct: string) =>
  tests.filter((test) => test.kind === kind && test.construct === construct).length;
const pages = readdirSync(join(root, "docs/diagnostics")).filter((name) => /^LNAS\d+\.md$/.test(name));
const rows = Object.values(diagnosticTable);
const ofSeverity = (severity: string) => rows.filter((row) => row.severity === severity).length;

const table = [
  ["construct", "tests of meaning", "tests of misuse"],
  ...constructs.map((construct) => [
    construct,
    String(count("meaning", construct)),
    String(count("misuse", construct)),
  ]),
  [
    `${constructs.length} constructs`,
    ...["meaning", "misuse"].map((kind) => String(tests.filter((test) => test.kind === kind).length)),
  ],
];
console.log(columns(table, ["left", "right", "right"]).join("\n"));
console.log(
  `\n${rows.length} diagnostics (${ofSeverity("error")} errors, ${ofSeverity("warning")} warnings), ${pages.length} pages, ` +
    `${Object.keys(CASES).length} cases of a wrong and a mended spec; ${PAIRS.length} pairs of specs for diff`,
);
