/** What is told of the word under the pointer. */
import { suite as makeSuite } from "uvu";
import * as assert from "uvu/assert";
import { groupedDigits } from "../../compiler/numbers.js";
import { hoverAt } from "../../compiler/services/hover.js";
import { controllerTable } from "../../runtime/search/controllers/table.js";
import { priorTable } from "../../runtime/search/index.js";
import { BASE, compileText } from "../compiler/host.js";
import { edit } from "./editor.js";

const suite = makeSuite("services: hover");

/** What is told at the cursor. */
const told = (marked: string) => {
  const { analysis, host, offset } = edit(marked);
  return hoverAt(analysis, host, offset)?.markdown;
};
const within = (text: string, by: string) => told(BASE.replace(text, by));

suite("keywords and options", () => {
  assert.match(within("  objective", "  obj|ective")!, "What is sought");
  assert.match(within("experiment base", "exp|eriment base")!, "One search for ranks");
  assert.match(within("wall_clock", "wall_|clock")!, /a time such as 30min or 6h[\s\S]*stops with its state saved/);
  assert.match(within("steps 200", "ste|ps 200")!, "default 400");
  assert.match(within("steps 300", "ste|ps 300")!, "default 1000");
  assert.match(
    within("prior gradient", "pri|or gradient")!,
    `one of ${Object.keys(priorTable).join(", ")}, run("…"), policy("…"); default gradient_probe`,
  );
  assert.match(within("gradient_probe", "gradient|_probe")!, "What the search believes");
  assert.match(within("steps 300", "optimizer ad|amw")!, "`weight_decay`");
  assert.match(within("seeds 3", "se|eds 3")!, "Training seeds of every arm");
});

suite("a controller: its summary, and every option with its default", () => {
  const { summary, options } = controllerTable.natural_policy_gradient;
  const text = within("search natural", "search na|tural")!;
  assert.match(text, summary);
  for (const [name, row] of Object.entries(options))
    assert.ok(
      row.kind === "prior ranks" ||
        row.kind === "prior policy" ||
        text.split("\n").some((line) => line.includes(`\`${name}\``) && line.includes(`default ${row.default}`)),
      name,
    );
  assert.match(within("random, seeds", "ran|dom, seeds")!, controllerTable.random.summary);
});

suite("a sweep: its experiments, and how it is run", () => {
  const text = `${BASE}experiment tight extends base { summary "half of it" }\nsweep all = base, tight`;
  assert.match(told(text.replace("sweep all", "sweep a|ll"))!, "sweep all = base, tight");
  assert.match(told(text.replace("base, tight", "base, ti|ght"))!, "half of it");
  assert.match(told(text.replace("sweep all", "swe|ep all"))!, "share what they have in common");
});

suite("a constant's value, through other constants", () => {
  const text = `${BASE}const first = 4\nconst all = [0, first, 8]\nconst same = al|l`;
  assert.match(told(text)!, "const all = [0, 4, 8]");
});

suite("a record with all it starts from", () => {
  const text = `${BASE}const rate = 2e-3
train recipe { steps 40, optimizer adamw { learning_rate rate } }
train longer = recipe { steps 80, optimizer { clip_norm 0 } }
train last = lon|ger`;
  assert.match(
    told(text)!,
    "train longer {\n  steps 80\n  optimizer adamw {\n    learning_rate 0.002\n    clip_norm 0\n  }\n}",
  );
  assert.match(
    told(`${BASE}search careful = random { finalists 3 }\nsearch other = care|ful`)!,
    "search careful = random {",
  );
});

suite("what is imported, and from where", () => {
  const text = within("{ mllama", "{ ml|lama")!;
  assert.match(text, "backbone mllama {\n  family mllama\n}");
  assert.match(text, "From `std:backbones`.");
});

suite("a pattern and a set: modules, cost, first paths", () => {
  const { modules } = compileText(BASE).experiments[0]!.ir.adapter.targets[0]!;
  const cost = groupedDigits(modules.reduce((sum, { inFeatures, outFeatures }) => sum + inFeatures + outFeatures, 0));
  const text = within("vision.**", "vis|ion.**")!;
  assert.match(text, `36 modules; ${cost} parameters for each unit of rank.`);
  assert.match(text, `- \`${modules[0]!.path}\`\n- \`${modules[1]!.path}\``);
  assert.match(text, "- and 31 more");
  assert.match(told(`${BASE}modules eyes = vision.** except **.fc1\nmodules all = ey|es`)!, "On `vlm`: 30 modules");
  assert.match(within("vision.**", "visi|on.layer.**")!, "matches no module");
});

suite("a limit as a number; a backbone", () => {
  const { ir } = compileText(BASE).experiments[0]!;
  assert.is(
    within("uniform rank 1", "uni|form rank 1"),
    `At most **${groupedDigits(ir.objective.maxParameters)} parameters**.`,
  );
  assert.is(within("uniform rank 1", "2_0|00"), "At most **2,000 parameters**.");
  assert.match(within("on vlm", "on v|lm")!, `${groupedDigits(ir.backbone.parameters)} parameters`);
});

suite("an experiment and what it asks", () => {
  assert.match(told(`${BASE}experiment more extends ba|se {}`)!, /experiment base[\s\S]*the base of the cases/);
});

suite("nothing to say", () => {
  assert.is(told(`|\n${BASE}`), undefined);
  assert.is(told(`${BASE}// exper|iment`), undefined);
  assert.is(within('"adapter"', '"adap|ter"'), undefined);
});

suite.run();
