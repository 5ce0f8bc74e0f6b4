/** Stage `backbone`: a Hugging Face folder opened, checked and identified by the content of its files. */
import { join, resolve } from "node:path";
import { UserError } from "../../formats/errors.js";
import { openBackbone } from "../../models/index.js";
import type { BackboneHandle, BackboneOptions } from "../api.js";
import type { RunContext } from "../context.js";
import { hashingProgress } from "../events.js";
import { backboneFiles } from "../input-files.js";

/** Opens the backbone. Throws a `UserError` when files are missing or damaged, or the weights are on the Hub only. */
export async function backboneStage(context: RunContext, options: BackboneOptions): Promise<BackboneHandle> {
  const begun = performance.now();
  const { weights, family } = options;
  if (weights.kind === "hub")
    throw new UserError("weights of the Hugging Face Hub are not downloaded", {
      place: `${weights.repository}@${weights.revision}`,
      remedy: `Download them (hf download ${weights.repository} --revision ${weights.revision} --local-dir FOLDER) and write weights "FOLDER".`,
    });
  const folder = resolve(context.specFolder, weights.path);
  const backbone = openBackbone(folder);
  if (backbone.description.family !== family)
    throw new UserError(`the backbone is of the family ${backbone.description.family}, not ${family}`, {
      place: join(folder, "config.json"),
      remedy: `Name a folder with a ${family} model.`,
    });
  const files = backboneFiles(folder);
  const contents = await context.hashes.of(
    files.map((file) => join(folder, file)),
    (done, total) => context.emit(hashingProgress("backbone", done, total)),
  );
  const hashes: Record<string, string> = {};
  for (const file of files) {
    const content = contents.get(join(folder, file));
    if (content !== undefined) hashes[file] = content.sha256;
  }
  context.folder.recordHashes(
    Object.fromEntries(Object.entries(hashes).map(([file, hash]) => [`backbone/${file}`, hash])),
  );
  const { parameters, modules } = backbone.description;
  const record = await context.stages.run(
    "backbone",
    { family, hashes },
    async () => ({
      result: { parameters },
      summary: `${family}, ${parameters.toLocaleString("en-US")} parameters, ${modules.length} linear modules`,
    }),
    { begun },
  );
  context.backbones.set(record.key, { backbone, source: weights });
  return { stage: "backbone", key: record.key };
}
