/** `super_network { start run("folder") }`: a super-network that starts from that of an earlier run. */
import type { Option } from "../../grammar/index.js";
import { folderOf, joinPath, relativePath } from "../paths.js";
import { argumentsOf } from "./calls.js";
import type { Context } from "./context.js";
import { irOfRun } from "./earlier-run.js";
import { refuseBlock } from "./fields.js";
import type { RankRoom } from "./rank-file.js";

/**
 * The run's folder, relative to the spec; without `room`, for a record by itself, nothing is looked for. Undefined after a report. Weights are read
 * when the experiment runs.
 */
export function earlierNetworkOf(context: Context, option: Option, room: RankRoom | undefined): string | undefined {
  const there = context.at(option);
  const [folder] = argumentsOf(there, option.value, "run", [null]) ?? [];
  if (folder?.kind !== "string" || folder.value === "") {
    const expected = 'an earlier run, `run("runs/…")`';
    there.report("LNAS1204", (option.value ?? option.name).span, { option: "start", expected });
    return undefined;
  }
  refuseBlock(context, option, "run");
  const path = joinPath(folderOf(there.scope.file), folder.value);
  const problem = room && problemOf(path, room);
  if (problem === undefined) return relativePath(folderOf(context.scope.file), path);
  there.report("LNAS1709", option.value!.span, { path, problem });
  return undefined;
}

/** Why a run's super-network cannot be started from; undefined where it can. */
function problemOf(path: string, room: RankRoom): string | undefined {
  const ir = irOfRun(path, room);
  if (typeof ir === "string") return ir;
  if (ir.adapter.scale !== room.adapter.scale)
    return `its adapter has the scale ${ir.adapter.scale}, this one ${room.adapter.scale}`;
  if (room.host.readText(`${path}/stages/super-network.json`) === undefined)
    return "its super-network is not trained to the end";
  const here = new Set(room.adapter.targets.flatMap(({ modules }) => modules.map((module) => module.path)));
  const shared = ir.adapter.targets.some(({ modules }) => modules.some((module) => here.has(module.path)));
  return shared ? undefined : "no module is searched both there and here";
}
