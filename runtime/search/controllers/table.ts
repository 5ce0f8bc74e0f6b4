/**
 * The controllers as plain data: names, options with defaults, ranges and one sentence each. The option types of the
 * strategies are derived from this table, the compiler is given it to check specs, and a search checks its options again.
 */

import type { PolicyTable } from "../prior-policy.js";
import { allocatingControllers } from "./allocating-table.js";
import type { ControllerRow, Ignorable } from "./option-rows.js";
import { scoringControllers } from "./scoring-table.js";

export {
  type ControllerRow,
  EARLIER_PRIORS,
  type EarlierPrior,
  type Ignorable,
  type OptionRow,
} from "./option-rows.js";

export const controllerTable = { ...scoringControllers, ...allocatingControllers } as const satisfies Readonly<
  Record<string, ControllerRow>
>;

export type ControllerName = keyof typeof controllerTable;

/** Whether something that a spec may ask changes nothing in a controller; false of one that is not known. */
export const ignores = (controller: string, what: Ignorable): boolean =>
  (controllerTable as Readonly<Record<string, ControllerRow>>)[controller]?.ignores[what] !== undefined;

/** The revision of a controller's method; 1 of one that is not known. */
export const revisionOf = (controller: string): number =>
  (controllerTable as Readonly<Record<string, ControllerRow>>)[controller]?.revision ?? 1;

type ValueOf<R> = R extends { readonly kind: "choice"; readonly choices: readonly (infer C)[] }
  ? C
  : R extends { readonly kind: "ranks" }
    ? Readonly<Record<string, number>>
    : R extends { readonly kind: "prior ranks" }
      ? Readonly<Record<string, number>> | undefined
      : R extends { readonly kind: "prior policy" }
        ? PolicyTable | undefined
        : number;
/** The options of a controller, all given. */
export type OptionsOf<N extends ControllerName> = {
  readonly [O in keyof (typeof controllerTable)[N]["options"]]: ValueOf<(typeof controllerTable)[N]["options"][O]>;
};
