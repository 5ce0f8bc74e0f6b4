/** `lnasc backend`: native libraries of engines that are not in the package. */
import { Command } from "commander";
import type { Act } from "../command-line.js";
import { UsageError } from "../failure.js";
import type { Terminal } from "../terminal.js";

interface InstallWords {
  readonly gpu?: boolean;
  readonly version?: string;
  readonly from?: string;
}

/** The command `backend` with `install`, `list` and `remove`. */
export function backendCommand(act: Act): Command {
  return new Command("backend")
    .description("install, list and remove native libraries of engines")
    .addCommand(
      new Command("install")
        .description("put a native library in place: tensorflow, fetched by pip or taken from --from")
        .argument("<name>", "tensorflow")
        .option("--gpu", "with the libraries for NVIDIA GPUs")
        .option("--version <version>", "such as 2.18, the newest of it, or 2.18.1")
        .option("--from <path>", "a wheel, a libtensorflow archive, or a folder with the content of either")
        .action(
          act(async (terminal, name: string, words: InstallWords) => {
            checkName(name);
            const { installTensorflow } = await import("../../runtime/executors/tensorflow/install/index.js");
            const say = (line: string): void => terminal.note(line);
            const { gpu = false, version, from } = words;
            const installed = await installTensorflow({
              gpu,
              ...(version === undefined ? {} : { version }),
              ...(from === undefined ? {} : { from }),
              say,
            });
            if (terminal.json) terminal.resultJson(installed);
            else terminal.show(`TensorFlow ${installed.version} (${installed.variant}) is in ${installed.folder}\n`);
          }),
        ),
    )
    .addCommand(
      new Command("list")
        .description("what is installed, and how large it is")
        .action(act((terminal) => list(terminal))),
    )
    .addCommand(
      new Command("remove")
        .description("remove what backend install put in place")
        .argument("<name>", "tensorflow")
        .option("--version <version>", "only this one; 2.18 means all of 2.18")
        .action(
          act(async (terminal, name: string, { version }: Pick<InstallWords, "version">) => {
            checkName(name);
            const { removeInstallations } = await import("../../runtime/executors/tensorflow/install/index.js");
            const removed = await removeInstallations(version);
            if (terminal.json) {
              terminal.resultJson(removed);
              return;
            }
            for (const each of removed.installations)
              terminal.show(`removed TensorFlow ${each.version} (${each.variant})\n`);
            if (removed.unfinished > 0)
              terminal.show(`removed what ${removed.unfinished} unfinished installations left\n`);
            if (removed.installations.length + removed.unfinished === 0) terminal.show("there was nothing to remove\n");
          }),
        ),
    );
}

const NAMES = ["tensorflow"];

function checkName(name: string): void {
  if (!NAMES.includes(name))
    throw new UsageError(`there is nothing named ${name} to install or remove: give ${NAMES.join(" or ")}`);
}

async function list(terminal: Terminal): Promise<void> {
  const { installations } = await import("../../runtime/executors/tensorflow/installation.js");
  const { folderBytes } = await import("../folder-bytes.js");
  const { columns } = await import("../../compiler/columns.js");
  const { bytesText } = await import("../../compiler/numbers.js");
  const found = installations().map((each, at) => ({
    name: "tensorflow",
    ...each,
    bytes: folderBytes(each.folder),
    used: at === 0,
  }));
  if (terminal.json) terminal.resultJson(found);
  else if (found.length === 0)
    terminal.show("nothing is installed; lnasc backend install tensorflow, with --gpu for NVIDIA GPUs\n");
  else {
    const rows = found.map(({ name, version, variant, bytes, folder, used }) => [
      ...[name, version, variant, bytesText(bytes), folder, used ? "used unless a device asks for another" : ""],
    ]);
    terminal.show(`${columns(rows).join("\n")}\n`);
  }
}
