/** The options with which commands choose an engine. */
import { type Command, InvalidArgumentError } from "commander";
import { wholeNumber } from "./values.js";

/** What `withEngineOptions` reads. */
export interface EngineChoice {
  readonly engine: string;
  readonly device?: string;
  readonly engineOption: Readonly<Record<string, string>>;
  readonly threads?: number;
}

const ANY = { name: "auto", meaning: "what computes: auto, or a name that doctor shows" };

/** Adds `--engine`, `--device`, `--engine-option` and `--threads` to a command; `engine`: the default and what is said of it. */
export function withEngineOptions(command: Command, engine = ANY): Command {
  return command
    .option("--engine <name>", engine.meaning, engine.name)
    .option("--device <name>", "where that engine computes (default: the first that doctor shows)")
    .option(
      "--engine-option <name=value>",
      "a setting of that engine, see docs/engines.md; may be repeated",
      setting,
      {},
    )
    .option("--threads <count>", "threads of the engine (default: all cores)", wholeNumber(1));
}

/** The choice in the terms of `openExecutor`. */
export const engineOptionsOf = ({ device, engineOption, threads }: EngineChoice) => ({
  ...(device === undefined ? {} : { device }),
  ...(threads === undefined ? {} : { threads }),
  settings: engineOption,
});

function setting(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Give a name and a value, such as xla=on.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
