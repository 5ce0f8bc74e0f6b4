/** Ranks that are given: of an earlier run, of a PEFT adapter, or written by hand. */
import { UserError } from "../../formats/errors.js";
import type { SearchSetting, Strategy } from "../controller.js";
import { type ChoiceVector, parametersOf, type SearchSpace } from "../rank-space.js";
import { oneShot } from "./one-shot.js";
import type { OptionsOf } from "./table.js";

const REMEDY = "Give every module that may carry an adapter one of its ranks, within the budget.";

/** The strategy `fixed`. Throws a `UserError` as `choicesOf` does, and when all are above the budget together. */
export function fixed({ space, maxParameters }: SearchSetting, { ranks }: OptionsOf<"fixed">): Strategy {
  const choices = choicesOf(space, ranks);
  const parameters = parametersOf(space, choices);
  if (parameters > maxParameters)
    throw new UserError(`the fixed ranks have ${parameters} parameters, the budget is ${maxParameters}`, {
      place: "fixed",
      remedy: "Raise the budget, or give smaller ranks.",
    });
  return oneShot({ choices, parameters, loss: null, origin: "fixed" });
}

/**
 * The choices that ranks by module come to. Throws a `UserError` that names the module when a module is unknown or missing, has a rank that it
 * cannot take or another one than a module that it is tied to.
 */
export function choicesOf(space: SearchSpace, ranks: Readonly<Record<string, number>>): ChoiceVector {
  const known = new Set(space.modules.map(({ path }) => path));
  for (const [path, rank] of Object.entries(ranks))
    if (!known.has(path) && rank !== 0) throw new UserError("carries no adapter", { place: path, remedy: REMEDY });
  return Uint8Array.from(space.genes, (_, gene) => choiceOf(space, gene, ranks));
}

function choiceOf({ genes }: SearchSpace, gene: number, ranks: Readonly<Record<string, number>>): number {
  const { name, modules, choices } = genes[gene]!;
  const rank = ranks[name];
  const choice = choices.indexOf(rank ?? Number.NaN);
  if (choice < 0)
    throw new UserError(
      rank === undefined ? "has no rank" : `has rank ${rank}, which is not one of ${choices.join(", ")}`,
      { place: name, remedy: REMEDY },
    );
  for (const path of modules)
    if (ranks[path] !== rank)
      throw new UserError(`has rank ${ranks[path]}, and ${name}, which it is tied to, rank ${rank}`, {
        place: path,
        remedy: REMEDY,
      });
  return choice;
}
