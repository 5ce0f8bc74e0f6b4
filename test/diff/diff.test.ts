/** The semantic diff: a pair for each rule, and its laws. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import {
  diffExperiments,
  diffJson,
  diffMarkdown,
  diffText,
  type ExperimentDiff,
  gravest,
  RULES,
} from "../../compiler/diff/index.js";
import { comparability } from "../../compiler/diff/report.js";
import { format } from "../../compiler/format/index.js";
import { type Compiled, irSchema, renderText } from "../../compiler/index.js";
import { compileText, BASE as RELATIVE } from "../compiler/host.js";
import { REPOSITORY } from "../golden.js";
import { PAIRS, type Pair } from "./pairs.js";

const suite = makeSuite("semantic diff");

/** With a limit that does not move with the modules. */
const BASE = RELATIVE.replace("uniform rank 1", "6_912");
const CONFIG = readFileSync(join(REPOSITORY, "examples/handwriting/backbone/config.json"), "utf8");
const compiled = (text: string, files: Readonly<Record<string, string>> = {}): readonly Compiled[] => {
  const { experiments, diagnostics, texts } = compileText(text, { "copy/config.json": CONFIG, ...files });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  assert.equal(
    errors,
    [],
    renderText(errors, (file) => texts.get(file)),
  );
  return experiments;
};
function edited(text: string, edits: Pair["edits"]): string {
  let result = text;
  for (const [from, to] of edits) {
    assert.ok(result.includes(from), from);
    result = result.replace(from, () => to);
  }
  return result;
}
const textOf = () => BASE;
/** A run that specs may start from. */
const EARLIER = {
  "runs/a/ir.json": JSON.stringify({ adapter: compiled(BASE)[0]!.ir.adapter }),
  "runs/a/stages/super-network.json": "{}",
};

for (const [at, { rule, category, severity, edits, says, config = [] }] of PAIRS.entries())
  suite(`pair ${at + 1}, ${rule}: ${says}`, () => {
    // A pair about the model changes its configuration, and looks at both with the same spec.
    const isAboutModel = config.length > 0;
    const before = compiled(isAboutModel ? edited(BASE, edits) : BASE);
    const after = compiled(edited(BASE, edits), {
      ...EARLIER,
      ...(isAboutModel && { "backbone/config.json": edited(CONFIG, config) }),
    });
    const [diff, ...others] = diffExperiments(before, after) as [ExperimentDiff];
    assert.equal(others, []);
    const found = diff.changes.filter((change) => change.rule === rule);
    assert.equal(
      found.map((change) => [change.category, change.severity]),
      [[category, severity]],
      diffText([diff], textOf),
    );
    assert.match(`${found[0]!.message} (${found[0]!.consequence})`, says);
    // Only what follows from the change may be told beside it.
    if (!isAboutModel && rule !== "controller") assert.is(diff.changes.length, 1, diffText([diff], textOf));
    assert.ok(found[0]!.place !== undefined);
    const [back] = diffExperiments(after, before) as [ExperimentDiff];
    const mirrored = { "added-modules": "removed-modules", "removed-modules": "added-modules" };
    assert.equal(
      back.changes.map((change) => change.rule).sort(),
      diff.changes.map((change) => mirrored[change.rule as keyof typeof mirrored] ?? change.rule).sort(),
      "the diff the other way mirrors this one",
    );
  });

suite("every rule has a pair, but those whose change no spec of this version can make", () => {
  const apart = ["adapter-method", "language-version"];
  const paired = new Set(PAIRS.map(({ rule }) => rule));
  assert.equal(
    RULES.map(({ name }) => name)
      .filter((name) => !paired.has(name))
      .sort(),
    apart,
  );
  assert.ok(PAIRS.length >= 30);
});

suite("rules for what no spec can say yet find it in the IR", () => {
  const [base] = compiled(BASE) as [Compiled];
  const changed: readonly (readonly [string, object])[] = [
    ["adapter-method", { adapter: { ...base.ir.adapter, kind: "dora" } }],
    ["language-version", { edition: 2 }],
  ];
  for (const [rule, change] of changed) {
    const other = { ...base, ir: { ...base.ir, ...change } as Compiled["ir"] };
    assert.equal(
      diffExperiments([base], [other])[0]!.changes.map((found) => [found.rule, found.severity]),
      [[rule, "breaking"]],
    );
  }
});

/** The leaves of a JSON schema, as pointers; `*` for items and for any key. */
function leavesOf(schema: object, pointer = ""): string[] {
  const { properties, items, oneOf, type } = schema as {
    properties?: Record<string, object>;
    items?: object;
    oneOf?: readonly object[];
    type?: string;
  };
  if (oneOf !== undefined) return oneOf.flatMap((one) => leavesOf(one, pointer));
  if (properties !== undefined)
    return Object.entries(properties).flatMap(([name, property]) => leavesOf(property, `${pointer}/${name}`));
  if (items !== undefined && type === "array") return leavesOf(items, `${pointer}/*`);
  return [pointer];
}

suite("every part of the IR is covered by a rule, and every rule covers a part", () => {
  const leaves = [...new Set(leavesOf(irSchema))];
  const covers = RULES.flatMap((rule) => rule.covers);
  const isCovered = (leaf: string, cover: string) =>
    leaf === cover || leaf.startsWith(`${cover}/`) || (cover.endsWith("/*") && leaf.startsWith(cover.slice(0, -1)));
  for (const leaf of leaves)
    assert.ok(
      covers.some((cover) => isCovered(leaf, cover) || `${leaf}/*` === cover),
      `no rule for ${leaf}`,
    );
  for (const cover of covers)
    assert.ok(
      leaves.some((leaf) => isCovered(leaf, cover) || `${leaf}/*` === cover),
      `${cover} is no part of the IR`,
    );
});

suite("the same meaning in another layout, order or notation is no change", () => {
  const same = [
    format(BASE).text!,
    BASE.replaceAll("\n", "\r\n"),
    BASE.replace("seed 7", "// why\n  seed 7"),
    BASE.replace("target vision.**", "target vision.transformer.**, vision.global_transformer.**"),
    RELATIVE,
  ];
  for (const text of same) {
    const diffs = diffExperiments(compiled(BASE), compiled(text));
    assert.equal(
      diffs.map(({ changes }) => changes),
      [[]],
    );
    assert.match(diffText(diffs, textOf), "no change of meaning");
    assert.match(diffMarkdown(diffs, textOf), "no change of meaning");
    assert.is(gravest(diffs), undefined);
  }
});

suite("a diff is empty exactly when the hashes are equal", () => {
  for (const { edits, config } of PAIRS) {
    if (config !== undefined) continue;
    const [before, after] = [compiled(BASE)[0]!, compiled(edited(BASE, edits), EARLIER)[0]!];
    const [diff] = diffExperiments([before], [after]) as [ExperimentDiff];
    assert.is(diff.changes.length === 0, before.irHash === after.irHash);
  }
});

suite("experiments are matched by name, by meaning, by likeness; the rest was added or removed", () => {
  const renamed = diffExperiments(compiled(BASE), compiled(BASE.replace("experiment base", "experiment other")));
  assert.equal(
    renamed.map(({ changes }) => changes.map(({ rule }) => rule)),
    [["experiment-name"]],
  );
  const both = diffExperiments(
    compiled(BASE),
    compiled(BASE.replace("experiment base", "experiment other").replace("seed 7", "seed 8")),
  );
  assert.equal(
    both.map(({ changes }) => changes.map(({ rule }) => rule)),
    [["seed", "experiment-name"]],
  );
  const more = diffExperiments(compiled(BASE), compiled(`${BASE}experiment second extends base { seed 9 }\n`));
  assert.equal(
    more.map(({ changes }) => changes.map(({ rule, severity }) => [rule, severity])),
    [[], [["added-experiment", "note"]]],
  );
  const fewer = diffExperiments(compiled(`${BASE}experiment second extends base { seed 9 }\n`), compiled(BASE));
  assert.is(gravest(fewer), "breaking");
});

suite("the summary says why results are not comparable", () => {
  const text = edited(BASE, [
    ["seed 7", "seed 8"],
    ["test.jsonl", "other.jsonl"],
    ["target vision.**", "target **"],
  ]);
  const diffs = diffExperiments(compiled(BASE), compiled(text));
  assert.is(comparability(diffs[0]!), "results are not comparable with runs of the old spec: test split, seed changed");
  const shown = diffText(diffs, () => text);
  assert.match(shown, "36 modules added");
  assert.match(shown, "parameters at most 13,824 → ");
  assert.match(shown, "spec.lnas:9");
});

suite("of a prior over all modules a change lists some", () => {
  const earlier = (rank: number) => ({
    "runs/a/ir.json": JSON.stringify({ adapter: { targets: [] } }),
    "runs/a/ranks.json": JSON.stringify({ peft_type: "LORA", r: rank, target_modules: ".*vision_model.*" }),
  });
  const text = BASE.replace("prior gradient_probe", 'prior run("runs/a")');
  const [diff] = diffExperiments(compiled(text, earlier(1)), compiled(text, earlier(2)));
  const [change] = diff!.changes;
  assert.is(change!.rule, "controller-options");
  assert.match(change!.message, /prior_ranks\.\S+ 1 → 2, .*, and 12 more$/);
});

suite("JSON satisfies its published schema", () => {
  const schema = JSON.parse(readFileSync(join(REPOSITORY, "schemas/diff.schema.json"), "utf8")) as object;
  const check = new Ajv({ strict: false }).compile(schema);
  const value = diffJson(diffExperiments(compiled(BASE), compiled(BASE.replace("seed 7", "seed 8"))), textOf);
  assert.ok(check(JSON.parse(JSON.stringify(value))), JSON.stringify(check.errors));
  assert.not.ok(check({ ...value, version: 2 }));
});

suite.run();
