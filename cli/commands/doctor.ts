/** `lnasc doctor`: what runs would have on this machine. */
import { Command } from "commander";
import type { Act } from "../command-line.js";
import { EXIT } from "../exit-status.js";
import { Finished } from "../failure.js";

interface DoctorOptions {
  readonly measure: boolean;
}

/** The command `doctor`; with its measurements it decides what `auto` uses from then on. */
export function doctorCommand(act: Act): Command {
  return new Command("doctor")
    .description("find and measure engines; show versions, threads, memory, disk and GPUs")
    .option("--no-measure", "only look which engines open; measure and remember nothing")
    .action(
      act(async (terminal, { measure }: DoctorOptions) => {
        const { examine } = await import("../examination.js");
        const { doctorText } = await import("../render/doctor.js");
        const doing = measure ? "measuring" : "opening";
        const examination = await examine(process.cwd(), {
          measure,
          onBegin: (engine, device) => terminal.note(`${doing} ${engine} on ${device}`),
        });
        if (terminal.json) terminal.resultJson(examination);
        else terminal.result(doctorText(examination, terminal.colors));
        if (!examination.engines.some(({ available }) => available)) throw new Finished(EXIT.user);
      }),
    );
}
