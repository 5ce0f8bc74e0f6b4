/** `lnasc diff`: what changed in the meaning of specs. */
import { Command, Option } from "commander";
import type { Compiled, CompilerHost, Diagnostic } from "../../compiler/index.js";
import type { Act } from "../command-line.js";
import { EXIT } from "../exit-status.js";
import { Finished, UsageError } from "../failure.js";
import type { Terminal } from "../terminal.js";

interface DiffOptions {
  readonly against?: string;
  readonly format: "text" | "json" | "markdown";
  readonly failOn?: string;
  readonly accept?: string;
  readonly textconv?: boolean;
}

/** The command `diff`; status 1 when `--fail-on` says so, 2 when a present spec has errors. */
export function diffCommand(act: Act): Command {
  return new Command("diff")
    .description("show what changed in the meaning of specs")
    .argument("[paths...]", "two files or folders, old and new; with --against, what to compare (default: this folder)")
    .option("--against <revision>", "compare with a revision of git")
    .addOption(
      new Option("--format <format>", "how changes are printed").choices(["text", "json", "markdown"]).default("text"),
    )
    .option("--fail-on <what>", "status 1 on a severity (note, warning, breaking) or graver, or on a category")
    .option("--accept <file>", "changes that are meant: a JSON list of { rule, experiment, from, to, reason }")
    .option("--textconv", "print one spec in words alone, without comments and layout, for git's textconv")
    .action(
      act(async (terminal, paths: readonly string[], options: DiffOptions) => {
        if (options.textconv === true) return printCanonical(paths, terminal);
        const { diffExperiments, diffJson, diffMarkdown, diffText } = await import("../../compiler/diff/index.js");
        const failsOn = await gate(options.failOn);
        const { before, after } = await sides(paths, options.against);
        const unreadable = await explainErrors(before, after, options.against, terminal);
        const comparable = ({ experiments }: Version) => experiments.filter(({ ir }) => !unreadable.has(ir.name));
        const diffs = diffExperiments(comparable(before), comparable(after));
        const textOf = (file: string) => after.texts.get(file) ?? before.texts.get(file);
        const format = terminal.json ? "json" : options.format;
        if (format === "json") terminal.resultJson(diffJson(diffs, textOf));
        else terminal.show((format === "markdown" ? diffMarkdown : diffText)(diffs, textOf));
        const { unaccepted } = await import("../accepted-changes.js");
        const open = unaccepted(diffs, options.accept, terminal);
        if (after.errors.length > 0 || (options.against === undefined && before.errors.length > 0))
          throw new Finished(EXIT.usage);
        if (open.some(failsOn)) throw new Finished(EXIT.findings);
      }),
    );
}

type Gate = (change: { readonly severity: string; readonly category: string }) => boolean;

async function gate(what: string | undefined): Promise<Gate> {
  if (what === undefined) return () => false;
  const { CATEGORIES, SEVERITIES } = await import("../../compiler/diff/index.js");
  const severities: readonly string[] = SEVERITIES;
  const words = what.split(",").map((word) => word.trim().replaceAll("-", " "));
  for (const word of words)
    if (!severities.includes(word) && !(CATEGORIES as readonly string[]).includes(word))
      throw new UsageError(`--fail-on ${word}: give one of ${[...SEVERITIES, ...CATEGORIES].join(", ")}`);
  const least = Math.min(
    ...words.map((word) => severities.indexOf(word)).filter((at) => at >= 0),
    Number.POSITIVE_INFINITY,
  );
  return ({ severity, category }) => severities.indexOf(severity) >= least || words.includes(category);
}

interface Version {
  readonly experiments: readonly Compiled[];
  readonly texts: ReadonlyMap<string, string>;
  readonly errors: readonly Diagnostic[];
  /** Names of experiments that have errors. */
  readonly unreadable: readonly string[];
}

async function sides(paths: readonly string[], against: string | undefined) {
  const { specFiles } = await import("../spec-files.js");
  const { fileHost } = await import("../host.js");
  const now = (files: readonly string[]) => version(files, (file) => fileHost(file));
  if (against === undefined) {
    const [old, other, ...more] = paths;
    if (old === undefined || other === undefined || more.length > 0)
      throw new UsageError("give two files or folders, the old and the new one, or --against <revision>");
    return { before: await now(specFiles([old])), after: await now(specFiles([other])) };
  }
  const { commitOf, hostAt, specFilesAt } = await import("../git.js");
  const folder = process.cwd();
  const commit = commitOf(against, folder);
  const { existsSync } = await import("node:fs");
  const old = specFilesAt(commit, paths, folder);
  const present = paths.filter((path) => existsSync(path));
  const files = paths.length > 0 && present.length === 0 ? [] : specFiles(present);
  const host = hostAt(commit, folder);
  return { before: await version(old, () => host), after: await now(files) };
}

async function version(files: readonly string[], hostOf: (file: string) => CompilerHost): Promise<Version> {
  const { compile } = await import("../../compiler/index.js");
  const { parse } = await import("../../grammar/index.js");
  const compilations = files.map((file) => ({ file, ...compile(file, hostOf(file)) }));
  return {
    experiments: compilations.flatMap(({ experiments }) => experiments),
    texts: new Map(compilations.flatMap(({ texts }) => [...texts])),
    errors: compilations.flatMap(({ diagnostics }) => diagnostics.filter(({ severity }) => severity === "error")),
    unreadable: compilations.flatMap(({ file, texts, experiments }) =>
      parse(texts.get(file) ?? "").declarations.flatMap((declaration) =>
        declaration.kind === "experiment" && !experiments.some(({ ir }) => ir.name === declaration.name.text)
          ? [declaration.name.text]
          : [],
      ),
    ),
  };
}

/**
 * Says what is wrong with the specs, and returns the names of experiments that cannot be compared. Errors of a revision are past mending, so
 * only that they are there is said.
 */
async function explainErrors(
  before: Version,
  after: Version,
  against: string | undefined,
  terminal: Terminal,
): Promise<ReadonlySet<string>> {
  const { showDiagnostics } = await import("../spec.js");
  const shown = against === undefined ? [before, after] : [after];
  for (const { errors: diagnostics, texts } of shown) showDiagnostics({ diagnostics, texts }, terminal);
  const names = new Set([...before.unreadable, ...after.unreadable]);
  if (against !== undefined && before.errors.length > 0) {
    const files = [...new Set(before.errors.map(({ place }) => `${against}:${place.file}`))];
    terminal.note(`${files.join(", ")} had errors`);
  }
  if (names.size > 0) terminal.note(`not compared: ${[...names].join(", ")}`);
  return names;
}

/** git hands over old versions as files of its own elsewhere, so nothing beside them can be read: words, not meanings, are compared. */
async function printCanonical(paths: readonly string[], terminal: Terminal): Promise<void> {
  const [file, ...more] = paths;
  if (file === undefined || more.length > 0) throw new UsageError("--textconv takes one file");
  const { canonicalText } = await import("../../compiler/format/canonical.js");
  const { readFileSync } = await import("node:fs");
  terminal.result(canonicalText(readFileSync(file, "utf8")));
}
