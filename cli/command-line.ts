/** The commands of `lnasc`. Each adds itself; what it needs beyond its arguments it loads when it runs, so that `--help` is quick. */
import { Command, CommanderError } from "commander";
import { LNAS_VERSION } from "../runtime/experiment/machine.js";
import { checkCommand } from "./commands/check.js";
import { compileCommand } from "./commands/compile.js";
import { diffCommand } from "./commands/diff.js";
import { doctorCommand } from "./commands/doctor.js";
import { explainCommand } from "./commands/explain.js";
import { fmtCommand } from "./commands/fmt.js";
import { initCommand } from "./commands/init.js";
import { lockCommand } from "./commands/lock.js";
import { planCommand } from "./commands/plan.js";
import { reportCommand } from "./commands/report.js";
import { runCommand } from "./commands/run.js";
import { verifyCommand } from "./commands/verify.js";
import { EXIT, type ExitStatus } from "./exit-status.js";
import { explainFailure } from "./failure.js";
import { type GlobalOptions, Terminal } from "./terminal.js";

/** Makes a command's action: it gets the terminal first, then what commander parsed. */
export type Act = <Arguments extends readonly unknown[]>(
  body: (terminal: Terminal, ...parsed: Arguments) => Promise<void>,
) => (...parsed: Arguments) => Promise<void>;

const COMMANDS = [
  initCommand,
  checkCommand,
  explainCommand,
  fmtCommand,
  diffCommand,
  planCommand,
  compileCommand,
  lockCommand,
  runCommand,
  reportCommand,
  verifyCommand,
  doctorCommand,
] as const;

/** Runs one command line (without `node` and the script) and returns the exit status. */
export async function commandLine(words: readonly string[]): Promise<ExitStatus> {
  const root = new Command("lnasc")
    .description("Search LoRA ranks of vision-language models from a .lnas spec.")
    .version(LNAS_VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .option("--json", "results as JSON on standard output")
    .option("-q, --quiet", "only results and errors")
    .option("-v, --verbose", "more detail, stack traces included")
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("Run the command with --help for its options.")
    .exitOverride();
  const terminal = () => new Terminal(root.opts<GlobalOptions>());
  const act: Act =
    (body) =>
    async (...parsed) => {
      await body(terminal(), ...parsed);
    };
  for (const command of COMMANDS) root.addCommand(withSettingsOf(root, command(act)));
  try {
    await root.parseAsync([...words], { from: "user" });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return statusOf(error);
    return explainFailure(error, terminal(), LNAS_VERSION);
  }
}

/** Explains an error that no command has caught, and returns the exit status. */
export function failed(error: unknown): ExitStatus {
  const verbose = process.argv.some((word) => word === "--verbose" || word === "-v");
  return explainFailure(error, new Terminal({ verbose }), LNAS_VERSION);
}

const withSettingsOf = (root: Command, command: Command) => command.copyInheritedSettings(root);

/** Commander has printed its message; asking for help or the version is no error, giving no command is. */
function statusOf({ code }: CommanderError): ExitStatus {
  return code === "commander.helpDisplayed" || code === "commander.version" ? EXIT.ok : EXIT.usage;
}
