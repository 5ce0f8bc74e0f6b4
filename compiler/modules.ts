/** Files and their imports: reads what a spec names, once each, and binds names to what they stand for. */
import {
  type Comment,
  type Declaration,
  type Experiment,
  type Name,
  type ParsedFile,
  parse,
  type RecordDeclaration,
  type Sweep,
} from "../grammar/index.js";
import { type Binding, Context, type Scope } from "./check/context.js";
import { type Diagnostic, diagnostic } from "./diagnostics/diagnostic.js";
import { closest, suggestion } from "./diagnostics/nearest.js";
import type { CompilerHost } from "./host.js";
import { folderOf, joinPath } from "./paths.js";
import { reportSyntax } from "./syntax.js";

const STANDARD = "std:";
const EDITION = 1;

/** A file read and bound. */
export interface Module {
  readonly scope: Scope;
  readonly experiments: readonly Experiment[];
  readonly records: readonly RecordDeclaration[];
  readonly sweeps: readonly Sweep[];
  readonly parsed: ParsedFile;
  /** Whether it declares nothing at all. */
  readonly isEmpty: boolean;
}

export interface Loaded {
  readonly entry: Module | undefined;
  /** Every file read, by the name under which diagnostics speak of it. */
  readonly modules: ReadonlyMap<string, Module>;
  /** Text of every file read, by the name under which diagnostics speak of it. */
  readonly texts: ReadonlyMap<string, string>;
  /** The comments of each file outside of the standard library. */
  readonly comments: ReadonlyMap<string, readonly Comment[]>;
}

/** Loads the entry file and what it imports; problems go to `diagnostics`. */
export function loadModules(entry: string, host: CompilerHost, diagnostics: Diagnostic[]): Loaded {
  const texts = new Map<string, string>();
  const comments = new Map<string, readonly Comment[]>();
  const modules = new Map<string, Module>();
  const text = host.readText(entry);
  if (text === undefined) {
    diagnostics.push(unreadableFile(entry));
    return { entry: undefined, modules, texts, comments };
  }
  const load = (file: string, source: string, standard: boolean, chain: readonly string[]): Module => {
    texts.set(file, source);
    const parsed = parse(source);
    if (!standard) comments.set(file, parsed.comments);
    const damaged = parsed.declarations.some(({ kind }) => kind === "unreadable");
    const scope: Scope = { file, standard, names: new Map(), damaged };
    const context = new Context(scope, diagnostics);
    reportSyntax(context, parsed.problems);
    checkEdition(context, parsed, source.length);
    const module: Module = {
      scope,
      parsed,
      experiments: parsed.declarations.filter((declaration) => declaration.kind === "experiment"),
      records: parsed.declarations.filter((declaration) => declaration.kind === "record"),
      sweeps: parsed.declarations.filter((declaration) => declaration.kind === "sweep"),
      isEmpty: parsed.declarations.every(({ kind }) => kind === "edition" || kind === "import"),
    };
    modules.set(file, module);
    for (const declaration of parsed.declarations) {
      if (declaration.kind === "import") importNames(context, declaration, [...chain, file]);
      else declare(context, declaration);
    }
    return module;
  };

  const importNames = (
    context: Context,
    declaration: Extract<Declaration, { kind: "import" }>,
    chain: readonly string[],
  ) => {
    const { from } = declaration;
    const target = from.kind === "string" ? from.value : "";
    const giveUp = (names = declaration.names) => {
      for (const name of names)
        if (!context.scope.names.has(name.text)) context.scope.names.set(name.text, { kind: "unavailable", name });
    };
    const standard = target.startsWith(STANDARD);
    const file = importedFile(context.scope, target);
    if (file === undefined) {
      context.report("LNAS1105", from.span, { module: target || "this" });
      giveUp();
      return;
    }
    const within = context.scope.standard && !standard;
    if (chain.includes(file)) {
      context.report("LNAS1104", from.span, { cycle: [...chain.slice(chain.indexOf(file)), file].join(" → ") });
      giveUp();
      return;
    }
    let module = modules.get(file);
    if (module === undefined) {
      const source = standard || within ? host.readStandard(file.slice(STANDARD.length)) : host.readText(file);
      if (source === undefined) {
        const known = host.standardModules.map((name) => `${STANDARD}${name}`);
        const meant = closest(target, known);
        const hint = standard
          ? suggestion(target, known)
          : "Check the path; it is relative to this file and stays within the project.";
        const fixes =
          standard && meant?.isOnly === true
            ? [context.replacement(`Import from "${meant.name}"`, from.span, `"${meant.name}"`)]
            : [];
        context.report("LNAS1103", from.span, { module: target, hint }, [], fixes);
        giveUp();
        return;
      }
      module = load(file, source, standard || within, chain);
    }
    for (const name of declaration.names) {
      const binding = module.scope.names.get(name.text);
      if (binding === undefined) {
        // What could not be read there may be this very name.
        if (!module.scope.damaged) {
          const { hint, fixes } = context.meant(name, importable(module), "It declares nothing.");
          context.report("LNAS1106", name.span, { name: name.text, module: target, hint }, [], fixes);
        }
        giveUp([name]);
      } else if (binding.kind === "sweep") {
        context.report("LNAS1108", name.span, {
          name: name.text,
          what: "a name that can be imported",
          hint: `It is a sweep, which is run from its own file: \`lnasc run ${file} --sweep ${name.text}\`.`,
        });
        giveUp([name]);
      } else bind(context, name, { ...binding, name });
    }
  };
  return { entry: load(entry, text, false, []), modules, texts, comments };
}

/** Names of a file that others can import: a sweep is run from its own. */
function importable({ scope }: Module): string[] {
  return [...scope.names].flatMap(([name, { kind }]) => (kind === "sweep" ? [] : [name]));
}

/** The file that the text of an import names, by the name under which diagnostics speak of it; undefined when it names none. */
export function importedFile({ file }: Scope, target: string): string | undefined {
  if (target.startsWith(STANDARD)) return `${target}.lnas`;
  return /^\.\.?\//.test(target) ? joinPath(folderOf(file), target) : undefined;
}

/** What is said of a file that cannot be read. */
export function unreadableFile(path: string): Diagnostic {
  return diagnostic("LNAS1109", { file: path, span: { start: 0, end: 0 } }, { path });
}

function bind(context: Context, name: Name, binding: Binding): void {
  const earlier = context.scope.names.get(name.text);
  if (earlier === undefined) context.scope.names.set(name.text, binding);
  else
    context.report("LNAS1107", name.span, { name: name.text }, [
      context.label("first declared here", earlier.name.span),
    ]);
}

function declare(context: Context, declaration: Declaration): void {
  const binding = bindingOf(context.scope, declaration);
  if (binding !== undefined) bind(context, binding.name, binding);
}

/** What a declaration gives a name to, if to anything. */
function bindingOf(scope: Scope, declaration: Declaration): Binding | undefined {
  switch (declaration.kind) {
    case "const":
      return { kind: "const", name: declaration.name, value: declaration.value, scope };
    case "modules":
      return { kind: "modules", name: declaration.name, modules: declaration.modules, scope };
    case "record":
      return { kind: "record", name: declaration.name, record: declaration, scope };
    case "experiment":
      // Without text the name could not be read.
      return declaration.name.text === ""
        ? undefined
        : { kind: "experiment", name: declaration.name, experiment: declaration, scope };
    case "sweep":
      return { kind: "sweep", name: declaration.name, sweep: declaration, scope };
    default:
      return undefined;
  }
}

function checkEdition(context: Context, { declarations }: ParsedFile, length: number): void {
  const [first] = declarations;
  // A file whose beginning cannot be read may well have an edition.
  if (first?.kind === "unreadable") return;
  if (first?.kind !== "edition") {
    const start = first?.span.start ?? 0;
    const fix = context.replacement("Begin with `edition 1`", { start: 0, end: 0 }, `edition ${EDITION}\n\n`);
    context.report("LNAS1101", { start, end: Math.min(start + 1, length) }, {}, [], [fix]);
    return;
  }
  if (first.value.kind !== "number" || first.value.value !== EDITION) {
    const found =
      first.value.kind === "number"
        ? String(first.value.value)
        : first.value.kind === "name"
          ? first.value.name
          : "this";
    const fix = context.replacement(`Write \`edition ${EDITION}\``, first.value.span, String(EDITION), "maybe");
    context.report("LNAS1102", first.value.span, { found }, [], [fix]);
  }
  for (const second of declarations.slice(1))
    if (second.kind === "edition")
      context.report(
        "LNAS1107",
        second.span,
        { name: "edition" },
        [context.label("first declared here", first.span)],
        [context.replacement("Remove it", second.span, "")],
      );
}
