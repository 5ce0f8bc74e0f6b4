/** The specs that fuzzing starts from: examples, the standard library, the documentation's blocks, the cases of the diagnostics, the pairs of the diff. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CASES } from "../compiler/cases.js";
import { BASE } from "../compiler/host.js";
import { PAIRS } from "../diff/pairs.js";
import { REPOSITORY } from "../golden.js";

const read = (path: string) => readFileSync(join(REPOSITORY, path), "utf8");

/** Every `.lnas` file of the standard library and the examples, relative to the repository. */
export const SPEC_FILES: readonly string[] = ["stdlib", "examples"].flatMap((folder) =>
  readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".lnas"))
    .sort()
    .map((file) => `${folder}/${file}`),
);

/** The specs of a page of the documentation. */
export const specsOf = (page: string): readonly string[] =>
  [...read(page).matchAll(/```lnas\n([\s\S]*?)```/g)].map(([, text]) => text!);

/** The base spec with one of everything else that a file can hold. */
export const FANCY = `${BASE}
modules attention = vision.**.self_attn.*, language.layers[0..1, 3].self_attn.{q_proj, v_proj} except vision.global_transformer.**
train recipe { steps 40, optimizer adamw { learning_rate 1e-3 } }
train longer = recipe { steps 80 }
search careful = natural_policy_gradient { controller { rounds 3 } }
experiment other extends base {
  adapter lora on vlm { scale alpha / rank = 1 target attention except **.q_proj rank in [0, 1..2] tie per 2 layers target projector rank 1 }
  train final = longer
}
sweep both = base, other
`;

const cases = Object.values(CASES).flatMap(({ instead, wrong, right }) =>
  [wrong, right]
    .map((piece) => piece.replace(/[«»]/g, ""))
    .map((piece) => (instead === undefined ? piece : BASE.replace(instead, () => piece))),
);
const pairs = PAIRS.filter(({ config }) => config === undefined).map(({ edits }) =>
  edits.reduce((text, [from, to]) => text.replace(from, () => to), BASE.replace("uniform rank 1", "6_912")),
);

/** All of them, each once. */
export const CORPUS: readonly string[] = [
  ...new Set([
    BASE,
    FANCY,
    ...SPEC_FILES.map(read),
    ...["README.md", "docs/language.md"].flatMap(specsOf),
    ...cases,
    ...pairs,
  ]),
];

/** Files that specs of the corpus import or name. */
export const COMPANIONS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.values(CASES).flatMap(({ files }) =>
      Object.entries(files ?? {}).map(([name, text]) => [name, text.replace(/[«»]/g, "")]),
    ),
  ),
  "common.lnas": "edition 1\nconst ranks = [0, 4]\nmodules heads = **.q_proj\ntrain recipe { steps 8 }\n",
  "handwriting.lnas": BASE.replace("experiment base", "experiment handwriting"),
};
