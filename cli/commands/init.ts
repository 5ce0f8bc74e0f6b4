/** `lnasc init`: a new project from a template. */
import { join } from "node:path";
import { Command, Option } from "commander";
import type { Act } from "../command-line.js";
import { EXIT } from "../exit-status.js";
import { Finished, UsageError } from "../failure.js";
import type { ProjectFiles } from "../init/project-files.js";
import type { Answers, TemplateName } from "../init/templates.js";
import type { Terminal } from "../terminal.js";

interface InitOptions {
  readonly yes?: boolean;
  readonly template?: TemplateName;
  readonly name?: string;
  readonly backbone?: string;
}

/** Names of the templates: here too, so that `--help` need not load them. */
const NAMES: Readonly<Record<TemplateName, true>> = { first: true, "own-data": true, "11b": true };

/** The command `init`; status 2, and nothing written, where a file is in the way. */
export function initCommand(act: Act): Command {
  return new Command("init")
    .description("make a new project: a spec, its data or a place for them, a README")
    .argument("[folder]", "where; made when it is not there (default: this folder)")
    .option("-y, --yes", "ask nothing: what no option says has its default")
    .addOption(new Option("--template <name>", "what to begin with (default: first)").choices(Object.keys(NAMES)))
    .option("--name <name>", "of the experiment and of its file")
    .option("--backbone <folder>", "of the template own-data: a Hugging Face folder within the project")
    .action(
      act(async (terminal, folder: string | undefined, options: InitOptions) => {
        const { settleAnswers } = await import("../init/answers.js");
        const { projectFiles, specFile } = await import("../init/templates.js");
        const { inTheWay, writeProject } = await import("../init/write-project.js");
        const { terminalQuestions } = await import("../init/questions.js");
        const where = folder ?? ".";
        const isAsked = options.yes !== true;
        if (isAsked && (process.stdin.isTTY !== true || process.stderr.isTTY !== true))
          throw new UsageError(
            "there is no terminal to ask on: give --yes, and --template and --name where they matter",
          );
        const questions = isAsked ? await terminalQuestions(terminal) : undefined;
        const answers = await settleAnswers({ ...options, folder: where }, commandName(), questions);
        const files = await projectFiles(answers);
        const taken = inTheWay(where, files.keys());
        if (taken.length > 0)
          throw new UsageError(
            [
              "these are in the way, and nothing was written:",
              ...taken.map((path) => `  ${join(where, path)}`),
              "Move them, or make the project in a new folder: lnasc init <folder>",
            ].join("\n"),
          );
        await requireSound(join(where, specFile(answers.name)), files, terminal);
        writeProject(where, files);
        await show(where, answers, files, terminal);
      }),
    );
}

/** Answers may not fit together, such as a name that the spec imports. Shows the diagnostics and ends with `Finished` then. */
async function requireSound(spec: string, files: ProjectFiles, terminal: Terminal): Promise<void> {
  const { compilePlanned } = await import("../init/check-project.js");
  const { showDiagnostics } = await import("../spec.js");
  const compilation = compilePlanned(spec, files);
  if (compilation.diagnostics.length === 0) return;
  showDiagnostics(compilation, terminal);
  terminal.problem("The project would not be sound with these answers; nothing was written.");
  throw new Finished(EXIT.usage);
}

async function show(folder: string, answers: Answers, files: ProjectFiles, terminal: Terminal): Promise<void> {
  const { TEMPLATES } = await import("../init/templates.js");
  const { template, lnasc } = answers;
  const { next, remark } = TEMPLATES[template];
  if (terminal.json) {
    terminal.resultJson({ folder, template, name: answers.name, files: [...files.keys()] });
    return;
  }
  terminal.note(`${files.size} files in ${folder === "." ? "this folder" : folder}; README.md says what they are`);
  const said = remark(answers);
  if (said !== undefined) terminal.note(said);
  terminal.note("Next:");
  const enter = folder === "." ? [] : [`cd ${/^[\w./-]+$/.test(folder) ? folder : JSON.stringify(folder)}`];
  terminal.result([...enter, ...next.map((command) => `${lnasc} ${command}`)].map((line) => `  ${line}`).join("\n"));
}

/** How the user calls this program, so that what is printed can be typed. */
const commandName = (): string => (process.env.npm_command === "exec" ? "npx lnasc" : "lnasc");
