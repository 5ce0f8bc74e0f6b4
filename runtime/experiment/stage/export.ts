/** Stage `export`: the winner as a PEFT folder inside the run folder. */
import { rmSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { adaptedModules, exportPeft, PEFT_FILES } from "../../adapters/index.js";
import { UserError } from "../../formats/errors.js";
import type { Architecture } from "../../search/index.js";
import type { ExportSpec, TrainedArm } from "../api.js";
import { lookUp, type RunContext, trainedKey } from "../context.js";
import { noAdapterRemedy } from "../report/index.js";
import { storedParameters } from "./training.js";

/** What an export leaves in its record. */
export interface ExportRecord {
  /** Relative to the run folder. */
  readonly folder: string;
  readonly tensors: number;
  readonly vllmFlags: readonly string[];
}

/**
 * Writes the adapter of the winner's seed with the lowest validation loss. Where every module has rank 0 there is none: a warning says so, an adapter
 * of an earlier run in this folder is removed, and the run goes on to its report. Throws a `UserError` when the path leads outside of the run folder.
 */
export async function exportStage<A extends Architecture>(
  context: RunContext,
  winner: TrainedArm<A>,
  target: ExportSpec,
): Promise<{ readonly folder: string | null }> {
  const folder = resolve(context.folder.path, target.path);
  const path = relative(resolve(context.folder.path), folder);
  if (path === "" || path.startsWith(`..${sep}`) || path === ".." || isAbsolute(path))
    throw new UserError("the adapter's folder is not inside the run folder", {
      place: target.path,
      remedy: 'Name a folder relative to the run folder, such as "adapter".',
    });
  const seeds = lookUp(context.trained, trainedKey(winner.architecture), "retrained adapter");
  const { source, backboneKey, scale, dropout, trained } = seeds;
  const best = [...trained].sort((a, b) => a.validationLoss - b.validationLoss)[0];
  const { backbone } = lookUp(context.backbones, backboneKey, "backbone");
  const adapted = adaptedModules(backbone.description.modules, winner.architecture);
  if (adapted.length === 0) {
    for (const file of Object.values(PEFT_FILES)) rmSync(resolve(folder, file), { force: true });
    context.findings.adapter = null;
    context.emit({
      type: "warning",
      message: `every module of the ranks that won has rank 0: no adapter is written to ${path}`,
      remedy: noAdapterRemedy(context.findings.search?.parameterWeight ?? 0),
    });
    return { folder: null };
  }
  const inputs = { adapter: best?.checkpointKey ?? null, architecture: winner.architecture, target, scale, dropout };
  const record = await context.stages.run<ExportRecord>("export", inputs, async () => {
    const { modules } = backbone.description;
    const written = exportPeft(
      folder,
      {
        adapted,
        parameters: best === undefined ? [] : storedParameters(best),
        scale,
        dropout,
        ...(source.kind === "hub"
          ? { baseModel: source.repository, revision: source.revision }
          : { baseModel: source.path }),
      },
      modules.map((module) => module.path),
    );
    return {
      result: { folder: path, tensors: written.tensors.length, vllmFlags: written.vllmFlags },
      summary: `${written.tensors.length} tensors, ${written.parameters.toLocaleString("en-US")} parameters in ${path}`,
      files: Object.values(PEFT_FILES).map((file) => relative(context.folder.path, resolve(folder, file))),
    };
  });
  context.findings.adapter = record.result;
  return { folder };
}
