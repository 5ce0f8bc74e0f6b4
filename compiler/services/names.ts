/** What the words of a file are bound to: by the compiler's own scopes, so that services agree with it. */
import type { Experiment, Name, Span } from "../../grammar/index.js";
import type { Binding, Scope } from "../check/context.js";
import type { Place } from "../diagnostics/diagnostic.js";
import type { Module } from "../modules.js";
import type { Analysis } from "./analysis.js";
import { type Word, wordsIn } from "./words.js";

/** Something with a name of its own, wherever that is used. */
export interface Entity {
  /** Where its name is declared. */
  readonly place: Place;
  readonly name: string;
  /** Whether it belongs to the standard library. */
  readonly standard: boolean;
  /** What the file's scope binds the name to; undefined for names of an experiment's items. */
  readonly binding: Binding | undefined;
}

/** A word with what it is bound to, if to anything. */
export interface Occurrence {
  readonly word: Word;
  readonly entity: Entity | undefined;
}

/** Every word of a file, in the order of the text. */
export function occurrencesIn({ parsed, scope }: Module): Occurrence[] {
  return wordsIn(parsed.declarations).map((word) => ({ word, entity: entityOf(scope, word) }));
}

/** The word at an offset; of two that touch there, the one that begins. */
export function occurrenceAt({ loaded }: Analysis, offset: number): Occurrence | undefined {
  if (loaded.entry === undefined) return undefined;
  const { parsed, scope } = loaded.entry;
  const word = wordsIn(parsed.declarations).findLast(({ name: { span } }) => touches(span, offset));
  return word && { word, entity: entityOf(scope, word) };
}

/** Whether an offset lies in a span, or at one of its ends. */
export const touches = ({ start, end }: Span, offset: number): boolean => start <= offset && offset <= end;

/** A key that is the same for the same entity, also in another analysis. */
export const keyOf = ({ place }: Entity): string => `${place.span.start} ${place.file}`;

/** Words that speak of a binding of the same kind. */
const BOUND: ReadonlySet<string> = new Set(["const", "modules", "experiment", "record", "sweep"]);

function entityOf(scope: Scope, word: Word): Entity | undefined {
  const { name, role } = word;
  if (role === "item") return ownName(scope, name);
  if (role === "backbone") return backboneEntity(scope, word.experiment, name);
  const binding = scope.names.get(name.text);
  if (binding === undefined || binding.kind === "unavailable") return undefined;
  // A second declaration of a name binds nothing.
  const isOther = (role === "imported" || ("declares" in word && word.declares)) && binding.name !== name;
  if (isOther || (role !== "imported" && (!BOUND.has(role) || binding.kind !== role))) return undefined;
  if (role === "record" && (binding.kind !== "record" || binding.record.of !== word.of)) return undefined;
  // Imports keep names as they are, so that the file that declares it has it by the same one.
  const declared = binding.scope.names.get(name.text)?.name ?? name;
  return {
    place: { file: binding.scope.file, span: declared.span },
    name: name.text,
    standard: binding.scope.standard,
    binding,
  };
}

const ownName = ({ file, standard }: Scope, { text, span }: Name): Entity => ({
  place: { file, span },
  name: text,
  standard,
  binding: undefined,
});

/** A backbone has its name from the first experiment of a chain of `extends` that gives it this one. */
function backboneEntity(scope: Scope, experiment: Experiment, { text }: Name): Entity | undefined {
  let found: Entity | undefined;
  for (const link of chainOf(scope, experiment)) {
    const item = link.experiment.items.find(({ kind }) => kind === "backbone");
    if (item?.kind === "backbone" && item.name.text === text) found = ownName(link.scope, item.name);
  }
  return found;
}

interface Link {
  readonly experiment: Experiment;
  readonly scope: Scope;
}

/** An experiment, the one it extends, and so on; a circle is walked once. */
function chainOf(scope: Scope, experiment: Experiment): readonly Link[] {
  const chain: Link[] = [];
  const seen = new Set<Experiment>();
  for (let link: Link | undefined = { experiment, scope }; link !== undefined && !seen.has(link.experiment); ) {
    seen.add(link.experiment);
    chain.push(link);
    const base: Name | null = link.experiment.base;
    const binding: Binding | undefined = base === null ? undefined : link.scope.names.get(base.text);
    link = binding?.kind === "experiment" ? { experiment: binding.experiment, scope: binding.scope } : undefined;
  }
  return chain;
}
