import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { renderText } from "../../compiler/index.js";
import { describeConfig } from "../../runtime/models/index.js";
import { type ControllerRow, controllerTable } from "../../runtime/search/controllers/table.js";
import { REPOSITORY } from "../golden.js";
import { compileText } from "./host.js";

const suite = makeSuite("specs in the documentation");
const read = (file: string) => readFileSync(join(REPOSITORY, file), "utf8");
const blocks = (text: string) => [...text.matchAll(/```lnas\n([\s\S]*?)```/g)].map((match) => match[1]!);

for (const file of ["README.md", "docs/language.md"])
  suite(`every spec in ${file} compiles`, () => {
    const found = blocks(read(file));
    assert.ok(found.length > 0);
    for (const text of found) {
      // Other blocks may import the page's first, which is a whole experiment.
      const { diagnostics, texts, experiments } = compileText(text, { "handwriting.lnas": found[0]! });
      assert.equal(
        diagnostics,
        [],
        renderText(diagnostics, (name) => texts.get(name)),
      );
      assert.is(experiments.length, text.match(/^experiment /gm)?.length ?? 0);
    }
  });

suite("docs/language.md has every controller with its options and defaults", () => {
  const page = read("docs/language.md");
  for (const [name, row] of Object.entries(controllerTable) as [string, ControllerRow][]) {
    assert.match(page, `**\`${name}\`**: ${row.summary}`);
    for (const [option, { kind, default: preset, doc }] of Object.entries(row.options))
      if (kind !== "prior ranks" && kind !== "prior policy")
        assert.match(page, `| \`${option}\` | ${preset ?? "–"} | ${doc} |`);
  }
  const [keeping, others] = page.split("Policies are kept by ")[1]!.split("; ") as [string, string];
  const named = (text: string) => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name).sort();
  const rows = Object.entries(controllerTable);
  assert.equal(named(keeping), rows.flatMap(([name, { policy }]) => (policy ? [name] : [])).sort());
  assert.equal(
    named(others.split(" prefer nothing")[0]!),
    rows.flatMap(([name, { policy }]) => (policy ? [] : [name])).sort(),
  );
});

suite("docs/language.md has every published model of std:backbones, with its figures", () => {
  const page = read("docs/language.md");
  const records = [
    ...read("stdlib/backbones.lnas").matchAll(/^backbone (\w+) \{\n {2}family +(\w+)\n {2}config +"([^"]+)"/gm),
  ];
  assert.is(records.length, readdirSync(join(REPOSITORY, "stdlib")).filter((file) => file.endsWith(".json")).length);
  for (const [, name, family, config] of records) {
    const { parameters, modules, work } = describeConfig(JSON.parse(read(`stdlib/${config}`)));
    const figures = [parameters, modules.length, work.positionsPerImage.language!].map((n) =>
      n.toLocaleString("en-US"),
    );
    assert.match(page, `| \`${name}\` | \`${family}\` | ${figures.join(" | ")} |`);
  }
});

suite("every JSON block of the pages is JSON", () => {
  for (const [, text] of read("docs/data.md").matchAll(/```json\n([\s\S]*?)```/g))
    assert.not.throws(() => JSON.parse(text!), undefined, text);
});

suite("links between pages lead somewhere", () => {
  const pages = [
    "README.md",
    "CONTRIBUTING.md",
    ...readdirSync(join(REPOSITORY, "docs"))
      .filter((file) => file.endsWith(".md"))
      .map((file) => `docs/${file}`),
  ];
  for (const page of pages)
    for (const [, target] of read(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g))
      assert.not.throws(
        () => readFileSync(join(REPOSITORY, page, "..", target!)),
        undefined,
        `${page} links to ${target}`,
      );
});

suite.run();
