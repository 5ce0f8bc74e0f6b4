/** What machines read: JSON, SARIF, GitHub's annotations, IR files. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Ajv } from "ajv";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { diagnosticsJson, githubAnnotations, renderText, sarifLog } from "../../compiler/index.js";
import { loadIR } from "../../compiler/ir/load.js";
import { PUBLISHED_SCHEMAS } from "../../tools/write-schemas.js";
import { REPOSITORY } from "../golden.js";
import { BASE, compileText } from "./host.js";

const suite = makeSuite("output for machines");

const MISTAKES = BASE.replace("prior gradient_probe", "pior gradient_probe")
  .replace("rank in ranks", "rank in ranks\n    target **.q_proj rank in [0, 4]")
  .replace("uniform rank 1", "uniform rank 1_000");
const { diagnostics, texts } = compileText(MISTAKES);
const textOf = (file: string) => texts.get(file);
const schemaOf = (path: string) => JSON.parse(readFileSync(path, "utf8")) as object;
const validated = (schema: object, value: unknown): string[] => {
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, unicodeRegExp: false });
  const check = ajv.compile(schema);
  check(JSON.parse(JSON.stringify(value)));
  return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

suite("JSON satisfies its published schema, which refuses other things", () => {
  const schema = schemaOf(join(REPOSITORY, "schemas/diagnostics.schema.json"));
  const value = diagnosticsJson(diagnostics, textOf);
  assert.ok(value.diagnostics.length >= 2);
  assert.ok(value.diagnostics.some(({ fixes }) => fixes.length > 0));
  assert.ok(value.diagnostics.some(({ labels }) => labels.length > 0));
  assert.equal(validated(schema, value), []);
  assert.is.not(validated(schema, { ...value, version: 2 }).length, 0);
});

suite("the published schemas of IR and lock are those that are enforced: `npm run schemas` writes them", () => {
  for (const [file, schema] of Object.entries(PUBLISHED_SCHEMAS))
    assert.equal(schemaOf(join(REPOSITORY, "schemas", file)), JSON.parse(JSON.stringify(schema)), `${file} is stale`);
  const published = schemaOf(join(REPOSITORY, "schemas/experiment.schema.json"));
  const { ir } = compileText(BASE).experiments[0]!;
  assert.equal(validated(published, ir), []);
  assert.is.not(validated(published, { ...ir, seed: "7" }).length, 0);
});

suite("SARIF satisfies the official schema", () => {
  const schema = schemaOf(createRequire(import.meta.url).resolve("schemastore/schemas/json/sarif-2.1.0.json"));
  const log = sarifLog(diagnostics, textOf, { version: "0.0.0", pageOf: (code) => `# ${code}` });
  assert.equal(validated(schema, log), []);
  assert.is.not(validated(schema, { ...log, version: "2.0.0" }).length, 0);
  assert.equal(validated(schema, sarifLog([], textOf, { version: "0.0.0" })), []);
});

suite("SARIF points at the characters, and its fixes say what to write there", () => {
  const [run] = (
    sarifLog(diagnostics, textOf, { version: "0.0.0" }) as {
      runs: readonly { results: readonly SarifResult[]; tool: { driver: { rules: readonly { id: string }[] } } }[];
    }
  ).runs;
  const result = run!.results.find(({ ruleId }) => ruleId === "LNAS1203")!;
  const line = MISTAKES.split("\n").findIndex((text) => text.includes("pior")) + 1;
  const region = { startLine: line, startColumn: 18, endLine: line, endColumn: 22 };
  assert.equal(result.locations[0]!.physicalLocation, {
    artifactLocation: { uri: "spec.lnas", uriBaseId: "%SRCROOT%" },
    region,
  });
  assert.equal(result.fixes![0]!.artifactChanges[0]!.replacements, [
    { deletedRegion: region, insertedContent: { text: "prior" } },
  ]);
  for (const { ruleId, ruleIndex } of run!.results) assert.is(run!.tool.driver.rules[ruleIndex]!.id, ruleId);
});
interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly locations: readonly { readonly physicalLocation: unknown }[];
  readonly fixes?: readonly { readonly artifactChanges: readonly { readonly replacements: unknown }[] }[];
}

suite("GitHub's annotations have file, line and column, and escape what would end them", () => {
  const lines = githubAnnotations(diagnostics, textOf).trimEnd().split("\n");
  assert.is(lines.length, diagnostics.length);
  const line = MISTAKES.split("\n").findIndex((text) => text.includes("pior")) + 1;
  assert.ok(
    lines.some((text) =>
      text.startsWith(`::error file=spec.lnas,line=${line},endLine=${line},col=18,endColumn=22,title=LNAS1203::`),
    ),
    lines.join("\n"),
  );
  const [first] = diagnostics as readonly [(typeof diagnostics)[number]];
  const strange = { ...first, message: "100%\r\n::error::", place: { ...first.place, file: "a,b:c%\n.lnas" } };
  const written = githubAnnotations([strange], textOf);
  assert.is(written.split("\n").length, 2);
  assert.match(written, "file=a%2Cb%3Ac%25%0A.lnas,");
  assert.match(written, "::100%25%0D%0A::error::%0A");
});

suite("no control character of a spec or of a file's name reaches a terminal", () => {
  const bell = "\u001b[31m\u0007\u202e";
  const spec = BASE.replace('"the base', `"${bell}the base`).replace("pior", "pior");
  const found = compileText(spec);
  const named = found.diagnostics.map((one) => ({ ...one, place: { ...one.place, file: `a${bell}.lnas` } }));
  const text = renderText(named, () => spec);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  assert.not.match(text, /[\u0007\u001b\u202e]/);
});

suite("an IR file is read back; what breaks the schema is told at its characters", () => {
  const { ir, irText } = compileText(BASE).experiments[0]!;
  assert.equal(loadIR("x.ir.json", irText), { ir, diagnostics: [] });
  const told = (text: string) =>
    loadIR("x.ir.json", text).diagnostics.map(({ code, message, place }) => [
      code,
      message,
      text.slice(place.span.start, place.span.end),
    ]);
  const pretty = JSON.stringify(ir, null, 2);
  assert.equal(told(pretty.replace('"seed": 7', '"seed": -7')), [
    ["LNAS1901", "this is no IR of this version: /seed must be >= 0", '"seed": -7'],
  ]);
  assert.equal(told(pretty.replace('"seed": 7', '"seed": 7, "sede": 8'))[0]![2], '"sede": 8');
  assert.is(told(pretty.replace('"irVersion": 1', '"irVersion": 99'))[0]![2], '"irVersion": 99');
  assert.match(told("{ nonsense")[0]![1]!, "no JSON");
  assert.match(told("")[0]![1]!, "");
});

suite("of a very long line the part around the place is shown, and the mark stands below it", () => {
  const long = "x".repeat(500_000);
  for (const [before, after] of [
    ["", ` // ${long}`],
    [`/* ${long} */ `, ""],
    [`/* ${long} */ `, ` // ${long}`],
  ]) {
    const text = BASE.replace("seed 7", `${before}seed here${after}`);
    const { diagnostics } = compileText(text);
    const shown = renderText(diagnostics, () => text).split("\n");
    assert.is(diagnostics.length, 1);
    assert.ok(shown.every((line) => line.length < 300));
    const marks = shown.findIndex((line) => line.includes("^^^^"));
    const at = shown[marks]!.indexOf("^^^^");
    assert.is(shown[marks - 1]!.slice(at, at + 4), "here");
  }
});

suite.run();
