/** What holds for every text whatever: the laws of parsing, checking, formatting and comparing. */
import { isDeepStrictEqual } from "node:util";
import { diffExperiments, diffJson, diffMarkdown, diffText } from "../../compiler/diff/index.js";
import { type Formatted, format } from "../../compiler/format/index.js";
import {
  applySafeFixes,
  type Compilation,
  type Compiled,
  type CompilerHost,
  compile,
  diagnosticsJson,
  githubAnnotations,
  type Place,
  renderText,
  sarifLog,
} from "../../compiler/index.js";
import { type ParsedFile, parse } from "../../grammar/index.js";
import { describeConfig } from "../../runtime/models/describe.js";
import { memoryHost } from "../compiler/host.js";
import { COMPANIONS } from "./corpus.js";

const FILE = "spec.lnas";
const standing = memoryHost(COMPANIONS);
const described = new Map<string, ReturnType<typeof describeConfig>>();
const read = new Map<string, string | undefined>();

/** The host of a spec beside the corpus's companions. Configurations and standard modules are read once for all cases. */
function hostOf(text: string): CompilerHost {
  return {
    ...standing,
    readText: (path) => (path === FILE ? text : standing.readText(path)),
    readStandard: (path) => {
      if (!read.has(path)) read.set(path, standing.readStandard(path));
      return read.get(path);
    },
    describeBackbone: (json, place) => {
      const key = `${place} ${JSON.stringify(json)}`;
      const known = described.get(key) ?? describeConfig(json, place);
      described.set(key, known);
      return known;
    },
  };
}

/** Compiles a text as a file among the companions. */
export const compileCase = (text: string): Compilation => compile(FILE, hostOf(text));

/** A text, and what becomes of it. */
export interface Subject {
  readonly text: string;
  readonly parsed: ParsedFile;
  readonly compilation: Compilation;
  readonly formatted: Formatted;
  /** The formatted text, and what becomes of that; undefined where the text does not parse. */
  readonly clean: { readonly text: string; readonly parsed: ParsedFile; readonly compilation: Compilation } | undefined;
  /** Some other experiments, to be compared with. */
  readonly others: readonly Compiled[];
}

/** Takes a text through parser, checker and formatter. */
export function subjectOf(text: string, others: readonly Compiled[]): Subject {
  const formatted = format(text);
  const result = formatted.text;
  return {
    text,
    parsed: parse(text),
    compilation: compileCase(text),
    formatted,
    clean: result === undefined ? undefined : { text: result, parsed: parse(result), compilation: compileCase(result) },
    others,
  };
}

/** A law is broken. */
export class Broken extends Error {
  override readonly name = "Broken";
}
function holds(condition: boolean, what: string): void {
  if (!condition) throw new Broken(what);
}
function same(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected))
    throw new Broken(`${what}\n${JSON.stringify(actual)}\n${JSON.stringify(expected)}`.slice(0, 4000));
}

/** A tree without places. */
export const shapeOf = ({ declarations }: ParsedFile): string =>
  JSON.stringify(declarations, (key, value) => (key === "span" ? undefined : value));
/** Comments in order, without white space at the ends of their lines. */
export const commentsOf = ({ comments }: ParsedFile): string[] =>
  comments.map(({ text }) => text.replace(/\s+$/gm, (space) => space.replace(/[^\n]/g, "")));
const hashesOf = ({ experiments }: Compilation) => experiments.map(({ irHash }) => irHash);
/** Allowances stand for lines, so that where words have other lines they allow other warnings. */
const BY_LINES = new Set(["LNAS1502", "LNAS1604"]);
/** Diagnostics without their places: what a change of layout leaves. */
const saidBy = ({ diagnostics }: Compilation) =>
  diagnostics
    .filter(({ code }) => !BY_LINES.has(code))
    .map(({ code, message }) => `${code} ${message}`)
    .sort();

/** Checks a law; false where it has nothing to say about the subject. */
type Law = (subject: Subject) => boolean;

/** The laws by name. */
export const LAWS: Readonly<Record<string, Law>> = {
  "diagnostics point into the text": ({ parsed, compilation: { diagnostics, texts } }) => {
    const within = ({ file, span }: Place) => {
      const length = texts.get(file)?.length;
      holds(
        length === undefined || (span.start >= 0 && span.start <= span.end && span.end <= length),
        `${file} ${span.start}..${span.end} of ${length}`,
      );
    };
    for (const { place, labels, fixes } of diagnostics)
      for (const each of [
        place,
        ...labels.map((label) => label.place),
        ...fixes.flatMap(({ edits }) => edits.map((edit) => edit.place)),
      ])
        within(each);
    for (const { span } of parsed.problems) within({ file: FILE, span });
    return diagnostics.length > 0;
  },
  "diagnostics can be shown in every form, without characters that a terminal obeys": ({
    compilation: { diagnostics, texts },
  }) => {
    const textOf = (file: string) => texts.get(file);
    const shown = renderText(diagnostics, textOf);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
    holds(!/[\0-\x08\x0B-\x1F\x7F-\x9F\u202A-\u202E\u2066-\u2069]/.test(shown), "control characters in the text");
    JSON.stringify(diagnosticsJson(diagnostics, textOf));
    JSON.stringify(sarifLog(diagnostics, textOf, { version: "0", pageOf: (code) => code }));
    const annotations = githubAnnotations(diagnostics, textOf);
    holds(
      annotations.split("\n").every((line) => line === "" || line.startsWith("::")),
      "an annotation of two lines",
    );
    return diagnostics.length > 0;
  },
  "a text that does not parse has a diagnostic, and a file without any error compiles": ({ parsed, compilation }) => {
    const errors = compilation.diagnostics.filter(({ severity }) => severity === "error");
    holds(parsed.problems.length === 0 || errors.length > 0, "a problem without a diagnostic");
    const written = parsed.declarations.filter(({ kind }) => kind === "experiment").length;
    if (errors.length > 0) return true;
    same(compilation.experiments.length, written, "experiments lost without a word");
    return true;
  },
  "checking is deterministic": ({ text, compilation }) => {
    const again = compileCase(text);
    same(again.diagnostics, compilation.diagnostics, "other diagnostics");
    same(hashesOf(again), hashesOf(compilation), "other hashes");
    return true;
  },
  "safe fixes can be applied": ({ text, compilation: { diagnostics, texts } }) => {
    const { texts: mended } = applySafeFixes(
      diagnostics,
      (file) => texts.get(file),
      (file) => file === FILE,
    );
    const result = mended.get(FILE);
    if (result === undefined) return false;
    holds(result !== text, "a fix that changes nothing");
    compileCase(result);
    return true;
  },
  "only a text that parses is formatted": ({ parsed, formatted }) => {
    same(formatted.text === undefined, parsed.problems.length > 0, "formatted with problems, or not without");
    return true;
  },
  "formatting twice is formatting once": ({ clean }) => {
    if (clean === undefined) return false;
    same(format(clean.text).text, clean.text, "another text the second time");
    return true;
  },
  "formatting keeps the tree and every comment": ({ parsed, clean }) => {
    if (clean === undefined) return false;
    holds(shapeOf(clean.parsed) === shapeOf(parsed), `another tree in\n${clean.text}`);
    same(commentsOf(clean.parsed), commentsOf(parsed), "other comments");
    holds(!/[ \t]$/m.test(clean.text), "space at the end of a line");
    return true;
  },
  "formatting keeps the meaning": ({ compilation, clean }) => {
    if (clean === undefined) return false;
    same(hashesOf(clean.compilation), hashesOf(compilation), "other hashes");
    same(saidBy(clean.compilation), saidBy(compilation), `other diagnostics in\n${clean.text}`);
    return true;
  },
  "a formatted spec differs in nothing": ({ compilation, clean }) => {
    if (clean === undefined || compilation.experiments.length === 0) return false;
    const diffs = diffExperiments(compilation.experiments, clean.compilation.experiments);
    same(
      diffs.flatMap(({ changes }) => changes.map(({ rule }) => rule)),
      [],
      "changes",
    );
    return true;
  },
  "any two specs can be compared, and differ where their hashes do": ({
    compilation: { experiments, texts },
    others,
  }) => {
    if (experiments.length === 0) return false;
    const diffs = diffExperiments(others, experiments);
    const textOf = (file: string) => texts.get(file);
    for (const show of [diffText, diffMarkdown]) show(diffs, textOf);
    JSON.stringify(diffJson(diffs, textOf));
    for (const { before, after, changes } of diffs)
      same(before?.irHash !== after?.irHash, changes.length > 0, "hashes and changes");
    return true;
  },
};
