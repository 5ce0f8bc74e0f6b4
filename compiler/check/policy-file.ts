/** `policy.json` of an earlier run, checked against the modules that may carry an adapter, their ranks and their ties. */
import type { Option } from "../../grammar/index.js";
import type { PolicyFile, PolicyGene } from "../../runtime/search/policy-file.js";
import type { PolicyTable } from "../../runtime/search/prior-policy.js";
import type { AdapterIR } from "../ir/types.js";
import type { Context } from "./context.js";
import type { EarlierRun } from "./earlier-run.js";
import type { RankRoom } from "./rank-file.js";

/** What shares one rank here: modules in the order of the forward pass, and the ranks that they choose from. */
interface Gene {
  readonly modules: readonly string[];
  readonly ranks: readonly number[];
}

/**
 * The policy that a run's search ended with, by the first module of each gene of this search. Undefined after a report. Modules that are no longer
 * searched are left aside.
 */
export function policyOfRun(
  context: Context,
  option: Option,
  run: EarlierRun,
  room: RankRoom,
): PolicyTable | undefined {
  const { span } = option.value!;
  const policy = policyIn(run, room);
  if ("problem" in policy) {
    context.report("LNAS1707", span, { path: run.path, problem: policy.problem });
    return undefined;
  }
  const genes = genesOf(
    room.adapter,
    room.description.modules.map(({ path }) => path),
  );
  const known = new Map(policy.genes.flatMap((gene) => gene.modules.map((path) => [path, gene] as const)));
  const differences = genes.flatMap((gene) => differenceTo(gene, known) ?? []);
  const [first] = differences;
  if (first !== undefined) {
    const more = differences.length > 1 ? ` (and ${differences.length - 1} more)` : "";
    context.report("LNAS1708", span, { path: run.path, problem: first + more });
    return undefined;
  }
  return Object.fromEntries(genes.map(({ modules: [name] }) => [name!, known.get(name!)!.logOdds]));
}

/** The policy of a run, or why there is none. */
function policyIn({ path, controller }: EarlierRun, { host }: RankRoom): PolicyFile | { readonly problem: string } {
  const text = host.readText(`${path}/policy.json`);
  const keepsNone = controller !== undefined && host.controllers[controller]?.policy === false;
  if (text === undefined && keepsNone) return { problem: `${controller} prefers no ranks to others by a number` };
  if (text === undefined) return { problem: "its search is not finished (it has no policy.json)" };
  try {
    return host.readPolicy(JSON.parse(text));
  } catch (error) {
    const problem = error instanceof SyntaxError ? "it is no JSON" : (error as Error).message;
    return { problem: `its policy.json cannot be read: ${problem}` };
  }
}

/** Ties, and modules by themselves, in the order of their first modules. */
function genesOf({ targets }: AdapterIR, order: readonly string[]): readonly Gene[] {
  const targetOf = new Map(targets.flatMap((target) => target.modules.map(({ path }) => [path, target] as const)));
  const tieOf = new Map(targets.flatMap(({ ties }) => ties.flatMap((tie) => tie.map((path) => [path, tie] as const))));
  return order.flatMap((path) => {
    const target = targetOf.get(path);
    if (target === undefined) return [];
    const tie = new Set(tieOf.get(path) ?? [path]);
    const modules = order.filter((other) => tie.has(other));
    return modules[0] === path ? [{ modules, ranks: target.ranks }] : [];
  });
}

/** How a gene differs from what the policy says of its modules; undefined where it does not. */
function differenceTo({ modules, ranks }: Gene, known: ReadonlyMap<string, PolicyGene>): string | undefined {
  const [name] = modules;
  const there = known.get(name!);
  if (there === undefined) return `it says nothing of ${name}`;
  const lone = modules.find((path) => !there.modules.includes(path));
  if (lone !== undefined) return `${lone} shares its rank with ${name} here, and not there`;
  const apart = there.modules.find((path) => !modules.includes(path));
  if (apart !== undefined) return `${name} shares its rank with ${apart} there, and not here`;
  const theirs = Object.keys(there.logOdds).map(Number);
  if (theirs.length === ranks.length && ranks.every((rank) => theirs.includes(rank))) return undefined;
  return `${name} chooses between ${theirs.join(", ")} there, and ${ranks.join(", ")} here`;
}
