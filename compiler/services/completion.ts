/** What may be written at a cursor, also where the text around it cannot be read yet. */
import { type Cursor, cursorAt, DECLARATION_KEYWORDS, type Experiment, ITEM_KEYWORDS } from "../../grammar/index.js";
import { type Binding, Context } from "../check/context.js";
import { fieldValue } from "../check/fields.js";
import { inheritedItems } from "../check/inherit.js";
import { modulesOf } from "../check/module-set.js";
import { COMPARE, type OptionRow } from "../check/options.js";
import type { CompilerHost } from "../host.js";
import { importedFile, loadModules } from "../modules.js";
import { counted } from "../numbers.js";
import type { Analysis, Completion } from "./analysis.js";
import { backboneAt } from "./backbone-of.js";
import { bindingSummary } from "./binding-summary.js";
import type { Expected, PatternPlace } from "./expectation.js";
import { expectedAt } from "./expected.js";
import { KEYWORD_DOCS } from "./keyword-docs.js";
import { pathSteps } from "./module-paths.js";
import { optionTable, rowDoc, rowOf, rowSummary } from "./option-rows.js";

/** Everything that may stand at an offset. The editor leaves out what does not go with the letters that are there. */
export function completionsAt(analysis: Analysis, host: CompilerHost, offset: number): Completion[] {
  const cursor = cursorAt(analysis.text, offset);
  if (cursor === undefined || analysis.loaded.entry === undefined) return [];
  const scene: Scene = {
    analysis,
    host,
    cursor,
    context: new Context(analysis.loaded.entry.scope, []),
    experiment: analysis.loaded.entry.experiments.find(({ span }) => span.start === cursor.experiment?.start),
  };
  const found = new Map<string, Completion>();
  for (const expected of expectedAt(cursor))
    for (const proposal of proposalsFor(expected, scene))
      if (!found.has(proposal.label)) found.set(proposal.label, { ...proposal, replace: cursor.word });
  return [...found.values()];
}

/** What proposals are made from. */
interface Scene {
  readonly analysis: Analysis;
  readonly host: CompilerHost;
  readonly cursor: Cursor;
  readonly context: Context;
  /** The experiment around the cursor. */
  readonly experiment: Experiment | undefined;
}
type Proposal = Omit<Completion, "replace">;
type Of<K extends Expected["kind"]> = Extract<Expected, { kind: K }>;

const proposalsFor = <K extends Expected["kind"]>(expected: Of<K>, scene: Scene): readonly Proposal[] =>
  (PROPOSALS[expected.kind] as (expected: Of<K>, scene: Scene) => readonly Proposal[])(expected, scene);

const plain = (label: string, kind: Completion["kind"], detail: string, documentation = ""): Proposal => ({
  label,
  kind,
  detail,
  documentation,
  text: label,
});
const optionNamed = (name: string, row: OptionRow): Proposal => plain(name, "option", rowSummary(row), rowDoc(row));
const keyword = (word: string): Proposal => plain(word, "keyword", "", KEYWORD_DOCS[word] ?? "");

const PROPOSALS: { readonly [K in Expected["kind"]]: (expected: Of<K>, scene: Scene) => readonly Proposal[] } = {
  declarations: (_, { analysis }) => {
    const hasEdition = analysis.loaded.entry?.parsed.declarations.some(({ kind }) => kind === "edition") === true;
    return DECLARATION_KEYWORDS.filter((word) => word !== "edition" || !hasEdition).map(keyword);
  },
  items: (_, { cursor }) =>
    ITEM_KEYWORDS.filter((word) => cursor.experiment?.heads.includes(word) !== true).map(keyword),
  keywords: ({ words }) => words.map(keyword),
  choices: ({ what, words }) => words.map((word) => plain(word, "value", what)),
  constants: (_, scene) => bound(scene, ({ kind }) => kind === "const"),
  experiments: ({ own, given }, scene) =>
    bound(
      scene,
      (binding) =>
        binding.kind === "experiment" &&
        binding.experiment !== scene.experiment &&
        !given.includes(binding.name.text) &&
        (!own || binding.scope === scene.context.scope),
    ),
  records: ({ of }, scene) => bound(scene, (binding) => binding.kind === "record" && binding.record.of === of),
  backbone: (_, { context, experiment }) => {
    const item = experiment && inheritedItems(context, experiment).items.backbone;
    return item === undefined ? [] : [plain(item.name.text, "name", "the backbone of this experiment")];
  },
  controllers: ({ rivals, given }, { host }) => [
    ...Object.entries(host.controllers)
      .filter(([name, { rival }]) => (rival || !rivals) && !given.includes(name))
      .map(([name, { summary }]) => plain(name, "name", "controller", summary)),
    ...Object.entries(rivals ? COMPARE : {})
      .filter(([name]) => !given.includes(name))
      .map(([name, row]) => optionNamed(name, row)),
  ],
  options: ({ path, given }, { analysis, host }) =>
    Object.entries(optionTable(analysis, host, path))
      .filter(([name]) => !given.includes(name))
      .map(([name, row]) => optionNamed(name, row)),
  value: optionValues,
  files: (_, { host, cursor }) =>
    host.standardModules.map((name) => ({
      ...plain(`std:${name}`, "file", "standard library"),
      text: cursor.quoted ? `std:${name}` : `"std:${name}"`,
    })),
  exports: ({ from, given }, { analysis, host }) =>
    exportsOf(analysis, host, from)
      .filter(([name]) => !given.includes(name))
      .map(([name, binding]) => named(name, binding)),
  modules: ({ place }, scene) => patternParts(place, scene),
};

/** Names in scope that are bound to such a thing. */
const bound = ({ context }: Scene, isSuch: (binding: Binding) => boolean): Proposal[] =>
  [...context.scope.names].flatMap(([name, binding]) => (isSuch(binding) ? [named(name, binding)] : []));

const named = (name: string, binding: Binding): Proposal => plain(name, "name", bindingSummary(binding));

function optionValues({ path, option }: Of<"value">, scene: Scene): readonly Proposal[] {
  const row = rowOf(optionTable(scene.analysis, scene.host, path), option);
  switch (row?.kind) {
    case "field": {
      const { field } = row;
      const words = field.kind === "choice" ? field.choices : [];
      const preset = (word: string) => ("default" in field && field.default === word ? "default" : "");
      const isFit = (binding: Binding) =>
        binding.kind === "const" &&
        fieldValue(field, scene.context.in(binding.scope).resolve(binding.value)) !== undefined;
      const calls = field.kind === "choice" ? (field.forms ?? []) : [];
      return [
        ...words.map((word) => plain(word, "value", preset(word), field.doc)),
        ...formsOf(calls, field.doc),
        ...bound(scene, isFit),
      ];
    }
    case "forms":
      return formsOf(row.forms, row.doc);
    case "kinds":
      return Object.keys(row.kinds).map((kind) => plain(kind, "value", kind === row.default ? "default" : "", row.doc));
    default:
      return [];
  }
}

/** Calls and texts, in which what is to be filled in is left empty. */
const formsOf = (forms: readonly string[], doc: string): Proposal[] =>
  forms.map((form) => ({ ...plain(form, "value", "", doc), text: form.replaceAll("…", "") }));

/** The names that a file declares or imports, by the text that an import of this file would have. */
function exportsOf({ entry, loaded }: Analysis, host: CompilerHost, from: string): [string, Binding][] {
  const scope = loaded.entry?.scope;
  const file = scope && importedFile(scope, from);
  if (file === undefined) return [];
  // A file that is imported in text that cannot be read yet was not loaded: it is, as if this file imported it and nothing else.
  const importing = `edition 1 import { } from "${from}"`;
  const alone = { ...host, readText: (path: string) => (path === entry ? importing : host.readText(path)) };
  const module = loaded.modules.get(file) ?? loadModules(entry, alone, []).modules.get(file);
  return file === entry
    ? []
    : [...(module?.scope.names ?? [])].filter(([, { kind }]) => kind !== "unavailable" && kind !== "sweep");
}

function patternParts(place: PatternPlace, { analysis, host, cursor, context }: Scene): readonly Proposal[] {
  const found = backboneAt(analysis, host, cursor.word.start);
  const isIndexed = analysis.text[cursor.word.end] === "[";
  const steps = found === undefined ? [] : pathSteps(place, analysis.text, found.backbone.description, isIndexed);
  const paths = steps.map(({ label, text, detail }) => ({ ...plain(label, "path", detail), text }));
  if (!place.isHead) return paths;
  const sets = [...context.scope.names].flatMap(([name, binding]) => {
    if (binding.kind !== "modules") return [];
    const modules = found && modulesOf(context.in(binding.scope), binding.modules, found.backbone.description);
    const detail = modules === undefined ? binding.modules.text : counted(modules.length, "module");
    return [plain(name, "name", detail, `\`${binding.modules.text}\``)];
  });
  return [...sets, ...paths];
}
