/** The projects that `lnasc init` can make: one row each. A row's pages are Handlebars files in `templates/`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Handlebars from "handlebars";
import { TEMPLATES_FOLDER } from "../installation.js";
import { EXAMPLES, exampleProject, sampleData } from "./example-files.js";
import type { ProjectFiles } from "./project-files.js";

/** What a project is made from. */
export interface Answers {
  readonly template: TemplateName;
  /** Of the experiment, and of its file. */
  readonly name: string;
  /** Folder of the backbone, relative to the project with `/`; undefined where there is none yet. */
  readonly backbone?: string;
  /** How the commands in the README begin. */
  readonly lnasc: string;
}

export interface TemplateRow {
  readonly title: string;
  readonly summary: string;
  readonly defaultName: string;
  readonly asksForBackbone: boolean;
  /** Pages other than the spec and the README: path in the project -> file in `templates/`. */
  readonly pages: Readonly<Record<string, string>>;
  /** Models and data that come with it. */
  readonly copies: () => Promise<ProjectFiles>;
  /** Commands to go on with. */
  readonly next: readonly string[];
  /** What must be said when it was made. */
  readonly remark: (answers: Answers) => string | undefined;
}

export const TEMPLATES = {
  first: {
    title: "First experiment",
    summary: "a tiny model learns handwriting: a whole search in about a minute",
    defaultName: "first",
    asksForBackbone: false,
    pages: { "data/README.md": "first/data-README.md.hbs" },
    copies: exampleProject,
    next: ["check", "plan", "compile", "run"],
    remark: () => undefined,
  },
  "own-data": {
    title: "Own data",
    summary: "a spec and two examples a file, for your own data and backbone",
    defaultName: "own_data",
    asksForBackbone: true,
    pages: { "data/README.md": "data-README.md.hbs" },
    copies: sampleData,
    next: ["check", "plan", "compile"],
    remark: ({ backbone, lnasc }) =>
      backbone === undefined
        ? "It cannot run yet: put the weights into the project, and name their folder in the spec where it says WEIGHTS GO HERE. Replace the examples in data/ with yours."
        : `Replace the examples in data/ with yours; then \`${lnasc} run\` runs it.`,
  },
  "11b": {
    title: "11B on a GPU machine",
    summary: "520 modules of Llama 3.2 11B Vision; checks, plans and compiles without its weights",
    defaultName: "vision_11b",
    asksForBackbone: false,
    pages: { "data/README.md": "data-README.md.hbs" },
    copies: sampleData,
    next: ["check", "plan", "compile"],
    remark: () => "It cannot run yet: a backbone of this size needs a GPU engine, which this version does not have.",
  },
} as const satisfies Readonly<Record<string, TemplateRow>>;

export type TemplateName = keyof typeof TEMPLATES;
export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as readonly TemplateName[];

/** The spec's file. */
export const specFile = (name: string): string => `${name}.lnas`;

/** Every file of the project that the answers ask for; nothing is written. */
export async function projectFiles(answers: Answers): Promise<ProjectFiles> {
  const { name, template, backbone, lnasc } = answers;
  const row: TemplateRow = TEMPLATES[template];
  const pages: Readonly<Record<string, string>> = {
    [specFile(name)]: `${template}/experiment.lnas.hbs`,
    "README.md": `${template}/README.md.hbs`,
    ".gitignore": "gitignore.hbs",
    ...row.pages,
  };
  const handlebars = Handlebars.create();
  handlebars.registerHelper("quoted", (text: string) => JSON.stringify(text));
  const words = { name, spec: specFile(name), backbone: backbone ?? null, lnasc, examples: EXAMPLES };
  return new Map<string, string | Uint8Array>([
    ...Object.entries(pages).map(([path, file]): [string, string] => {
      const source = readFileSync(join(TEMPLATES_FOLDER, file), "utf8");
      return [path, handlebars.compile(source, { noEscape: true, strict: true })(words)];
    }),
    ...(await row.copies()),
  ]);
}
