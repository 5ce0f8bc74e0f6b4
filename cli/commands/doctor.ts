/** `lnasc doctor`: what runs would have on this machine. */
import { Command } from "commander";
import type { Act } from "../command-line.js";
import { EXIT } from "../exit-status.js";
import { Finished } from "../failure.js";

/** The command `doctor`. */
export function doctorCommand(act: Act): Command {
  return new Command("doctor").description("show engines, threads, versions, memory and disk").action(
    act(async (terminal) => {
      const { examine } = await import("../examination.js");
      const { doctorText } = await import("../render/doctor.js");
      const examination = await examine(process.cwd());
      if (terminal.json) terminal.resultJson(examination);
      else terminal.result(doctorText(examination, terminal.colors));
      if (!examination.engines.some(({ available }) => available)) throw new Finished(EXIT.user);
    }),
  );
}
