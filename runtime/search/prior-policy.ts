/** A policy that an earlier search ended with, as a prior: its log-odds as they were, so that only the price of a parameter follows the budget. */
import { UserError } from "../formats/errors.js";
import { mostPreferred, type PerChoice, perChoice } from "./policy.js";
import type { Prior } from "./priors.js";
import type { SearchSpace } from "./rank-space.js";

/** Log-odds by the path of a module (of a tie its first) and by rank, before the price of parameters, in nats. */
export type PolicyTable = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The table of some log-odds. */
export function policyTable({ genes }: SearchSpace, logOdds: PerChoice): PolicyTable {
  return Object.fromEntries(
    genes.map(({ name, choices }, gene) => [
      name,
      Object.fromEntries(choices.map((rank, choice) => [rank, logOdds[gene]![choice]!])),
    ]),
  );
}

const REMEDY = "Give every module, and of a tie the first one, a number for each of its ranks.";

/**
 * The log-odds that a table gives the choices of a space; what it says of other modules is left aside. Throws a `UserError` that names the module
 * when one is missing or has numbers for other ranks than those it may take.
 */
export function logOddsOf({ genes }: SearchSpace, table: PolicyTable): PerChoice {
  return genes.map(({ name, choices }) => {
    const row = Object.hasOwn(table, name) ? table[name]! : undefined;
    if (row === undefined)
      throw new UserError("the policy says nothing of this module", { place: name, remedy: REMEDY });
    const ranks = Object.keys(row).map(Number);
    if (ranks.length !== choices.length || !choices.every((rank) => Number.isFinite(row[rank])))
      throw new UserError(`the policy chooses between the ranks ${ranks.join(", ")}, not ${choices.join(", ")}`, {
        place: name,
        remedy: REMEDY,
      });
    return Float64Array.from(choices, (rank) => row[rank]!);
  });
}

/** Log-odds above those of each gene's least preferred choice: the same policy, and no choice is worth less than nothing. */
export function worthOfPolicy(space: SearchSpace, logOdds: PerChoice): PerChoice {
  const least = logOdds.map((gene) => gene.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY));
  return perChoice(space, (gene, choice) => logOdds[gene]![choice]! - least[gene]!);
}

/** The prior that goes on where a policy ended. Throws a `UserError` when nothing meets the budget. */
export function priorFromPolicy(space: SearchSpace, maxParameters: number, logOdds: PerChoice): Prior {
  return {
    worth: worthOfPolicy(space, logOdds),
    preferences: logOdds,
    allocation: mostPreferred(space, logOdds, maxParameters),
  };
}
