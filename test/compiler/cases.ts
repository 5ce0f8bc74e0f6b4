/**
 * For every diagnostic a spec that has it and one that has not. A case replaces a piece of the base spec (host.ts), or is a whole file. The
 * characters that the diagnostic must point at stand between « and ». `docs/diagnostics.md` is made from this table.
 */
import type { DiagnosticCode } from "../../compiler/index.js";

export interface Case {
  /** One sentence: when it is reported. */
  readonly meaning: string;
  /** Piece of the base spec that is replaced; absent: `wrong` and `right` are whole files. */
  readonly instead?: string;
  readonly wrong: string;
  readonly right: string;
  /** Further files of the project. */
  readonly files?: Readonly<Record<string, string>>;
}

const body = (text: string) => `edition 1\n${text}\n`;

/** A PEFT adapter's configuration, as far as its ranks go. */
const peft = (r: number, target_modules: string) => JSON.stringify({ peft_type: "LORA", r, target_modules });
const VISION = ".*vision_model.*";
const VISION_RANK_1 = peft(1, VISION);

/** What is read of an earlier run's IR. */
const EARLIER_RUN = JSON.stringify({ adapter: { targets: [] } });
const VISION_RUN = JSON.stringify({
  adapter: {
    scale: 2,
    targets: [
      {
        ranks: [0, 4],
        modules: [
          { path: "model.vision_model.transformer.layers.0.self_attn.q_proj", inFeatures: 64, outFeatures: 64 },
        ],
      },
    ],
  },
});

const OBJECTIVE = "objective {\n    minimize loss on reward\n    subject to parameters <= uniform rank 1\n  }\n\n  ";
const SEARCH = "search natural_policy_gradient {\n    controller { prior gradient_probe }";
/** The end of the base of the cases, and an experiment that another of a sweep can be. */
const END = '  export peft "adapter"\n}\n';
const TIGHT = "\nexperiment tight extends base { objective { subject to parameters <= 3_000 } }\n";
const AGAIN = '\nexperiment again extends base { summary "once more" }\n';

export const CASES: Readonly<Record<DiagnosticCode, Case>> = {
  LNAS1001: {
    meaning: "Something stands where the syntax wants something else.",
    instead: "seed 7",
    wrong: "seed 7 «8»",
    right: "seed 7",
  },
  LNAS1002: {
    meaning: "A character that no word of the language has.",
    instead: "seed 7",
    wrong: "seed 7 «$»",
    right: "seed 7",
  },
  LNAS1003: {
    meaning: "A bracket is opened and never closed.",
    instead: "budget { wall_clock 6h }",
    wrong: "budget { wall_clock 6«h»",
    right: "budget { wall_clock 6h }",
  },
  LNAS1004: {
    meaning: "Brackets nested deeper, or a chain of declarations longer, than any spec needs.",
    instead: "const ranks = [0, 1, 2]",
    wrong: `const ranks = [0, 1, 2]\nconst deep = ${"[".repeat(64)}«[»${"]".repeat(65)}`,
    right: "const ranks = [0, 1, 2]\nconst deep = [[1]]",
  },
  LNAS1005: {
    meaning: "A character that hides from a reader what the compiler reads, such as a bidirectional override.",
    instead: "the base of the cases",
    wrong: "the base «\u202e»of the cases",
    right: "the base of the cases",
  },
  LNAS1006: {
    meaning: "Text in single quotes.",
    instead: 'peft "adapter"',
    wrong: "peft «'adapter'»",
    right: 'peft "adapter"',
  },
  LNAS1007: {
    meaning: "The closing quote is missing.",
    instead: '"the base of the cases"',
    wrong: '«"the base of the cases»',
    right: '"the base of the cases"',
  },
  LNAS1008: {
    meaning: "A comment runs to the end of the file.",
    instead: '  export peft "adapter"\n}\n',
    wrong: '  export peft "adapter"\n}\n«/*» all of it\n',
    right: '  export peft "adapter"\n}\n/* all of it */\n',
  },
  LNAS1009: {
    meaning: "A backslash in a text is not one of the escapes.",
    instead: 'folder("backbone")',
    wrong: 'folder(«".\\backbone"»)',
    right: 'folder("./backbone")',
  },
  LNAS1010: {
    meaning: "An equals sign or a colon between an option and its value.",
    instead: "seed 7",
    wrong: "seed «=» 7",
    right: "seed 7",
  },
  LNAS1011: {
    meaning: "A semicolon.",
    instead: "seed 7",
    wrong: "seed 7«;»",
    right: "seed 7",
  },
  LNAS1012: {
    meaning: "A comment as in other languages.",
    instead: "seed 7",
    wrong: "seed 7 «#» why 7",
    right: "seed 7 // why 7",
  },
  LNAS1013: {
    meaning: "A number beyond all that a computer's numbers hold.",
    instead: "const ranks = [0, 1, 2]",
    wrong: "const ranks = [0, 1, «1e999»]",
    right: "const ranks = [0, 1, 2]",
  },
  LNAS1101: {
    meaning: "The file does not begin with its edition.",
    instead: "edition 1\n\nimport",
    wrong: "«i»mport",
    right: "edition 1\n\nimport",
  },
  LNAS1102: {
    meaning: "An edition this version does not know.",
    instead: "edition 1",
    wrong: "edition «2»",
    right: "edition 1",
  },
  LNAS1103: {
    meaning: "An imported module does not exist.",
    instead: '"std:backbones"',
    wrong: '«"std:backbone"»',
    right: '"std:backbones"',
  },
  LNAS1104: {
    meaning: "Files import one another in a circle.",
    instead: "const ranks = [0, 1, 2]",
    wrong: 'const ranks = [0, 1, 2]\nimport { x } from "./a.lnas"',
    right: 'const ranks = [0, 1, 2]\nimport { y } from "./b.lnas"',
    files: {
      "a.lnas": body('import { y } from «"./spec.lnas"»\nconst x = 1'),
      "b.lnas": body("const y = 1"),
    },
  },
  LNAS1105: {
    meaning: "An import that is neither from the standard library nor a relative path.",
    instead: '"std:backbones"',
    wrong: '«"backbones"»',
    right: '"std:backbones"',
  },
  LNAS1106: {
    meaning: "The module has nothing of that name.",
    instead: "const ranks = [0, 1, 2]",
    wrong: 'const ranks = [0, 1, 2]\nimport { «smal» } from "std:ranks"',
    right: 'const ranks = [0, 1, 2]\nimport { small } from "std:ranks"',
  },
  LNAS1107: {
    meaning: "A name is declared a second time.",
    instead: "const ranks = [0, 1, 2]",
    wrong: "const ranks = [0, 1, 2]\nconst «ranks» = [0, 4]",
    right: "const ranks = [0, 1, 2]\nconst large = [0, 4]",
  },
  LNAS1108: {
    meaning: "A name is not what its place needs: no controller, no backbone, no adapter, …",
    instead: "search natural_policy_gradient",
    wrong: "search «natural_policy»",
    right: "search natural_policy_gradient",
  },
  LNAS1109: { meaning: "The spec itself cannot be read.", wrong: "", right: "" },
  LNAS1110: { meaning: "A file without an experiment.", wrong: "«e»dition 1\n", right: "" },
  LNAS1111: {
    meaning: "Records, experiments or sets of modules start from one another.",
    instead: "const ranks = [0, 1, 2]",
    wrong: "const ranks = [0, 1, 2]\ntrain short = long { steps 10 }\ntrain long = «short» { steps 20 }",
    right: "const ranks = [0, 1, 2]\ntrain short { steps 10 }\ntrain long = short { steps 20 }",
  },
  LNAS1201: {
    meaning: "The experiment lacks a part it needs.",
    instead: '  export peft "adapter"\n',
    wrong: "",
    right: '  export peft "adapter"\n',
  },
  LNAS1202: {
    meaning: "A part stands there twice.",
    instead: "seed 7",
    wrong: "seed 7\n  «seed 8»",
    right: "seed 7",
  },
  LNAS1203: {
    meaning: "An option that the thing does not have.",
    instead: "prior gradient_probe",
    wrong: "«pior» gradient_probe",
    right: "prior gradient_probe",
  },
  LNAS1204: {
    meaning: "A value of the wrong kind, unit or range.",
    instead: "wall_clock 6h",
    wrong: "wall_clock «6»",
    right: "wall_clock 6h",
  },
  LNAS1205: {
    meaning: "An option that must be given is missing.",
    instead: '    test messages("test.jsonl")\n',
    wrong: "",
    right: '    test messages("test.jsonl")\n',
  },
  LNAS1206: {
    meaning: "The language has it, but this version cannot do it yet.",
    instead: "minimize loss on reward",
    wrong: "«maximize anls on reward»",
    right: "minimize loss on reward",
  },
  LNAS1207: {
    meaning: "An option of the search that does nothing with its controller, or with its value (a warning).",
    instead: "finalists 2",
    wrong: "finalists 2\n    «early_stopping on»",
    right: "finalists 2\n    early_stopping off",
  },
  LNAS1208: {
    meaning: "Parameters have a price, and the controller does not look at it (a warning).",
    instead: `${OBJECTIVE}${SEARCH}`,
    wrong: `${OBJECTIVE.replace("reward", "reward\n    minimize parameters weight 1e-6")}${SEARCH.replace("natural_policy_gradient", "«gradient_probe»").replace("controller { prior gradient_probe }", "beside no_search")}`,
    right: `${OBJECTIVE.replace("reward", "reward\n    minimize parameters weight 1e-6")}${SEARCH}`,
  },
  LNAS1301: {
    meaning: "There is no config.json where the weights are said to be.",
    instead: 'folder("backbone")',
    wrong: '«folder("elsewhere")»',
    right: 'folder("backbone")',
  },
  LNAS1302: {
    meaning: "The config.json is no JSON, or of a model that is not supported.",
    instead: 'folder("backbone")',
    wrong: '«folder("other")»',
    right: 'folder("backbone")',
    files: { "other/config.json": '{ "model_type": "gpt2" }' },
  },
  LNAS1303: {
    meaning: "Neither the backbone's record nor the experiment says where its weights are.",
    instead: 'backbone vlm = mllama { weights folder("backbone") }',
    wrong: "backbone «vlm» = mllama",
    right: 'backbone vlm = mllama { weights folder("backbone") }',
  },
  LNAS1304: {
    meaning: "The backbone's family has no graph yet, so that a run would stop at once.",
    instead: 'backbone vlm = mllama { weights folder("backbone") }',
    wrong: 'backbone «vlm» { family llava, weights folder("llava") }',
    right: '// allow LNAS1304: planned now, to run later\n  backbone vlm { family llava, weights folder("llava") }',
    files: { "llava/config.json": '{ "model_type": "llava" }\n' },
  },
  LNAS1305: {
    meaning: "The config.json is of another family than the backbone says.",
    instead: 'folder("backbone")',
    wrong: '«folder("llava")»',
    right: 'folder("backbone")',
    files: { "llava/config.json": '{ "model_type": "llava" }\n' },
  },
  LNAS1306: {
    meaning: "The weights folder holds another model than the one that `config`, often that of a record, describes.",
    instead: 'mllama { weights folder("backbone") }',
    wrong: 'mllama { weights «folder("backbone")», config "wider.json" }',
    right: 'mllama { weights folder("backbone") }',
    files: { "wider.json": '{ "model_type": "mllama" }\n' },
  },
  LNAS1401: {
    meaning: "A pattern matches no module of the backbone.",
    instead: "target vision.**",
    wrong: "target «language.layers[*].self_attn.q_prj»",
    right: "target language.layers[*].self_attn.q_proj",
  },
  LNAS1402: {
    meaning: "Two targets share modules.",
    instead: "target vision.** rank in ranks",
    wrong: "target vision.** rank in ranks\n    target «vision.transformer.**» rank in ranks",
    right: "target vision.** rank in ranks\n    target language.** rank in ranks",
  },
  LNAS1403: {
    meaning: "A rank above the smaller size of a module.",
    instead: "rank in ranks",
    wrong: "rank in «[0, 1, 128]»",
    right: "rank in [0, 1, 64]",
  },
  LNAS1404: {
    meaning: "Rank choices that are no ascending list of whole numbers.",
    instead: "rank in ranks",
    wrong: "rank in «[0, 8, 4]»",
    right: "rank in [0, 4, 8]",
  },
  LNAS1405: {
    meaning: "An adapter that adapts nothing.",
    instead:
      "adapter lora on vlm {\n    scale alpha / rank = 2\n    dropout 0\n    target vision.** rank in ranks\n  }",
    wrong: "adapter «lora» on vlm { }",
    right: "adapter lora on vlm { target vision.** rank in ranks }",
  },
  LNAS1406: {
    meaning: "What is left out was not included in the first place.",
    instead: "target vision.** rank in ranks",
    wrong: "target vision.** except «language.**» rank in ranks",
    right: "target vision.** except vision.global_transformer.** rank in ranks",
  },
  LNAS1407: {
    meaning: "Everything that was included is left out again.",
    instead: "target vision.** rank in ranks",
    wrong: "target «vision.transformer.** except vision.**» rank in ranks",
    right: "target vision.** except vision.transformer.** rank in ranks",
  },
  LNAS1408: {
    meaning: "Rank 0 is all that is allowed.",
    instead: "rank in ranks",
    wrong: "rank in «[0]»",
    right: "rank in [0, 2]",
  },
  LNAS1409: {
    meaning: "Every module has one rank, and a search is asked for (a warning).",
    instead: "rank in ranks",
    wrong: "rank «1»",
    right: "rank in [0, 1, 2]",
  },
  LNAS1501: {
    meaning: "The limit is below the smallest choice of ranks.",
    instead:
      "rank in ranks\n  }\n\n  objective {\n    minimize loss on reward\n    subject to parameters <= uniform rank 1",
    wrong: "rank in [1, 2]\n  }\n\n  objective {\n    minimize loss on reward\n    «subject to parameters <= 100»",
    right: "rank in [1, 2]\n  }\n\n  objective {\n    minimize loss on reward\n    subject to parameters <= 10_000",
  },
  LNAS1502: {
    meaning: "The limit is so high that it binds nothing (a warning).",
    instead: "subject to parameters <= uniform rank 1",
    wrong: "«subject to parameters <= uniform rank 9»",
    right: "subject to parameters <= uniform rank 1",
  },
  LNAS1503: {
    meaning: "The limit is below the cheapest rank above 0.",
    instead: "subject to parameters <= uniform rank 1",
    wrong: "«subject to parameters <= 50»",
    right: "subject to parameters <= 5_000",
  },
  LNAS1504: {
    meaning: "The limit has room for the smallest ranks and for nothing else (a warning).",
    instead:
      "rank in ranks\n  }\n\n  objective {\n    minimize loss on reward\n    subject to parameters <= uniform rank 1",
    wrong:
      "rank in [1, 2]\n  }\n\n  objective {\n    minimize loss on reward\n    «subject to parameters <= uniform rank 1»",
    right:
      "rank in [0, 1, 2]\n  }\n\n  objective {\n    minimize loss on reward\n    subject to parameters <= uniform rank 1",
  },
  LNAS1601: {
    meaning: "A warning is allowed, but nobody says why.",
    instead: "seed 7",
    wrong: "seed 7 «// allow LNAS1502»",
    right: "seed 7",
  },
  LNAS1602: {
    meaning: "A comment allows what no diagnostic is called.",
    instead: "seed 7",
    wrong: "seed 7 «// allow LNAS1599: it was there once»",
    right: "seed 7",
  },
  LNAS1603: {
    meaning: "A comment allows an error.",
    instead: "seed 7",
    wrong: "seed 7 «// allow LNAS1401: the module comes later»",
    right: "seed 7",
  },
  LNAS1604: {
    meaning: "A comment allows a warning that is not given.",
    instead: "seed 7",
    wrong: "seed 7 «// allow LNAS1502: the limit is a guard only»",
    right: "seed 7",
  },
  LNAS1701: {
    meaning: "A file of ranks is not there, or says nothing of ranks.",
    instead: "search natural_policy_gradient {\n    controller { prior gradient_probe }",
    wrong: 'search fixed {\n    controller { ranks «"ranks.json"» }',
    right: 'search fixed {\n    controller { ranks "uniform.json" }',
    files: { "uniform.json": VISION_RANK_1 },
  },
  LNAS1702: {
    meaning: "A file of ranks names modules that carry no adapter.",
    instead: "search natural_policy_gradient {\n    controller { prior gradient_probe }",
    wrong: 'search fixed {\n    controller { ranks «"everywhere.json"» }',
    right: 'search fixed {\n    controller { ranks "uniform.json" }',
    files: { "uniform.json": VISION_RANK_1, "everywhere.json": peft(1, "all-linear") },
  },
  LNAS1703: {
    meaning: "A file of ranks leaves modules out.",
    instead: "search natural_policy_gradient {\n    controller { prior gradient_probe }",
    wrong: 'search fixed {\n    controller { ranks «"one.json"» }',
    right: 'search fixed {\n    controller { ranks "uniform.json" }',
    files: {
      "uniform.json": VISION_RANK_1,
      "one.json": '{ "model.vision_model.transformer.layers.0.self_attn.q_proj": 1 }',
    },
  },
  LNAS1704: {
    meaning: "A file gives a module a rank that it cannot take.",
    instead: "search natural_policy_gradient {\n    controller { prior gradient_probe }",
    wrong: 'search fixed {\n    controller { ranks «"three.json"» }',
    right: 'search fixed {\n    controller { ranks "uniform.json" }',
    files: { "uniform.json": VISION_RANK_1, "three.json": peft(3, VISION) },
  },
  LNAS1705: {
    meaning: "The ranks of a file are above the limit.",
    instead: "search natural_policy_gradient {\n    controller { prior gradient_probe }",
    wrong: 'search fixed {\n    controller { ranks «"two.json"» }',
    right: 'search fixed {\n    controller { ranks "uniform.json" }',
    files: { "uniform.json": VISION_RANK_1, "two.json": peft(2, VISION) },
  },
  LNAS1706: {
    meaning: "The run that a search is to start from is missing, not finished, or of another backbone.",
    instead: "prior gradient_probe",
    wrong: 'prior «run("runs/stopped")»',
    right: 'prior run("runs/finished")',
    files: {
      "runs/stopped/ir.json": EARLIER_RUN,
      "runs/finished/ir.json": EARLIER_RUN,
      "runs/finished/ranks.json": VISION_RANK_1,
    },
  },
  LNAS1707: {
    meaning: "The run that a search is to go on from keeps no policy, or one that cannot be read.",
    instead: "prior gradient_probe",
    wrong: 'prior «policy("runs/drawn")»',
    right: 'prior run("runs/drawn")',
    files: {
      "runs/drawn/ir.json": JSON.stringify({ adapter: { targets: [] }, search: { controller: "random" } }),
      "runs/drawn/ranks.json": VISION_RANK_1,
    },
  },
  LNAS1708: {
    meaning: "The policy that a search is to go on from is of other modules, ranks or ties.",
    instead: "prior gradient_probe",
    wrong: 'prior «policy("runs/wider")»',
    right: 'prior run("runs/wider")',
    files: {
      "runs/wider/ir.json": EARLIER_RUN,
      "runs/wider/policy.json": JSON.stringify({
        ...{ policyVersion: 1, controller: "reinforce", maxParameters: 4096 },
        genes: [{ modules: ["model.vision_model.transformer.layers.0.self_attn.q_proj"], logOdds: { 0: 0, 8: 1.5 } }],
      }),
      "runs/wider/ranks.json": VISION_RANK_1,
    },
  },
  LNAS1709: {
    meaning:
      "The run whose super-network another is to start from is missing, not that far, or of another backbone or scale.",
    instead: "super_network { steps 200, batch 16 }",
    wrong: 'super_network { start «run("runs/doubled")», steps 100 }',
    right: 'super_network { start run("runs/trained"), steps 100 }',
    files: {
      "runs/doubled/ir.json": VISION_RUN.replace('"scale":2', '"scale":4'),
      "runs/trained/ir.json": VISION_RUN,
      "runs/trained/stages/super-network.json": "{}",
    },
  },
  LNAS1801: {
    meaning: "A sweep names an experiment twice.",
    instead: END,
    wrong: `${END}${TIGHT}\nsweep budgets = base, tight, «base»\n`,
    right: `${END}${TIGHT}\nsweep budgets = base, tight\n`,
  },
  LNAS1802: {
    meaning: "A sweep has one experiment only.",
    instead: END,
    wrong: `${END}${TIGHT}\nsweep «budgets» = tight\n`,
    right: `${END}${TIGHT}\nsweep budgets = base, tight\n`,
  },
  LNAS1803: {
    meaning: "Two experiments of a sweep differ in nothing but their names and summaries.",
    instead: END,
    wrong: `${END}${AGAIN}\nsweep budgets = base, «again»\n`,
    right: `${END}${TIGHT}\nsweep budgets = base, tight\n`,
  },
  LNAS1901: { meaning: "A file given as IR does not satisfy the schema.", wrong: "", right: "" },
};
