/** What is proposed at a cursor, in texts that cannot be read as they are. */
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { completionsAt } from "../../compiler/services/completion.js";
import { inlayHints } from "../../compiler/services/inlay-hints.js";
import { controllerTable } from "../../runtime/search/controllers/table.js";
import { priorTable } from "../../runtime/search/index.js";
import { BASE, memoryHost } from "../compiler/host.js";
import { edit } from "./editor.js";

const suite = makeSuite("services: completion");

const at = (marked: string, files: Readonly<Record<string, string>> = {}) => {
  const { analysis, host, offset } = edit(marked, files);
  return completionsAt(analysis, host, offset);
};
const labels = (marked: string, files?: Readonly<Record<string, string>>) =>
  at(marked, files).map(({ label }) => label);
/** Labels within the spec \`BASE\`, with some text of it replaced. */
const within = (text: string, by: string) => labels(BASE.replace(text, by));
const details = (marked: string) => Object.fromEntries(at(marked).map(({ label, detail }) => [label, detail]));

suite("at the top of a file: declarations", () => {
  const heads = ["import", "const", "modules", "experiment", "sweep", "backbone", "dataset", "search", "train"];
  assert.equal(labels(`${BASE}\n|`), heads);
  assert.equal(labels(`edition 1\n\nexp|\n\nconst a = 1`), heads);
  assert.equal(labels("|"), ["edition", ...heads]);
  assert.equal(labels("edition 1\nconst |"), []);
});

suite("in an experiment: items that it does not have yet", () => {
  assert.equal(within('  export peft "adapter"', "  |"), ["export"]);
  assert.equal(within("budget { wall_clock 6h }", "bud|"), ["budget"]);
  assert.equal(labels("edition 1\nexperiment x {\n  seed 7\n  |"), [
    "summary",
    "backbone",
    "dataset",
    "adapter",
    "objective",
    "search",
    "compare",
    "train",
    "budget",
    "export",
  ]);
  assert.equal(labels(`${BASE}experiment more extends |`), ["base"]);
  assert.equal(labels(`${BASE}experiment more |`), ["extends"]);
});

suite("in a sweep: experiments of this file that it does not name yet", () => {
  const text = `${BASE}experiment tight extends base { seed 8 }\nexperiment loose extends base { seed 9 }\n`;
  assert.equal(labels(`${text}sweep |`), []);
  assert.equal(labels(`${text}sweep all = |`), ["base", "tight", "loose"]);
  assert.equal(labels(`${text}sweep all = tight, |`), ["base", "loose"]);
  assert.equal(labels(`${text}sweep all = b|, loose`), ["base", "tight"]);
  const importing = 'edition 1\nimport { base } from "./base.lnas"\nexperiment own extends base { seed 8 }\n';
  assert.equal(labels(`${importing}sweep all = |`, { "base.lnas": BASE }), ["own"]);
  assert.equal(details(`${text}sweep all = tight, loose\nexperiment x extends |`).all, undefined);
});

suite("options of blocks, those that are given left out", () => {
  assert.equal(within("steps 300, batch 16", "steps 300, |"), [
    "batch",
    "micro_batch",
    "step_memory",
    "optimizer",
    "schedule",
  ]);
  assert.equal(within("wall_clock 6h", "|"), ["wall_clock", "device_memory"]);
  assert.equal(within('test messages("test.jsonl")', "|"), ["test"]);
  assert.equal(within('weights folder("backbone")', "we|"), ["family", "config", "weights"]);
  assert.equal(within("finalists 2", "|"), ["finalists", "rescore", "early_stopping", "beside"]);
  assert.equal(within("steps 200, batch 16", "steps 200, batch 16 optimizer adamw { learning_rate 1e-3 | }"), [
    "beta1",
    "beta2",
    "epsilon",
    "weight_decay",
    "clip_norm",
  ]);
  assert.equal(within("steps 300, batch 16", "schedule cosine { |"), ["warmup", "floor"]);
});

suite("options of the chosen controller, also through a record", () => {
  const rounds = (found: string[]) => found.includes("rounds") && !found.includes("entropy");
  assert.ok(rounds(within("prior gradient_probe", "|")));
  const reinforce = BASE.replace("search natural_policy_gradient", "search reinforce");
  assert.ok(labels(reinforce.replace("prior gradient_probe", "|")).includes("entropy"));
  const record = `${BASE}search careful = reinforce { finalists 3 }\n`.replace(
    "search natural_policy_gradient",
    "search careful",
  );
  assert.ok(labels(record.replace("prior gradient_probe", "|")).includes("entropy"));
  assert.equal(within("uniform, random, seeds 3", "random { | }"), ["candidates", "draws", "reward_examples"]);
  assert.ok(labels(`edition 1\nsearch careful = reinforce { controller { |`).includes("entropy"));
});

suite("values of an option", () => {
  assert.equal(within("prior gradient_probe", "prior |"), [...Object.keys(priorTable), 'run("…")', 'policy("…")']);
  assert.equal(within("batch 16 }\n    finalists", "sampling | }\n    finalists"), [
    "uniform",
    "balanced",
    "extremes",
    "sandwich",
  ]);
  assert.equal(within("steps 300, batch 16", "optimizer |"), ["adamw"]);
  assert.equal(within("steps 300, batch 16", "schedule |"), ["cosine", "constant"]);
  assert.equal(labels(`const many = 4000\nconst few = 0.5\n${BASE.replace("steps 300", "steps |")}`), ["many"]);
  const [messages] = at(BASE.replace('test messages("test.jsonl")', "test |"));
  assert.is(messages!.label, 'messages("….jsonl")');
  assert.is(messages!.text, 'messages(".jsonl")');
  assert.equal(within("rank in ranks", "rank in |").slice(0, 2), ["ranks", "[0, 4, 8]"]);
  assert.equal(within("seed 7", "seed |"), ["ranks"]);
  assert.equal(within('"adapter"', '"adap|ter"'), []);
});

suite("names of controllers, records, the backbone, metrics, splits", () => {
  assert.equal(within("search natural_policy_gradient", "search |"), Object.keys(controllerTable));
  const rivals = within("uniform, random, seeds 3", "uniform, |");
  assert.ok(rivals.includes("random") && rivals.includes("seeds") && !rivals.includes("uniform"));
  assert.equal(within("vlm = mllama", "vlm = |"), ["mllama"]);
  assert.equal(labels(`${BASE}train recipe { steps 4 }\ntrain longer = |`), ["recipe"]);
  assert.equal(within("on vlm", "on |"), ["vlm"]);
  assert.equal(within("uniform rank 1", "1% of |"), ["vlm"]);
  assert.equal(within("minimize loss", "minimize |").slice(0, 2), ["loss", "perplexity"]);
  assert.equal(within("on reward", "on |"), ["train", "reward", "validation", "test"]);
  assert.equal(within("to parameters", "to |"), ["parameters", "flops", "memory", "latency"]);
  assert.equal(within("<= uniform rank 1", "<= |"), ["uniform", "ranks"]);
});

suite("imports: modules of the standard library, and what a file exports", () => {
  const modules = memoryHost({})
    .standardModules.map((name) => `std:${name}`)
    .sort();
  assert.equal(labels('edition 1\nimport { a } from "|"').sort(), modules);
  assert.equal(labels('edition 1\nimport { a } from "std:|').sort(), modules);
  const [unquoted] = at("edition 1\nimport { a } from |");
  assert.is(unquoted!.text, `"${unquoted!.label}"`);
  assert.equal(labels('edition 1\nimport { small, | } from "std:ranks"'), ["medium", "large"]);
  assert.equal(labels('edition 1\nimport { | } from "./base.lnas"', { "base.lnas": BASE }), [
    "mllama",
    "ranks",
    "base",
  ]);
  assert.equal(labels('edition 1\nimport { | } from "./spec.lnas"'), []);
  assert.equal(
    labels('edition 1\nimport { | } from "./base.lnas"', { "base.lnas": "edition 1\nconst a = 1\nsweep b = c, d\n" }),
    ["a"],
  );
});

/** A spec for Llama 3.2 11B Vision whose adapter is being written. */
const large = (target: string) => `edition 1
import { llama_3_2_11b_vision } from "std:backbones"
import { attention } from "std:targets/mllama"
modules text = language.**

experiment receipts {
  backbone vlm = llama_3_2_11b_vision
  adapter lora on vlm {
    ${target}
  }
  objective { minimize loss on reward }
}
`;

suite("module paths of the chosen backbone, level by level", () => {
  assert.equal(details(large("target |")), {
    attention: "320 modules",
    text: "280 modules",
    vision: "240 modules",
    projector: "1 module",
    language: "280 modules",
    model: "521 modules",
    "**": "521 modules",
  });
  assert.equal(details(large("target language.|")), { layers: "280 modules", "**": "280 modules" });
  assert.equal(details(large("target language.layers[*].|")), {
    self_attn: "128 modules",
    mlp: "120 modules",
    cross_attn: "32 modules",
    "**": "280 modules",
  });
  assert.equal(details(large("target language.layers[*].self_attn.|")), {
    q_proj: "32 modules",
    k_proj: "32 modules",
    v_proj: "32 modules",
    o_proj: "32 modules",
    "*": "128 modules",
  });
  assert.equal(details(large("target language.layers[*].self_attn.{q_proj, | rank in [0]")), {
    k_proj: "32 modules",
    v_proj: "32 modules",
    o_proj: "32 modules",
  });
  assert.equal(labels(large("target language.layers[*].self_attn.{|, v_proj}")), ["q_proj", "k_proj", "o_proj"]);
  assert.equal(details(large("target language.layers[|")), { "*": "280 modules", "0..39": "280 modules" });
  assert.equal(labels(large("target vision.** except vision.global_transformer.layers[0].|")), [
    "self_attn",
    "mlp",
    "**",
  ]);
  assert.equal(labels(large("target language.** |")), ["except", "rank"]);
});

suite("what is proposed matches as many modules as it says, also where one part lies within another", () => {
  const spec = (target: string) =>
    large(target).replaceAll("llama_3_2_11b_vision", "qwen2_vl_2b").replace("mllama", "qwen2_vl");
  const heads = details(spec("target |"));
  // The projector of Qwen2-VL is `visual.merger`, within the tower.
  assert.is(heads.vision, "128 modules");
  assert.is(heads.projector, "2 modules");
  for (const part of ["vision", "projector", "language"]) {
    const steps = Object.entries(details(spec(`target ${part}.|`))).filter(([label]) => /^\w+$/.test(label));
    assert.ok(steps.length > 0, part);
    for (const [label, detail] of steps) {
      const { analysis } = edit(spec(`target ${part}.${label}.** rank in [0]|`));
      const [hint] = inlayHints(analysis);
      assert.is(hint?.text.trim(), detail, `${part}.${label}`);
    }
  }
});

suite("the word at the cursor is replaced; layers come with their bracket", () => {
  const marked = large("target language.la|ye rank in [0]");
  const [layers] = at(marked);
  assert.is(layers!.text, "layers[*]");
  assert.is(marked.replace("|", "").slice(layers!.replace.start, layers!.replace.end), "laye");
  assert.is(at(large("target language.la|[*].mlp.*"))[0]!.text, "layers");
});

suite("in a set of modules at the top of a file: paths of its first backbone", () => {
  const text = large("target text rank in [0]").replace("language.**", "vision.|");
  assert.equal(labels(text), ["transformer", "global_transformer", "**"]);
  assert.equal(labels("edition 1\nmodules a = vision.**\nmodules b = |"), ["a"]);
});

suite("nothing in comments", () => {
  assert.equal(labels(`${BASE}// exp|`), []);
  assert.equal(labels(`${BASE}/* exp| */`), []);
});

suite.run();
