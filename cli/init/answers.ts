/** What the project is to be: from options, from questions, from defaults. */
import { existsSync } from "node:fs";
import { isAbsolute, join, sep } from "node:path";
import { UsageError } from "../failure.js";
import { type Answers, TEMPLATE_NAMES, TEMPLATES, type TemplateName, type TemplateRow } from "./templates.js";

/** What the command line says. */
export interface Wishes {
  readonly folder: string;
  readonly template?: TemplateName;
  readonly name?: string;
  readonly backbone?: string;
}

/** Asks a person; `validate` returns what is wrong with an answer. */
export interface Questions {
  choose<T extends string>(
    message: string,
    choices: readonly { readonly value: T; readonly name: string; readonly description: string }[],
  ): Promise<T>;
  text(message: string, preset: string, validate: (answer: string) => string | undefined): Promise<string>;
}

const MAX_NAME = 64;
/** Windows keeps these names for devices, whatever follows the dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** What is wrong with the name of an experiment, which is also the name of its file. */
export function nameProblem(name: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return "a name has letters, digits and _, and does not begin with a digit";
  if (name.length > MAX_NAME) return `a name has ${MAX_NAME} characters at most`;
  return DEVICE.test(name) ? "Windows keeps this name for a device" : undefined;
}

/** What is wrong with the folder of a backbone. */
function backboneProblem(projectFolder: string, backbone: string): string | undefined {
  if (isAbsolute(backbone) || backbone.split(/[\\/]/).includes(".."))
    return "the folder lies within the project, so that everyone who has the project has it: give a path relative to it";
  return existsSync(join(projectFolder, backbone, "config.json"))
    ? undefined
    : `there is no ${join(backbone, "config.json")} in the project; leave it out and name the folder in the spec later`;
}

/** The answers; what no option settles is asked, or has its default where nobody can be asked. Throws a `UsageError` for bad options. */
export async function settleAnswers(wishes: Wishes, lnasc: string, questions: Questions | undefined): Promise<Answers> {
  const refuse = (option: string, problem: string | undefined) => {
    if (problem !== undefined) throw new UsageError(`${option}: ${problem}`);
  };
  if (wishes.name !== undefined) refuse(`--name ${wishes.name}`, nameProblem(wishes.name));
  const template = wishes.template ?? (await questions?.choose("What do you want to begin with?", CHOICES)) ?? "first";
  const row: TemplateRow = TEMPLATES[template];
  const name =
    wishes.name ??
    (await questions?.text("Name of the experiment and of its file", row.defaultName, nameProblem)) ??
    row.defaultName;
  if (!row.asksForBackbone) {
    if (wishes.backbone !== undefined) throw new UsageError(`--backbone: the template ${template} has its own`);
    return { template, name, lnasc };
  }
  const problemOf = (folder: string) => (folder === "" ? undefined : backboneProblem(wishes.folder, folder));
  if (wishes.backbone !== undefined) refuse(`--backbone ${wishes.backbone}`, problemOf(wishes.backbone));
  const backbone =
    wishes.backbone ??
    (await questions?.text("Folder of the backbone within the project (empty: none yet)", "", problemOf)) ??
    "";
  return { template, name, lnasc, ...(backbone === "" ? {} : { backbone: backbone.split(sep).join("/") }) };
}

const CHOICES = TEMPLATE_NAMES.map((value) => ({
  value,
  name: TEMPLATES[value].title,
  description: TEMPLATES[value].summary,
}));
