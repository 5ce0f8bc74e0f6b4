/** `lnasc lock`: pins what experiments read beside their text. */
import { Command } from "commander";
import type { Act } from "../command-line.js";
import { EXIT } from "../exit-status.js";
import { Finished } from "../failure.js";
import type { LockResult } from "../lock/project-lock.js";
import type { Terminal } from "../terminal.js";

/** The command `lock`; with `--check`, status 1 when something differs from the lock. */
export function lockCommand(act: Act): Command {
  return new Command("lock")
    .description("write lnas.lock: hashes of the weights, tokenizers, data and images that specs name")
    .argument("[specs...]", ".lnas files and folders that hold them (default: the whole project)")
    .option("--check", "change nothing; compare, and show what differs")
    .action(
      act(async (terminal, paths: readonly string[], { check }: { readonly check?: boolean }) => {
        const { compareProject, lockProject, projectsOf } = await import("../lock/project-lock.js");
        const results: LockResult[] = [];
        for (const project of projectsOf(paths, terminal))
          results.push(await (check === true ? compareProject : lockProject)(project, terminal));
        if (terminal.json) terminal.resultJson(results);
        else for (const result of results) await show(result, check === true, terminal);
        if (check === true && results.some(({ differences }) => differences.length > 0))
          throw new Finished(EXIT.findings);
      }),
    );
}

async function show({ lock, files, hub, differences }: LockResult, isCheck: boolean, terminal: Terminal) {
  const { differenceText } = await import("../../compiler/lock/compare.js");
  const { counted } = await import("../../compiler/numbers.js");
  const text = differences.map((difference) => `${differenceText(difference)}\n`).join("");
  if (isCheck && text !== "") terminal.show(text);
  else if (text !== "") terminal.note(text);
  for (const name of hub) terminal.note(`${name} is locked by its revision alone: nothing of it is on this disk`);
  if (!isCheck) terminal.note(`${counted(files, "file")} locked`);
  else if (text === "") terminal.note(`${lock}: ${counted(files, "file")}, all as locked`);
  if (!isCheck) terminal.show(lock);
}
