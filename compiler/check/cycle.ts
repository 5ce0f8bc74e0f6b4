/** Declarations that refer to one another: in a circle, told once, at one place, wherever the circle was entered; or in too long a chain. */
import type { Name, Span } from "../../grammar/index.js";
import type { Context } from "./context.js";

/** A declaration on the way, and the reference in it that leads on. */
export interface Link {
  /** Where it is declared. */
  readonly context: Context;
  readonly name: Name;
  readonly reference: Span;
}

/** Reports a circle: each link leads to the next, the last to the first. */
export function reportCycle(links: readonly Link[]): void {
  const isBefore = (a: Link, b: Link) =>
    a.context.scope.file === b.context.scope.file
      ? a.name.span.start < b.name.span.start
      : a.context.scope.file < b.context.scope.file;
  const first = links.reduce((least, link) => (isBefore(link, least) ? link : least));
  const at = links.indexOf(first);
  const turned = [...links.slice(at), ...links.slice(0, at)];
  const last = turned.at(-1)!;
  const cycle = [...turned, first].map(({ name }) => name.text).join(" → ");
  last.context.report("LNAS1111", last.reference, { cycle });
}

/** How many declarations may stand behind one another. */
const MAX_CHAIN = 64;

/**
 * Whether a chain goes too deep, which is reported at the reference that leads on. `depth` counts the declarations before the reference, or those
 * behind it where they are known. `things` are what the chain is made of.
 */
export function isTooDeep(context: Context, depth: number, reference: Span, things: string): boolean {
  if (depth < MAX_CHAIN) return false;
  context.report("LNAS1004", reference, { found: `more than ${MAX_CHAIN} ${things}` });
  return true;
}
