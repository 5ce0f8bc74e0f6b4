/** Questions on a terminal. */
import { EXIT } from "../exit-status.js";
import { Finished } from "../failure.js";
import type { Terminal } from "../terminal.js";
import type { Questions } from "./answers.js";

/** Asks on standard error, as everything does that is no result. Ctrl-C ends the command. */
export async function terminalQuestions(terminal: Terminal): Promise<Questions> {
  const { input, select } = await import("@inquirer/prompts");
  const context = { output: process.stderr };
  const answered = async <T>(question: Promise<T>): Promise<T> => {
    try {
      return await question;
    } catch (error) {
      if ((error as Error).name !== "ExitPromptError") throw error;
      terminal.problem("Stopped; nothing was written.");
      throw new Finished(EXIT.interrupted);
    }
  };
  return {
    choose: (message, choices) => answered(select({ message, choices: [...choices] }, context)),
    text: (message, preset, validate) =>
      answered(
        input(
          {
            message,
            ...(preset === "" ? {} : { default: preset }),
            validate: (answer) => validate(answer.trim()) ?? true,
          },
          context,
        ).then((answer) => answer.trim()),
      ),
  };
}
