/** A search that goes on from the policy of an earlier run: from its run folder through the compiler into another run. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fileHost } from "../../cli/host.js";
import { type Compilation, compile } from "../../compiler/index.js";
import type { ControllerSpec } from "../../runtime/experiment/api.js";
import { noSearch, random } from "../../runtime/experiment/constructors.js";
import { executeProgram } from "../../runtime/experiment/execute.js";
import type { SearchRecord } from "../../runtime/experiment/stage/search-record.js";
import type { Backbone } from "../../runtime/models/backbone.js";
import { Interrupted } from "../../runtime/training/interrupted.js";
import { REPOSITORY } from "../golden.js";
import { tinyBackbone } from "../training/tiny-backbone.js";
import { type TinyProgram, tinyProgram } from "./tiny-program.js";

const test = suite<{ folder: string; backbone: Backbone }>("the policy of an earlier run");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-policy-"));
  context.backbone = tinyBackbone(join(context.folder, "backbone"));
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

const BUDGET = 500;

/** The tiny program's adapter and objective as a spec. */
const SPEC = (prior: string, ranks = "[0, 1, 2]", budget = BUDGET) => `edition 1
import { mllama } from "std:backbones"
experiment tiny {
  summary "goes on"
  seed 11
  backbone vlm = mllama { weights folder("backbone") }
  dataset sums {
    train messages("train.jsonl")
    reward messages("reward.jsonl")
    validation messages("validation.jsonl")
    test messages("test.jsonl")
  }
  adapter lora on vlm {
    scale alpha / rank = 2
    dropout 0
    target language.** rank in ${ranks}
  }
  objective {
    minimize loss on reward
    subject to parameters <= ${budget}
  }
  search natural_policy_gradient { controller { prior ${prior} } }
  train final { steps 300, batch 16 }
  export peft "adapter"
}
`;

function compiled(folder: string, text: string): Compilation {
  const spec = join(folder, "spec.lnas");
  writeFileSync(spec, text);
  return compile(spec, fileHost(spec));
}

/** What the IR of a spec says of the prior. */
function priorOf(compilation: Compilation): ControllerSpec["options"] {
  assert.equal(
    compilation.diagnostics.map(({ message }) => message),
    [],
  );
  const { prior, prior_policy } = compilation.experiments[0]!.ir.search.options;
  return { prior: prior!, prior_policy: prior_policy! };
}

/** Runs the tiny program until its search has ended: later stages have nothing to do with a policy. */
async function run(
  { folder, backbone }: { folder: string; backbone: Backbone },
  name: string,
  program: TinyProgram = {},
  whole = false,
) {
  const runFolder = join(folder, "runs", name);
  const abort = new AbortController();
  await executeProgram(tinyProgram(backbone, { maxParameters: BUDGET, ...program }), {
    ...{ specFolder: folder, runFolder, engine: "onnx", engineOptions: { threads: 1 } },
    sources: { ir: compiled(folder, SPEC("gradient_probe")).experiments[0]!.irText },
    signal: abort.signal,
    onEvent: (event) => event.type === "stage finished" && event.stage === "search" && !whole && abort.abort(),
  }).catch((error) => {
    if (whole || !(error instanceof Interrupted)) throw error;
  });
  return runFolder;
}

const recordIn = (runFolder: string) =>
  (JSON.parse(readFileSync(join(runFolder, "stages", "search.json"), "utf8")) as { result: SearchRecord }).result;

test("it is there when the search has ended, and a search from it starts at the choice that this ended with", async (context) => {
  const { folder } = context;
  const first = await run(context, "first");
  const text = readFileSync(join(first, "policy.json"), "utf8");
  const policy = JSON.parse(text) as { genes: unknown; controller: string; maxParameters: number };
  const schema = JSON.parse(readFileSync(join(REPOSITORY, "schemas", "policy.schema.json"), "utf8")) as object;
  const ajv = new Ajv({ strict: true });
  assert.ok(ajv.validate(schema, policy), ajv.errorsText());
  assert.equal([policy.controller, policy.maxParameters], ["natural_policy_gradient", BUDGET]);
  assert.equal(policy.genes, recordIn(first).policy);

  const chosen = recordIn(first).candidates[0]!;
  assert.is(chosen.origin, "searched");
  assert.ok(recordIn(first).movedFromPrior > 0, "the policy is its prior");
  const options = priorOf(compiled(folder, SPEC('policy("runs/first")')));
  const next = await run(context, "next", { controller: { controller: "no_search", options } });
  assert.equal(recordIn(next).candidates[0]!.architecture, chosen.architecture);
  assert.is(recordIn(next).movedFromPrior, 0);
  assert.equal(recordIn(next).policy, recordIn(first).policy);
  const less = await run(context, "less", { controller: { controller: "no_search", options }, maxParameters: 300 });
  assert.ok(recordIn(less).candidates[0]!.parameters <= 300);

  // The run goes on to its end with the same policy; so does one that was not stopped.
  const bytes = (name: string) => readFileSync(join(folder, "runs", name, "policy.json"), "utf8");
  rmSync(join(first, "policy.json"));
  await run(context, "first", {}, true);
  await run(context, "again");
  assert.equal([bytes("first"), bytes("again")], [text, text]);
  const more = await run(context, "more", { controller: { controller: "natural_policy_gradient", options } });
  const prior = recordIn(more).candidates.find(({ origin }) => origin === "prior") ?? recordIn(more).candidates[0]!;
  assert.equal(prior.architecture, chosen.architecture);
});

test("a search that keeps none leaves none; another space is not its own", async (context) => {
  const { folder } = context;
  const drawn = await run(context, "drawn", { controller: random({ candidates: 4, rewardExamples: 8 }) });
  assert.not.ok(existsSync(join(drawn, "policy.json")));
  assert.is(recordIn(drawn).policy, undefined);
  const problems = (text: string) => compiled(folder, text).diagnostics.map(({ code }) => code);
  assert.equal(problems(SPEC('policy("runs/drawn")')), ["LNAS1707"]);
  await run(context, "kept", { controller: noSearch({ prior: "gradient_probe" }) });
  assert.equal(problems(SPEC('policy("runs/kept")')), []);
  assert.equal(problems(SPEC('policy("runs/kept")', "[0, 1, 4]")), ["LNAS1708"]);
});

test.run();
