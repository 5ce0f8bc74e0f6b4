/** Which files a run reads beside its spec: those of the backbone's folder, data, the images that data name, and an earlier run's super-network. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readMessages } from "../data/messages.js";
import { weightFiles } from "../formats/safetensors.js";

/** Files of a backbone's folder that change what it computes or how text and images become its inputs, weights apart. */
const SETTINGS: ReadonlySet<string> = new Set([
  "config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "preprocessor_config.json",
  "processor_config.json",
  "chat_template.jinja",
  "chat_template.json",
]);

/** Whether a file of this name in a backbone's folder could change what the backbone computes or reads. */
export const isBackboneFile = (name: string): boolean =>
  SETTINGS.has(name) || name.endsWith(".safetensors") || name === "model.safetensors.index.json";

/**
 * Names of the files of a backbone's folder that a run reads, sorted. Weights are among them whether they are there or not: shards as
 * listed, `model.safetensors` where nothing is. Throws a `WeightError` when the list of shards is damaged.
 */
export function backboneFiles(folder: string): readonly string[] {
  const settings = existsSync(folder) ? readdirSync(folder).filter((name) => SETTINGS.has(name)) : [];
  const weights = weightFiles(folder);
  return [...settings, ...(weights.length === 0 ? ["model.safetensors"] : weights)].sort();
}

/**
 * A file in the `messages` format and the images it names, each once, as absolute paths; the file alone where it is not there. Throws a
 * `UserError` as `readMessages` does.
 */
export function dataFiles(file: string): readonly string[] {
  if (!existsSync(file)) return [file];
  const images = readMessages(file).flatMap((conversation) => conversation.images.map(({ path }) => path));
  return [...new Set([file, ...images])];
}

/** Where a run keeps its super-network's state, relative to its folder. */
export const NETWORK_STATE = "checkpoints/super-network.ckpt";

/** What is read of an earlier run whose super-network another starts from, as absolute paths. Nothing that the run says leads out of its folder. */
export const networkFiles = (runFolder: string): readonly string[] =>
  ["ir.json", "stages/super-network.json", NETWORK_STATE].map((path) => join(runFolder, path));
