/** `lnasc verify`: does this runtime compute what transformers and PEFT compute? */
import { Command } from "commander";
import type { Act } from "../command-line.js";
import { type EngineChoice, engineOptionsOf, withEngineOptions } from "../engine-options.js";
import { EXIT } from "../exit-status.js";
import { Finished } from "../failure.js";

interface VerifyOptions extends EngineChoice {
  readonly reference: string;
  readonly adapter?: string;
}

/** The command `verify`; ends with status 1 when a difference is above its limit. */
export function verifyCommand(act: Act): Command {
  const command = new Command("verify")
    .description("compare logits, loss and adapter gradients with tensors that tools/reference.py wrote")
    .argument("<backbone>", "a Hugging Face folder: config.json and model.safetensors")
    .requiredOption("--reference <file>", "what tools/reference.py wrote")
    .option("--adapter <folder>", "the PEFT adapter that the reference was made with");
  return withEngineOptions(command, { name: "all", meaning: "one engine, or all that load" }).action(
    act(async (terminal, backbone: string, options: VerifyOptions) => {
      const { availableEngines, openExecutor } = await import("../../runtime/executors/index.js");
      const { verify } = await import("../../runtime/training/verify.js");
      const { verificationText } = await import("../render/verification.js");
      const names =
        options.engine === "all"
          ? (await availableEngines()).filter(({ available }) => available).map(({ name }) => name)
          : [options.engine];
      const engines = await Promise.all(names.map((name) => openExecutor(name, engineOptionsOf(options))));
      const results = await verify(backbone, options.reference, options.adapter, engines);
      if (terminal.json) terminal.resultJson(results);
      else terminal.result(verificationText(results, terminal.colors));
      if (!results.every(({ agrees }) => agrees)) throw new Finished(EXIT.findings);
    }),
  );
}
