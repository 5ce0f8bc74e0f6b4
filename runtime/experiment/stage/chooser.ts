/** What chose an arm's ranks, as reports keep it: the controller with the options that were not left at their defaults. */
import { controllerTable } from "../../search/index.js";
import type { ControllerSpec } from "../api.js";

/** The arm that the search's finalists are candidates for. */
export const SEARCHED = "searched";

/** A controller of one arm. */
export interface Chooser {
  /** Name of the arm; "searched" may have several, whose choices were its finalists. */
  readonly arm: string;
  readonly controller: string;
  /** Options that differ from the defaults, by their names in a spec. Of a table by module: how many modules it has. */
  readonly options: Readonly<Record<string, string | number>>;
}

/** The chooser of an arm. Names that the controller table does not have are kept with all their options. */
export function chooserOf(arm: string, { controller, options }: ControllerSpec): Chooser {
  const rows: Readonly<Record<string, { readonly default?: unknown }>> =
    Object.entries(controllerTable).find(([name]) => name === controller)?.[1].options ?? {};
  const stated = Object.entries(options).filter(
    ([name, value]) => value !== undefined && value !== rows[name]?.default,
  );
  return { arm, controller, options: Object.fromEntries(stated.map(([name, value]) => [name, shortValue(value)])) };
}

const shortValue = (value: unknown): string | number =>
  typeof value === "string" || typeof value === "number" ? value : `of ${Object.keys(value as object).length} modules`;
