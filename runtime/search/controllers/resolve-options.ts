/** A controller's options as they were given, with defaults filled in and checked against its row of the table. */
import { UserError } from "../../formats/errors.js";
import type { ControllerChoice } from "../controller.js";
import { type ControllerName, type ControllerRow, controllerTable, EARLIER_PRIORS, type OptionsOf } from "./table.js";

/** The name, where a controller has it. Throws a `UserError` otherwise. */
export function controllerNamed(given: string): ControllerName {
  const name = Object.keys(controllerTable).find((known) => known === given) as ControllerName | undefined;
  if (name === undefined)
    throw new UserError("there is no controller of this name", {
      place: given,
      remedy: `Use one of ${Object.keys(controllerTable).join(", ")}.`,
    });
  return name;
}

/** What an option that is read of an earlier run must be, and whether a value is that. */
const EARLIER_VALUES = {
  "prior ranks": {
    expected: "a whole rank from 0 up for every module",
    is: (value: unknown) => isRanks(value),
  },
  "prior policy": {
    expected: "a number for every rank of every module",
    is: (value: unknown) => isTable(value, (row) => isTable(row, Number.isFinite)),
  },
} as const;

const isTable = (value: unknown, isEntry: (entry: unknown) => boolean): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length > 0 && Object.values(value).every(isEntry);
const isRanks = (value: unknown): boolean => isTable(value, (rank) => Number.isInteger(rank) && (rank as number) >= 0);

/** Fills in defaults and checks names, types and ranges. Throws a `UserError` that names the option. */
export function resolveOptions(name: ControllerName, given: ControllerChoice["options"]): OptionsOf<"reinforce"> {
  const rows: ControllerRow["options"] = controllerTable[name].options;
  for (const option of Object.keys(given))
    if (rows[option] === undefined)
      throw new UserError(`${name} has no option ${option}`, {
        place: option,
        remedy: `Its options are: ${Object.keys(rows).join(", ") || "none"}.`,
      });
  /** The option that the prior needs beside it. */
  const needed = Object.entries(EARLIER_PRIORS).find(([prior]) => prior === given.prior)?.[1];
  const options = Object.fromEntries(
    Object.entries(rows).flatMap(([option, row]) => {
      const value = given[option] ?? row.default;
      const wrong = (expected: string) =>
        new UserError(`${option} of ${name} cannot be ${plain(value)}`, { place: option, remedy: `Give ${expected}.` });
      if (row.kind === "choice") {
        if (option === "prior" && needed !== undefined) {
          if (given[needed] === undefined) throw wrong(`the option ${needed} with it`);
        } else if (!row.choices.some((known) => known === value)) throw wrong(`one of ${row.choices.join(", ")}`);
      } else if (row.kind === "prior ranks" || row.kind === "prior policy") {
        if (value === undefined) return [];
        if (option !== needed) throw wrong(`the prior ${priorOf(option)} with it`);
        if (!EARLIER_VALUES[row.kind].is(value)) throw wrong(EARLIER_VALUES[row.kind].expected);
      } else if (row.kind === "ranks") {
        if (!isRanks(value)) throw wrong(EARLIER_VALUES["prior ranks"].expected);
      } else if (
        typeof value !== "number" ||
        !(value >= row.min && value <= row.max) ||
        (row.kind === "integer" && !Number.isInteger(value))
      )
        throw wrong(`${row.kind === "integer" ? "a whole number" : "a number"} from ${row.min} to ${row.max}`);
      return value === undefined ? [] : [[option, value]];
    }),
  );
  return options as unknown as OptionsOf<"reinforce">;
}

/** The prior that an option belongs to. */
const priorOf = (option: string): string | undefined =>
  Object.entries(EARLIER_PRIORS).find(([, name]) => name === option)?.[0];

const plain = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? "left out"));
