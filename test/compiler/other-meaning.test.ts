/**
 * Every change of meaning changes the hash. Options come from the option tables, so a new one is covered by itself; what is no option has a row
 * below, and a field of the IR that no row changes fails the test.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { controllerFields } from "../../compiler/check/controller-fields.js";
import type { Field } from "../../compiler/check/fields.js";
import { type OptionRow, type OptionTable, optionsOf } from "../../compiler/check/options.js";
import { FAMILY_NAMES } from "../../compiler/families.js";
import { type ExperimentIR, irSchema, renderText } from "../../compiler/index.js";
import { type ControllerName, controllerTable } from "../../runtime/search/controllers/table.js";
import { REPOSITORY } from "../golden.js";
import { BASE, compileText } from "./host.js";

const suite = makeSuite("every change of meaning changes the hash");

type Files = Readonly<Record<string, string>>;
interface Version {
  readonly ir: ExperimentIR;
  readonly irHash: string;
}

const versionOf = (text: string, files: Files = {}): Version => {
  const { experiments, diagnostics } = compileText(text, files);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  assert.equal(
    errors,
    [],
    renderText(errors, () => text),
  );
  return experiments[0]!;
};
const replaced = (from: string, to: string, text = BASE) => {
  assert.ok(text.includes(from), from);
  return text.replaceAll(from, () => to);
};

/** Fields of the IR that some change has changed, as pointers with `*` for what stands in lists and among a controller's options. */
const changedFields = new Set<string>();

/** Every leaf of a value by its pointer. */
function leaves(value: unknown, pointer = "", found = new Map<string, unknown>()): Map<string, unknown> {
  if (typeof value === "object" && value !== null)
    for (const [key, part] of Object.entries(value)) leaves(part, `${pointer}/${key}`, found);
  else found.set(pointer, value);
  return found;
}
const general = (pointer: string) =>
  pointer.replace(/\/\d+(?=\/|$)/g, "/*").replace(/\/options\/\w+(\/.*)?$/, "/options/*");

/** Checks that versions and their base are all different, and remembers what they changed. */
function assertAllDiffer(base: Version, versions: readonly (Version & { readonly what: string })[]): void {
  const seen = new Map([[base.irHash, "the base"]]);
  const before = leaves(base.ir);
  for (const { ir, irHash, what } of versions) {
    assert.is(seen.get(irHash), undefined, `${what} means the same as ${seen.get(irHash)}`);
    seen.set(irHash, what);
    const after = leaves(ir);
    for (const pointer of new Set([...before.keys(), ...after.keys()]))
      if (before.get(pointer) !== after.get(pointer)) changedFields.add(general(pointer));
  }
}

/** A value of a field other than its default, as a spec writes it; undefined where there is no other. */
function otherValue(field: Field): string | undefined {
  switch (field.kind) {
    case "duration":
      return "5h";
    case "bytes":
      return "3 GiB";
    case "share":
      return "41%";
    case "choice":
      return field.choices.find((choice) => choice !== field.default);
    // Files are read for what they hold.
    case "file":
      return undefined;
    default: {
      const { min, max, above, below, kind } = field;
      const fits = (value: number) =>
        value !== field.default &&
        value >= min &&
        value <= max &&
        (above === undefined || value > above) &&
        (below === undefined || value < below) &&
        (kind === "number" || Number.isInteger(value));
      const preset = field.default ?? min;
      return [preset + 1, preset - 1, preset / 2, (min + max) / 2, min, max].find(fits)?.toString();
    }
  }
}

/** What a block may say to mean something else than when it says nothing: one option each. */
function changesIn(table: OptionTable): string[] {
  return Object.entries(table).flatMap(([name, row]) => changesOf(row).map((change) => `${name} ${change}`));
}
function changesOf(row: OptionRow): string[] {
  switch (row.kind) {
    case "field": {
      const other = otherValue(row.field);
      return other === undefined ? [] : [other];
    }
    case "block":
      return changesIn(row.options).map((change) => `{ ${change} }`);
    case "kinds":
      return Object.entries(row.kinds).flatMap(([kind, options]) => [
        ...(kind === row.default ? [] : [kind]),
        ...changesIn(options).map((change) => `${kind} { ${change} }`),
      ]);
    // Paths and calls, below.
    case "forms":
      return [];
  }
}

/** Blocks of the base spec that take options: what is replaced, and by what around the option. */
const BLOCKS = {
  train: ["train final { steps 300, batch 16 }", (option: string) => `train final { ${option} }`],
  budget: ["budget { wall_clock 6h }", (option: string) => `budget { ${option} }`],
} as const;

for (const [block, [from, around]] of Object.entries(BLOCKS) as [keyof typeof BLOCKS, (typeof BLOCKS)["train"]][])
  suite(`every option of ${block}`, () => {
    const changes = changesIn(optionsOf(block, FAMILY_NAMES, controllerTable));
    assert.ok(changes.length >= 2);
    const version = (option: string) => versionOf(replaced(from, around(option)));
    assertAllDiffer(
      version(""),
      changes.map((what) => ({ ...version(what), what })),
    );
  });

/** Controllers that need a file: what they are given, and other files that mean another thing. */
const ofRank = (rank: number) => JSON.stringify({ peft_type: "LORA", r: rank, target_modules: ".*vision_model.*" });
const RANK_FILES = { "one.json": ofRank(1), "none.json": ofRank(0) };
const FROM_FILES = ["one.json", "none.json"].map((file) => `ranks "${file}"`);
const needsFile = (name: string) => Object.values(controllerTable[name as ControllerName].options).some(isFile);
const isFile = ({ kind }: { readonly kind: string }) => kind === "ranks";

const SEARCH = BASE.slice(BASE.indexOf("search natural"), BASE.indexOf("compare with"));

suite("every option of a search, for every controller", () => {
  const changes: (Version & { readonly what: string })[] = [];
  const version = (controller: string, option: string) =>
    versionOf(replaced(SEARCH, `search ${controller} { ${option} }\n\n  `), RANK_FILES);
  const [first, ...others] = Object.keys(controllerTable);
  for (const controller of others.filter(needsFile))
    for (const from of FROM_FILES)
      changes.push({ ...version(controller, `controller { ${from} }`), what: `${controller} ${from}` });
  for (const controller of [first!, ...others].filter((name) => !needsFile(name))) {
    const found = changesIn(optionsOf("search", FAMILY_NAMES, controllerTable, controller));
    const own = Object.keys(controllerFields(controllerTable[controller as ControllerName].options)).length;
    assert.is(found.filter((change) => change.startsWith("controller {")).length, own, controller);
    if (controller !== first) changes.push({ ...version(controller, ""), what: controller });
    for (const what of found.filter((change) => change !== "beside fixed"))
      changes.push({ ...version(controller, what), what: `${controller}: ${what}` });
  }
  assertAllDiffer(version(first!, ""), changes);
});

suite("every option of every rival", () => {
  const version = (rivals: string) =>
    versionOf(replaced("compare with uniform, random, seeds 3", `compare with ${rivals}`), RANK_FILES);
  const rivals = Object.entries(controllerTable).filter(([, row]) => row.rival);
  const changes = rivals.flatMap(([name, row]) => {
    if (needsFile(name)) return FROM_FILES.map((from) => `${name} { ${from} }`);
    const fields = Object.entries(controllerFields(row.options));
    return [name, ...fields.map(([option, field]) => `${name} { ${option} ${otherValue(field)} }`)];
  });
  assertAllDiffer(
    version("seeds 4"),
    [
      ...changes,
      "seeds 5",
      "learning_rates [1e-3]",
      "ranking 9",
      "latency 20",
      "uniform, equal_cost yes",
      "uniform, random",
      "random, uniform",
    ].map((what) => ({
      ...version(what),
      what,
    })),
  );
});

/** What no option table has: where the base is changed, and into what. */
const CHANGES: readonly (readonly [string, string])[] = [
  ["experiment base", "experiment other"],
  ["the base of the cases", "another summary"],
  ["seed 7", "seed 8"],
  ["vlm", "model"],
  ['folder("backbone")', 'folder("elsewhere")'],
  ['folder("backbone")', 'hub("owner/name", revision: "1"), config "backbone/config.json"'],
  ['folder("backbone")', 'hub("owner/other", revision: "1"), config "backbone/config.json"'],
  ['folder("backbone")', 'hub("owner/name", revision: "2"), config "backbone/config.json"'],
  ["dataset digits", "dataset letters"],
  ["minimize loss on reward", "maximize exact_match on reward"],
  ["minimize loss on reward", "minimize loss on reward, minimize parameters weight 1e-6"],
  ...["train", "reward", "validation", "test"].map((split) => [`"${split}.jsonl"`, '"other.jsonl"'] as const),
  ["= 2\n", "= 1\n"],
  ["dropout 0", "dropout 0.1"],
  ["[0, 1, 2]", "[0, 1, 4]"],
  ["[0, 1, 2]", "[1, 2]"],
  ["target vision.**", "target language.**"],
  ["target vision.**", "target vision.** except **.fc1"],
  ["rank in ranks", "rank in ranks tie per layer"],
  ["rank in ranks", "rank in ranks tie per 2 layers"],
  ["rank in ranks", "rank in ranks tie per kind"],
  ["rank in ranks", "rank in ranks\n    target projector rank in ranks"],
  ["rank in ranks", "rank in ranks\n    target projector rank in [0, 1]"],
  ["uniform rank 1", "uniform rank 2"],
  ["uniform rank 1", "1_000"],
  ...["a", "b"].map((run) => ["steps 200, batch 16", `start run("runs/${run}"), steps 200, batch 16`] as const),
  ['peft "adapter"', 'peft "out"'],
];

suite("everything that is no option", () => {
  const config = readFileSync(join(REPOSITORY, "examples/handwriting/backbone/config.json"), "utf8");
  const json = JSON.parse(config) as { vision_config: { intermediate_size: number } };
  const wider = {
    ...json,
    vision_config: { ...json.vision_config, intermediate_size: json.vision_config.intermediate_size + 8 },
  };
  const { adapter } = versionOf(BASE).ir;
  const runs = Object.fromEntries(
    ["a", "b"].flatMap((run) => [
      [`runs/${run}/ir.json`, JSON.stringify({ adapter })],
      [`runs/${run}/stages/super-network.json`, "{}"],
    ]),
  );
  assertAllDiffer(versionOf(BASE), [
    ...CHANGES.map(([from, to]) => ({
      ...versionOf(replaced(from, to), { "elsewhere/config.json": config, ...runs }),
      what: `${from} -> ${to}`,
    })),
    { ...versionOf(BASE, { "backbone/config.json": JSON.stringify(wider) }), what: "a wider backbone" },
    {
      ...versionOf(replaced("mllama", "llava_1_5_7b").replace('{ weights folder("backbone") }', "{}")),
      what: "another family",
    },
  ]);
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
}

/** Fields that a schema allows more than one value for. */
function fieldsOf(schema: Schema, pointer = ""): string[] {
  if ("const" in schema || schema.enum?.length === 1) return [];
  if (schema.oneOf !== undefined) return schema.oneOf.flatMap((one) => fieldsOf(one, pointer));
  if (schema.items !== undefined) return fieldsOf(schema.items, `${pointer}/*`);
  if (schema.properties !== undefined)
    return Object.entries(schema.properties).flatMap(([name, part]) => fieldsOf(part, `${pointer}/${name}`));
  return [typeof schema.additionalProperties === "object" ? `${pointer}/*` : pointer];
}

// Last: the suites above have filled in what was changed.
suite("no field of the IR was left out", () => {
  const fields = new Set(fieldsOf(irSchema as unknown as Schema));
  assert.ok(fields.size > 40, `${fields.size} fields`);
  assert.equal(
    [...fields].filter((field) => !changedFields.has(field)),
    [],
  );
});

suite.run();
