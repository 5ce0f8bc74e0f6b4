/** `prior run("folder")` and `prior policy("folder")`: searches that start from what an earlier run ended with. */
import type { Option, OptionBlock } from "../../grammar/index.js";
import type { OptionValue } from "../../runtime/search/controller.js";
import type { EarlierPrior } from "../../runtime/search/controllers/table.js";
import type { ExperimentIR } from "../ir/types.js";
import { folderOf, joinPath } from "../paths.js";
import { argumentsOf } from "./calls.js";
import type { Context } from "./context.js";
import { policyOfRun } from "./policy-file.js";
import { type RankRoom, ranksFromFile } from "./rank-file.js";

/** An earlier run as a spec names it. */
interface NamedRun {
  readonly prior: EarlierPrior;
  /** The option `prior` itself. */
  readonly option: Option;
  /** As it is written: relative to the file that names it. */
  readonly folder: string;
}

/** What is read of a run for each of these priors, and the option of the IR that has it. Undefined after a report. */
const PRIORS: {
  readonly [P in EarlierPrior]: {
    readonly option: string;
    readonly read: (context: Context, option: Option, run: EarlierRun, room: RankRoom) => OptionValue | undefined;
  };
} = {
  run: { option: "prior_ranks", read: ranksOfRun },
  policy: { option: "prior_policy", read: policyOfRun },
};

/** A run's folder, whose backbone was found to be this one. */
export interface EarlierRun {
  /** As it is written. */
  readonly written: string;
  /** Within the project. */
  readonly path: string;
  /** The controller of its search; undefined where its IR does not say. */
  readonly controller: string | undefined;
}

/** The option `prior` of a controller's block, if it names an earlier run. */
export function earlierRunIn(context: Context, block: OptionBlock | null): NamedRun | undefined {
  const option = block?.options.find(({ name }) => name.text === "prior");
  if (option === undefined || option.block !== null) return undefined;
  for (const prior of Object.keys(PRIORS) as EarlierPrior[]) {
    const [folder] = argumentsOf(context.at(option), option.value, prior, [null]) ?? [];
    if (folder?.kind === "string" && folder.value !== "") return { prior, option, folder: folder.value };
  }
  return undefined;
}

/** The options that an earlier run comes to; without `room` nothing is read. Undefined after a report. */
export function optionsOfRun(
  context: Context,
  { prior, option, folder }: NamedRun,
  room: RankRoom | undefined,
): Readonly<Record<string, OptionValue>> | undefined {
  const { option: name, read } = PRIORS[prior];
  if (room === undefined) return { prior, [name]: {} };
  const run = runAt(context, option, folder, room);
  const found = run && read(context, option, run, room);
  return found === undefined ? undefined : { prior, [name]: found };
}

/** The run in a folder, of the same modules; of another budget, perhaps. Undefined after a report. */
function runAt(context: Context, option: Option, written: string, room: RankRoom): EarlierRun | undefined {
  const path = joinPath(folderOf(context.scope.file), written);
  const found = irOfRun(path, room);
  if (typeof found !== "string") return { written, path, controller: found.search?.controller };
  context.report("LNAS1706", option.value!.span, { path, problem: found });
  return undefined;
}

/** What is read of an earlier run's IR; other versions of lnas may have written it, so little is expected of it. */
type EarlierIR = Pick<ExperimentIR, "adapter"> & Partial<ExperimentIR>;

/** The IR of the run in a folder of the project, if its modules are this backbone's; otherwise the problem. */
export function irOfRun(path: string, room: Pick<RankRoom, "host" | "description">): EarlierIR | string {
  const text = room.host.readText(`${path}/ir.json`);
  if (text === undefined) return "it is no run folder of this project (it has no ir.json)";
  try {
    const ir = JSON.parse(text) as EarlierIR;
    const other = moduleElsewhere(ir, room);
    return other === undefined ? ir : `it has another backbone: ${other} is not the same module here`;
  } catch {
    return "its ir.json cannot be read";
  }
}

/** A module of a run that this backbone does not have, or has in another size. */
function moduleElsewhere(
  { adapter }: Pick<ExperimentIR, "adapter">,
  { description }: Pick<RankRoom, "description">,
): string | undefined {
  const sizes = new Map(description.modules.map(({ path, ...size }) => [path, size]));
  return adapter.targets
    .flatMap(({ modules }) => modules)
    .find(({ path, inFeatures, outFeatures }) => {
      const size = sizes.get(path);
      return size?.inFeatures !== inFeatures || size.outFeatures !== outFeatures;
    })?.path;
}

/** The ranks that a run ended with. */
function ranksOfRun(
  context: Context,
  option: Option,
  { written, path }: EarlierRun,
  room: RankRoom,
): Readonly<Record<string, number>> | undefined {
  if (room.host.readText(`${path}/ranks.json`) !== undefined)
    return ranksFromFile(context, option, `${written}/ranks.json`, { ...room, objective: undefined });
  const problem = "the run is not finished (it has no ranks.json)";
  context.report("LNAS1706", option.value!.span, { path, problem });
  return undefined;
}
