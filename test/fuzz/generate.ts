/**
 * Specs written by the rules of the language, from the tables that the compiler reads them with. Most mean something; the layout is arbitrary.
 * A share of the choices can be made wrong.
 */

import type { Field } from "../../compiler/check/fields.js";
import { type BlockKind, type OptionRow, type OptionTable, optionsOf } from "../../compiler/check/options.js";
import { FAMILY_NAMES } from "../../compiler/families.js";
import type { RandomStream } from "../../runtime/random/random.js";
import { type ControllerName, controllerTable } from "../../runtime/search/controllers/table.js";

/** One of a list. */
export const pick = <T>(random: RandomStream, list: readonly T[]): T => list[random.integer(list.length)]!;
const chance = (random: RandomStream, probability: number) => random.uniform() < probability;

/** Those that a spec can name without a file beside it. */
const CONTROLLERS = (Object.keys(controllerTable) as ControllerName[]).filter((name) => name !== "fixed");
const NAMES = ["a", "b", "careful", "rank", "train", "of", "seed", "vision", "layers", "_x1", "target", "experiment"];
const PATTERNS = [
  "vision.**",
  "language.**",
  "projector",
  "**.q_proj",
  "language.layers[0..1, 3].self_attn.{q_proj, v_proj}",
  "vision.transformer.layers[*].mlp.*",
  "**.layers[1].**",
  "language.layers[*].cross_attn.*_proj",
  "**",
];
const RANKS = [
  "rank in [0, 1, 2]",
  "rank in [0, 1..3]",
  "rank in 0..4",
  "rank in ladder(1..4)",
  "rank in range(0..4, step: 2)",
  "rank 2",
];
const TIES = ["", "", "tie per layer", "tie per 2 layers", "tie per kind"];
const LIMITS = ["uniform rank 1", "6_912", "1% of vlm", "1e4"];
/** What is written where a choice is made wrong. */
const WRONG = [
  "0",
  "-1",
  "1e999",
  "2.5",
  "5%",
  "6h",
  "4 GiB",
  '"text"',
  "[0, 8, 4]",
  "0..1e9",
  "name",
  "call(1, x: 2)",
  "{ a 1 }",
  "}",
  "=",
  "**",
  "[[[]]]",
  "",
];

/** Writes one spec; `wrong` is the share of choices that are made wrong. */
export function generateSpec(random: RandomStream, wrong: number): string {
  const right = (word: string): string => (wrong > 0 && chance(random, wrong) ? pick(random, WRONG) : word);
  const some = <T>(list: readonly T[], share: number): T[] => list.filter(() => chance(random, share));
  const shuffled = <T>(list: readonly T[]): T[] => [...random.permutation(list.length)].map((at) => list[at]!);

  const field = (row: Field): string => {
    switch (row.kind) {
      case "integer":
        return String(row.min + random.integer(Math.min(row.max - row.min, 20) + 1));
      case "number": {
        const low = row.above ?? row.min;
        const high = Math.min(row.below ?? row.max, low + 2);
        return String(low + (high - low) * (0.25 + 0.5 * random.uniform()));
      }
      case "share":
        return `${random.integer(101)}%`;
      case "duration":
        return `${1 + random.integer(90)} ${pick(random, ["ms", "s", "min", "h", "d"])}`;
      case "bytes":
        return `${1 + random.integer(90)} ${pick(random, ["MiB", "GiB", "TiB", "GB"])}`;
      case "choice":
        return pick(random, row.choices);
      case "file":
        return '"ranks.json"';
    }
  };
  const option = (name: string, row: OptionRow): string => {
    switch (row.kind) {
      case "field":
        return `${name} ${right(field(row.field))}`;
      case "forms":
        return `${name} ${right(pick(random, row.forms).replace("….jsonl", `data/${name}.jsonl`).replaceAll("…", "backbone"))}`;
      case "kinds": {
        const kind = pick(random, Object.keys(row.kinds));
        return `${name} ${right(kind)} ${chance(random, 0.7) ? block(row.kinds[kind]!, 0.4) : ""}`;
      }
      case "block":
        return `${name} ${block(row.options, 0.4)}`;
    }
  };
  const separator = () => pick(random, [" ", ", "]);
  const block = (table: OptionTable, share: number): string =>
    `{ ${some(shuffled(Object.entries(table)), share)
      .map(([name, row]) => option(name, row))
      .join(separator())} }`;
  const options = (kind: BlockKind, share: number, controller?: string) =>
    block(optionsOf(kind, FAMILY_NAMES, controllerTable, controller), share);

  const sets: string[] = [];
  const pattern = () => right(sets.length > 0 && chance(random, 0.2) ? pick(random, sets) : pick(random, PATTERNS));
  const moduleSet = () => {
    const include = Array.from({ length: 1 + random.integer(2) }, pattern).join(", ");
    return chance(random, 0.3) ? `${include} except ${pattern()}` : include;
  };
  const target = (modules: string) => `target ${modules} ${right(pick(random, RANKS))} ${right(pick(random, TIES))}`;
  /** Targets that share no module, or some that may. */
  const targets = () =>
    chance(random, 0.7)
      ? some(["vision.**", "projector", "language.**"], 0.7).map(target)
      : [target(moduleSet()), target(moduleSet())];
  const recipes: string[] = [];
  const training = () =>
    recipes.length > 0 && chance(random, 0.4)
      ? `= ${pick(random, recipes)} ${chance(random, 0.5) ? options("train", 0.4) : ""}`
      : options("train", 0.5);
  const search = () => {
    const controller = pick(random, CONTROLLERS);
    return `search ${right(controller)} ${options("search", 0.6, controller)}`;
  };
  const rival = () => {
    const controller = pick(random, CONTROLLERS);
    const { options: table } = controllerTable[controller];
    const [name] = Object.keys(table);
    return `${controller} ${name !== undefined && chance(random, 0.3) ? `{ ${name} ${right("3")} }` : ""}`;
  };
  const adapter = () => {
    const settings = [
      ...(chance(random, 0.5) ? [`scale alpha / rank = ${right("2")}`] : []),
      ...(chance(random, 0.5) ? [`dropout ${right(pick(random, ["0", "0.05", "5%"]))}`] : []),
    ];
    return `adapter lora on ${right("vlm")} { ${shuffled([...settings, ...targets()]).join(separator())} }`;
  };
  const objective = () =>
    `objective { ${shuffled([`minimize ${right("loss")} on reward`, `subject to parameters <= ${right(pick(random, LIMITS))}`]).join(separator())} }`;
  const items: Readonly<Record<string, () => string>> = {
    summary: () => `summary ${right('"what for?"')}`,
    seed: () => `seed ${right(String(random.integer(9)))}`,
    backbone: () =>
      `backbone vlm ${pick(random, ['= mllama { weights folder("backbone") }', '{ family mllama weights folder("backbone") }'])}`,
    dataset: () => `dataset digits ${options("dataset", 1)}`,
    adapter,
    objective,
    search,
    compare: () =>
      `compare with ${shuffled([rival(), rival(), `seeds ${right("3")}`])
        .slice(0, 1 + random.integer(3))
        .join(", ")}`,
    train: () => `train final ${training()}`,
    budget: () => `budget ${options("budget", 0.6)}`,
    export: () => `export peft ${right('"adapter"')}`,
  };
  const optional = new Set(["summary", "seed", "compare", "budget"]);
  const experiments: string[] = [];
  const experiment = (name: string) => {
    const base = experiments.length > 0 && chance(random, 0.6) ? pick(random, experiments) : undefined;
    const chosen = Object.entries(items).filter(([kind]) =>
      base === undefined
        ? chance(random, optional.has(kind) ? 0.5 : 1 - wrong)
        : kind !== "backbone" && chance(random, 0.25),
    );
    experiments.push(name);
    const body = shuffled(chosen).map(([, write]) => write());
    return `experiment ${name} ${base === undefined ? "" : `extends ${base}`} {\n${body.join("\n")}\n}`;
  };

  const declarations: string[] = ['import { mllama } from "std:backbones"'];
  for (let count = random.integer(3); count > 0; count--) {
    const name = `${pick(random, NAMES)}_${declarations.length}`;
    const kind = random.integer(4);
    if (kind === 0) declarations.push(`const ${name} = ${right(pick(random, ["[0, 1, 2]", "7", '"text"', "0..4"]))}`);
    else if (kind === 1) {
      declarations.push(`modules ${name} = ${moduleSet()}`);
      sets.push(name);
    } else if (kind === 2) {
      declarations.push(`train ${name} ${training()}`);
      recipes.push(name);
    } else declarations.push('import { small } from "std:ranks"');
  }
  for (let count = 1 + random.integer(3); count > 0; count--)
    declarations.push(experiment(`${pick(random, NAMES)}${declarations.length}`));
  if (experiments.length > 1)
    declarations.push(
      `sweep all_of_them = ${shuffled(experiments)
        .map(right)
        .join(pick(random, [", ", ",\n  "]))}`,
    );
  return laidOut(random, `edition 1\n${shuffled([...new Set(declarations)]).join("\n")}\n`);
}

const SPACES = [" ", "  ", "\n", "\n\n", "\t", "\r\n", " ", " "];
const COMMENTS = ["// why\n", "/* here */", "/* two\n   lines */", "\n// alone\n", "// allow LNAS1502: a guard\n"];

/** The same words with other white space between them, and comments. */
export function laidOut(random: RandomStream, text: string): string {
  const style = random.integer(4);
  if (style === 0) return text;
  let within = false;
  return text.replace(/"|\s+/g, (found) => {
    if (found === '"') within = !within;
    if (found === '"' || within) return found;
    if (style === 1) return found;
    const space = style === 2 ? found : pick(random, SPACES);
    return chance(random, 0.04) ? ` ${pick(random, COMMENTS)}${space}` : space;
  });
}
