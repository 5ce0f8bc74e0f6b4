/** Calls such as `folder("path")` and `hub("owner/name", revision: "…")`. */
import type { Value } from "../../grammar/index.js";
import type { Context } from "./context.js";

/**
 * The arguments of a call of `name` with exactly these parameters, constants in place of their names; undefined when the value is anything else.
 * A parameter is the label that must stand before it, or null for none.
 */
export function argumentsOf(
  context: Context,
  value: Value | null | undefined,
  name: string,
  parameters: readonly (string | null)[],
): Value[] | undefined {
  if (value?.kind !== "call" || value.name.text !== name || value.arguments.length !== parameters.length)
    return undefined;
  if (value.arguments.some(({ label }, index) => (label?.text ?? null) !== parameters[index])) return undefined;
  return value.arguments.map((argument) => context.resolve(argument.value));
}
