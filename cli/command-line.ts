/** The commands of `lnasc`. Each adds itself; what it needs beyond its arguments it loads when it runs. */
import { Command, CommanderError } from "commander";
import { LNAS_VERSION } from "../runtime/experiment/machine.js";
import { EXIT, type ExitStatus } from "./exit-status.js";
import { explainFailure } from "./failure.js";
import { type GlobalOptions, Terminal } from "./terminal.js";

/** Makes a command's action: it gets the terminal first, then what commander parsed. */
export type Act = <Arguments extends readonly unknown[]>(
  body: (terminal: Terminal, ...parsed: Arguments) => Promise<void>,
) => (...parsed: Arguments) => Promise<void>;

/** In the order of the help. Each is loaded when it is called, all of them when none is. */
const COMMANDS: Readonly<Record<string, () => Promise<(act: Act) => Command>>> = {
  init: async () => (await import("./commands/init.js")).initCommand,
  check: async () => (await import("./commands/check.js")).checkCommand,
  explain: async () => (await import("./commands/explain.js")).explainCommand,
  fmt: async () => (await import("./commands/fmt.js")).fmtCommand,
  diff: async () => (await import("./commands/diff.js")).diffCommand,
  plan: async () => (await import("./commands/plan.js")).planCommand,
  inspect: async () => (await import("./commands/inspect.js")).inspectCommand,
  compile: async () => (await import("./commands/compile.js")).compileCommand,
  lock: async () => (await import("./commands/lock.js")).lockCommand,
  run: async () => (await import("./commands/run.js")).runCommand,
  report: async () => (await import("./commands/report.js")).reportCommand,
  verify: async () => (await import("./commands/verify.js")).verifyCommand,
  backend: async () => (await import("./commands/backend.js")).backendCommand,
  doctor: async () => (await import("./commands/doctor.js")).doctorCommand,
  lsp: async () => (await import("./commands/lsp.js")).lspCommand,
};

/** Runs one command line (without `node` and the script) and returns the exit status. */
export async function commandLine(words: readonly string[]): Promise<ExitStatus> {
  const root = new Command("lnasc")
    .description("Search LoRA ranks of vision-language models from a .lnas spec.")
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
  const commands = (await called(words)).map((command) => withSettingsOf(root, command(act)));
  // A command that takes a version of something else keeps its option.
  if (commands.length > 1 || !commands.some(takesVersion))
    root.version(LNAS_VERSION, "-V, --version", "print the version");
  for (const command of commands) root.addCommand(command);
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

/** The command that a command line begins with; where it begins with none, as when it asks for help, all of them. */
function called(words: readonly string[]) {
  const first = words.find((word) => !word.startsWith("-")) ?? "";
  const load = Object.hasOwn(COMMANDS, first) ? [COMMANDS[first]!] : Object.values(COMMANDS);
  return Promise.all(load.map((command) => command()));
}

function withSettingsOf(parent: Command, command: Command): Command {
  command.copyInheritedSettings(parent);
  for (const part of command.commands) withSettingsOf(command, part);
  return command;
}

const takesVersion = (command: Command): boolean =>
  command.options.some(({ long }) => long === "--version") || command.commands.some(takesVersion);

/** Commander has printed its message; asking for help or the version is no error, giving no command is. */
function statusOf({ code }: CommanderError): ExitStatus {
  return code === "commander.helpDisplayed" || code === "commander.version" ? EXIT.ok : EXIT.usage;
}
