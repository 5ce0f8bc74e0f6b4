/** What every check shares: the file it speaks of, where reports go, and the names in scope. */
import type { Experiment, ModuleSet, Name, RecordDeclaration, Span, Sweep, Value } from "../../grammar/index.js";
import { type Diagnostic, diagnostic, type Fix, type Label } from "../diagnostics/diagnostic.js";
import { closest, nearest, suggestion } from "../diagnostics/nearest.js";
import type { DiagnosticCode, ParametersOf } from "../diagnostics/table.js";

/** Something a name stands for, and the file that declares it. */
export type Binding =
  /** An import that failed and was reported: what depends on it says nothing more. */
  | { readonly kind: "unavailable"; readonly name: Name }
  | { readonly kind: "const"; readonly name: Name; readonly value: Value; readonly scope: Scope }
  | { readonly kind: "modules"; readonly name: Name; readonly modules: ModuleSet; readonly scope: Scope }
  | { readonly kind: "record"; readonly name: Name; readonly record: RecordDeclaration; readonly scope: Scope }
  | { readonly kind: "experiment"; readonly name: Name; readonly experiment: Experiment; readonly scope: Scope }
  | { readonly kind: "sweep"; readonly name: Name; readonly sweep: Sweep; readonly scope: Scope };
export type BindingKind = Binding["kind"];

/** The names of one file, imports included. `folder` is where its relative paths start. */
export interface Scope {
  readonly file: string;
  readonly standard: boolean;
  readonly names: Map<string, Binding>;
  /** Some declaration of the file could not be read: a name that is missing may be its. */
  readonly damaged: boolean;
}

/** What all contexts of one compilation share. */
interface Shared {
  /** The files that parts of the syntax tree were written in, for parts that are used from another file. */
  readonly homes: Map<object, Scope>;
  /** What was worked out before, by what it belongs to. */
  readonly tables: Map<object, Map<unknown, unknown>>;
}

/** Names are searched for near ones until so many diagnostics were given: that searches all names each time, and nobody reads further. */
const MOST_SUGGESTIONS = 100;

/** The means of a check: reporting at a span of this file, and looking up names as this file sees them. */
export class Context {
  constructor(
    readonly scope: Scope,
    private readonly diagnostics: Diagnostic[],
    private readonly shared: Shared = { homes: new Map(), tables: new Map() },
  ) {}

  report<C extends DiagnosticCode>(
    code: C,
    span: Span,
    parameters: ParametersOf<C>,
    labels: readonly Label[] = [],
    fixes: readonly Fix[] = [],
  ): void {
    this.diagnostics.push(diagnostic(code, { file: this.scope.file, span }, parameters, labels, fixes));
  }

  /** A fix that puts text in place of a span of this file. */
  replacement(title: string, span: Span, text: string, applicability: Fix["applicability"] = "safe"): Fix {
    return { title, applicability, edits: [{ place: { file: this.scope.file, span }, text }] };
  }

  /** What to say of a name that is none of those known, and, where one is near, the fix that writes it. */
  meant(
    { text, span }: Name,
    known: readonly string[],
    nothing?: string,
  ): { readonly hint: string; readonly fixes: readonly Fix[] } {
    const near = closest(text, known);
    const fix = near && this.replacement(`Write \`${near.name}\``, span, near.name, near.isOnly ? "safe" : "maybe");
    return { hint: suggestion(text, known, nothing), fixes: fix === undefined ? [] : [fix] };
  }

  label(text: string, span: Span): Label {
    return { text, place: { file: this.scope.file, span } };
  }

  /** Whether a value hangs on an import that failed, or overflows, so that a further report would only be its echo. */
  isUnavailable(value: Value): boolean {
    return hangsOn(value, this.scope, (binding) => binding?.kind === "unavailable");
  }

  /** The same reports, spoken of another file. */
  in(scope: Scope): Context {
    return scope === this.scope ? this : new Context(scope, this.diagnostics, this.shared);
  }

  /** Notes that an option or another part of a spec belongs to this file, wherever it is used. */
  own(part: object): void {
    const { homes } = this.shared;
    if (!homes.has(part)) homes.set(part, this.scope);
  }

  /** The context of the file that a part was written in; this one, unless it came from a record or from an experiment that is extended. */
  at(part: object): Context {
    return this.in(this.shared.homes.get(part) ?? this.scope);
  }

  /** A table that lasts for the compilation: what `owner` has worked out before. */
  table<Key, Found>(owner: object): Map<Key, Found> {
    const { tables } = this.shared;
    const table = tables.get(owner) ?? new Map();
    tables.set(owner, table);
    return table as Map<Key, Found>;
  }

  /** What a name is bound to, if it is that kind of thing. */
  bound<K extends BindingKind>(name: string, kind: K): Extract<Binding, { kind: K }> | undefined {
    const binding = this.scope.names.get(name);
    return binding?.kind === kind ? (binding as Extract<Binding, { kind: K }>) : undefined;
  }

  /** Names in scope that are bound to such a thing, for suggestions; none when enough were made. */
  namesOf(isSuch: (binding: Binding) => boolean): string[] {
    if (this.diagnostics.length > MOST_SUGGESTIONS) return [];
    return [...this.scope.names].filter(([, binding]) => isSuch(binding)).map(([name]) => name);
  }

  /** Whether nothing can be said of a name: its import failed, or its declaration could not be read. */
  isUnknowable(name: string): boolean {
    const binding = this.scope.names.get(name);
    return binding === undefined ? this.scope.damaged : binding.kind === "unavailable";
  }

  /**
   * A value with constants in place of their names, also within lists, ranges and arguments. Each name means what it means in the file that
   * wrote it. A name that is no constant stays itself. The result has the span of `value`; spans within it may be of another file.
   */
  resolve(value: Value): Value {
    return resolveIn(value, this.scope, 0);
  }

  /** Reports that a value is not what its option needs, or, when it is a name of nothing, that. */
  reportValue(option: string, value: Value, expected: string): void {
    const failed = (binding: Binding | undefined, scope: Scope) =>
      binding === undefined ? scope.damaged : binding.kind === "unavailable";
    if (hangsOn(value, this.scope, failed)) return;
    const found = this.resolve(value);
    if (found.kind !== "name") this.report("LNAS1204", value.span, { option, expected });
    else {
      const names = this.namesOf(({ kind }) => kind === "const");
      const close = nearest(found.name, names);
      // A constant's own name may stand elsewhere; only what is written here can be replaced.
      const isHere = value.kind === "name" && value.name === found.name && close !== found.name;
      const { fixes } = isHere ? this.meant({ text: found.name, span: value.span }, names) : { fixes: [] };
      const nothing = names.includes(found.name)
        ? "It is a constant that refers to itself."
        : "No constant has that name.";
      this.report(
        "LNAS1108",
        value.span,
        {
          name: found.name,
          what: expected,
          hint: close === undefined || close === found.name ? nothing : `Did you mean \`${close}\`?`,
        },
        [],
        fixes,
      );
    }
  }
}

/** Constants of constants of constants; deeper than this, a name stays itself. */
const MAX_STEPS = 1000;
/** What constants stand for, by the value they were declared with: each is worked out once. "open": being worked out now. */
const constants = new WeakMap<Value, Value | "open">();

function resolveIn(value: Value, scope: Scope, steps: number): Value {
  switch (value.kind) {
    case "name": {
      const binding = scope.names.get(value.name);
      if (binding?.kind !== "const" || steps > MAX_STEPS) return value;
      const known = constants.get(binding.value);
      // A constant that refers to itself stays a name.
      if (known === "open") return value;
      const found = known ?? workOut(binding.value, binding.scope, steps + 1);
      return { ...found, span: value.span };
    }
    case "list":
      return { ...value, items: value.items.map((item) => resolveIn(item, scope, steps)) };
    case "range":
      return { ...value, from: resolveIn(value.from, scope, steps), to: resolveIn(value.to, scope, steps) };
    case "call":
      return {
        ...value,
        arguments: value.arguments.map((argument) => ({
          ...argument,
          value: resolveIn(argument.value, scope, steps),
        })),
      };
    default:
      return value;
  }
}

function workOut(value: Value, scope: Scope, steps: number): Value {
  constants.set(value, "open");
  const found = resolveIn(value, scope, steps);
  constants.set(value, found);
  return found;
}

/** Whether some name in a value, or in the constants it stands for, is bound to such a thing; or some number has no value. */
function hangsOn(
  value: Value,
  scope: Scope,
  isSuch: (binding: Binding | undefined, scope: Scope) => boolean,
  seen = new Set<Value>(),
): boolean {
  // A number that overflows was reported where it stands.
  if (value.kind === "number") return !Number.isFinite(value.value);
  if (value.kind === "list") return value.items.some((item) => hangsOn(item, scope, isSuch, seen));
  if (value.kind !== "name") return false;
  const binding = scope.names.get(value.name);
  if (isSuch(binding, scope)) return true;
  if (binding?.kind !== "const" || seen.has(binding.value) || seen.size > MAX_STEPS) return false;
  seen.add(binding.value);
  return hangsOn(binding.value, binding.scope, isSuch, seen);
}
