import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fileHost } from "../../cli/host.js";
import { type EmitOptions, emitProgram, transpileProgram } from "../../compiler/emit/index.js";
import { camelCase } from "../../compiler/emit/names.js";
import { type Compiled, canonicalJson, compile } from "../../compiler/index.js";
import type { ExperimentIR } from "../../compiler/ir/types.js";
import * as runtime from "../../runtime/index.js";
import { controllerTable } from "../../runtime/search/index.js";
import { assertGolden, REPOSITORY } from "../golden.js";
import { everything, fixtureIR, largeIR } from "./fixture.js";

const program = suite("generated program");

const OPTIONS: EmitOptions = { irHash: "0123456789abcdef".repeat(4), version: "0.0.0", controllers: controllerTable };
const emit = (ir: ExperimentIR) => emitProgram(ir, OPTIONS);

/** The one experiment of a spec without errors. */
function compiled(spec: string): Compiled {
  const { experiments, diagnostics } = compile(spec, fileHost(spec));
  assert.equal(diagnostics, []);
  return experiments[0]!;
}

/** Names that would break out of comments, strings and templates if they were pasted instead of written. */
const HOSTILE = [
  'quo"te',
  "apos'trophe",
  "back`tick",
  "\u0024{process.exit(7)}",
  "*/ process.exit(7) /*",
  "back\\slash",
  "line\nprocess.exit(7)",
  "return\rprocess.exit(7)",
  "separator\u2028process.exit(7)",
  "next\u0085line",
  "override\u202eprocess",
  "lone \ud800 surrogate",
  "__proto__",
  "</script>",
  "// comment",
].join(" | ");

function hostileIR(): ExperimentIR {
  const base = fixtureIR();
  const path = (name: string) => ({ kind: "messages", path: name }) as const;
  const target = everything(
    [
      { path: HOSTILE, inFeatures: 1, outFeatures: 1 },
      { path: "__proto__", inFeatures: 1, outFeatures: 1 },
    ],
    [0, 1],
  );
  return {
    ...base,
    name: HOSTILE,
    summary: HOSTILE,
    backbone: { ...base.backbone, name: HOSTILE, weights: { kind: "hub", repository: HOSTILE, revision: HOSTILE } },
    dataset: {
      name: HOSTILE,
      splits: { train: path(HOSTILE), reward: path(HOSTILE), validation: path(HOSTILE), test: path(HOSTILE) },
    },
    adapter: { ...base.adapter, targets: [{ ...target, ties: [[HOSTILE, "__proto__"]] }] },
    export: { format: "peft", path: HOSTILE },
  };
}

/** Everything that an objective and a search may say beyond their defaults. */
function pricedIR(): ExperimentIR {
  const base = fixtureIR();
  return {
    ...base,
    objective: {
      ...base.objective,
      reward: { metric: "exact_match", direction: "maximize", parameterWeight: 1e-6 },
    },
    search: { ...base.search, rescore: 8, earlyStopping: true },
  };
}

/** A search that goes on from a policy over every module. */
function continuedIR(): ExperimentIR {
  const base = fixtureIR();
  const rows = base.adapter.targets.flatMap(({ modules, ranks }) =>
    modules.map(
      ({ path }, at) => [path, Object.fromEntries(ranks.map((rank) => [rank, Math.sin(rank * at)]))] as const,
    ),
  );
  const options = { ...base.search.options, prior: "policy", prior_policy: Object.fromEntries(rows) };
  return { ...base, search: { ...base.search, options } };
}

/** A project that depends on lnas as an installed package; returns what `tsc --strict` prints, empty when it is content. */
function typeCheck(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "lnas-types-"));
  try {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(REPOSITORY, join(folder, "node_modules", "lnas"), "dir");
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          target: "ES2023",
          lib: ["ES2023"],
          types: [],
          module: "NodeNext",
          moduleResolution: "NodeNext",
          strict: true,
          noEmit: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          noUnusedLocals: true,
          noUnusedParameters: true,
          noImplicitReturns: true,
          verbatimModuleSyntax: true,
          isolatedModules: true,
        },
      }),
    );
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const tsc = join(REPOSITORY, "node_modules", "typescript", "bin", "tsc");
    execFileSync(process.execPath, [tsc, "--project", "."], { cwd: folder, encoding: "utf8", stdio: "pipe" });
    return "";
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout ?? error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

program("of the handwriting example reads as the golden file", async () => {
  const { ir, irHash } = compiled(join(REPOSITORY, "examples", "handwriting", "handwriting.lnas"));
  assertGolden("emit/handwriting.search.ts", await emitProgram(ir, { ...OPTIONS, irHash }));
});

program("is the same, byte for byte, every time and whatever the order of members", async () => {
  const once = await emit(largeIR());
  assert.is(await emit(largeIR()), once);
  const sorted = canonicalJson(largeIR());
  assert.is.not(sorted, JSON.stringify(largeIR()));
  assert.is(await emit(JSON.parse(sorted) as ExperimentIR), once);
});

program(
  "type-checks in strict mode: small, with 520 modules and ties, without rivals, with hostile names, from a policy",
  async () => {
    const large = await emit(largeIR());
    assert.ok(large.split("\n").length < 2000, "520 modules stay readable");
    assert.ok(Math.max(...large.split("\n").map((line) => line.length)) <= 120);
    const alone = fixtureIR();
    assert.is(
      typeCheck({
        "small.search.ts": await emit(alone),
        "large.search.ts": large,
        "alone.search.ts": await emit({
          ...alone,
          compare: { arms: [], seeds: 1, learningRates: [], ranking: 0, equalCost: false },
        }),
        "hostile.search.ts": await emit(hostileIR()),
        "priced.search.ts": await emit(pricedIR()),
        "continued.search.ts": await emit(continuedIR()),
      }),
      "",
    );
  },
);

program("makes a wrong rank, an unknown module, a wrong reward and a wrong controller option type errors", async () => {
  const text = await emit(fixtureIR());
  const user = (guard: string) => `
    import {
      type ControllerSpec, type DatasetHandle, naturalPolicyGradient, type ObjectiveOptions, uniform,
    } from "lnas/runtime";
    import { type Handwriting, modules } from "./handwriting.search.js";
    const path = "model.multi_modal_projector";
    export const rank: Handwriting[typeof path] = 8;
    ${guard}
    export const wrongRank: Handwriting[typeof path] = 3;
    ${guard}
    export const unknownModule: Handwriting["model.nowhere"] = 1;
    ${guard}
    export const incomplete: Handwriting = { [path]: 8 };
    ${guard}
    export const wrongOption: ControllerSpec = naturalPolicyGradient({ round: 2 });
    ${guard}
    export const wrongValue: ControllerSpec = naturalPolicyGradient({ prior: "hope" });
    ${guard}
    export const noOptions: ControllerSpec = uniform({ rank: 1 });
    declare const data: DatasetHandle;
    type Reward = ObjectiveOptions["reward"];
    export const reward: Reward = { metric: "loss", direction: "minimize", on: data.reward };
    ${guard}
    export const rewardOnEverything: Reward = { metric: "loss", direction: "minimize", on: data };
    ${guard}
    export const unknownMetric: Reward = { metric: "accurcy", direction: "minimize", on: data.reward };
    ${guard}
    export const rewardAsNumber: Reward = 0.5;
    export const choices: readonly number[] = modules[path];
  `;
  const withGuards = typeCheck({ "handwriting.search.ts": text, "user.ts": user("// @ts-expect-error") });
  assert.is(withGuards, "");
  const withoutGuards = typeCheck({ "handwriting.search.ts": text, "user.ts": user("") });
  assert.is(withoutGuards.match(/^user\.ts.*error TS/gm)?.length, 9, withoutGuards);
});

program("says what candidates are told, what parameters cost, and how candidates are scored", async () => {
  const [priced, plain] = [await emit(pricedIR()), await emit(fixtureIR())];
  const said = [
    /metric: "exact_match"/,
    /direction: "maximize"/,
    /parameterWeight: (1e-6|0\.000001)/,
    /rescore: 8/,
    /earlyStopping: true/,
  ];
  for (const pattern of said) {
    assert.match(priced, pattern);
    assert.not.match(plain, pattern);
  }
  assert.match(priced, /selectBy: objective\.reward/);
});

program("keeps hostile names as data", async () => {
  const ir = hostileIR();
  const javascript = await transpileProgram(await emit(ir), "hostile.search.ts");
  // The program's own imports are answered by stand-ins that record what they are given.
  const recorded: unknown[] = [];
  const answers = {
    defineExperiment: (spec: unknown, body: unknown) => ({ spec, body }),
    peft: (path: string) => ({ path }),
  };
  const body = javascript
    .replace(/import \{([^}]*)\} from "lnas\/runtime";/, "const {$1} = runtime;")
    .replace(/^export (default )?/gm, (_, isDefault) => (isDefault === undefined ? "" : "recorded.default = "));
  const record: { default?: { spec: { name: string; summary: string }; body: (run: unknown) => Promise<unknown> } } =
    {};
  new Function("runtime", "recorded", `${body}\nrecorded.modules = modules;`)(
    { ...runtime, ...answers },
    Object.assign(record, {}),
  );
  const experiment = record.default!;
  assert.is(experiment.spec.name, HOSTILE);
  assert.is(experiment.spec.summary, HOSTILE);
  assert.equal(Object.keys((record as { modules?: object }).modules ?? {}), [HOSTILE, "__proto__"]);
  const stage = (name: string) => async (options: unknown) => {
    recorded.push([name, options]);
    return { best: () => [], winner: null };
  };
  const run = Object.fromEntries(
    ["backbone", "dataset", "superNetwork", "search", "retrain", "compare", "export"].map((name) => [
      name,
      stage(name),
    ]),
  );
  await experiment.body({ ...run, export: async (_: unknown, target: unknown) => recorded.push(["export", target]) });
  assert.equal(recorded[0], ["backbone", { family: "mllama", weights: ir.backbone.weights }]);
  assert.equal(recorded.at(-1), ["export", { path: HOSTILE }]);
});

program("has a constructor in the runtime for every controller, which gives back the table's names", () => {
  const exported: Readonly<Record<string, unknown>> = runtime;
  for (const [name, row] of Object.entries(controllerTable)) {
    const options = Object.fromEntries(
      Object.entries(row.options).map(([option, { default: value }]) => [option, value]),
    );
    const camel = Object.fromEntries(Object.entries(options).map(([option, value]) => [camelCase(option), value]));
    const construct = exported[camelCase(name)];
    assert.type(construct, "function", `lnas/runtime exports no ${camelCase(name)}`);
    assert.equal((construct as (options: object) => unknown)(camel), { controller: name, options });
  }
});

program.run();
