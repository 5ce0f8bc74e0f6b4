/** Stage `search` and what stands beside it: candidates of a controller for retraining. */
import { writeFileDurably } from "../../formats/durable-file.js";
import { canonicalArchitecture, POLICY_FILE, policyText } from "../../search/index.js";
import type { Architecture, Candidate, SearchOptions, SearchResult } from "../api.js";
import type { RunContext } from "../context.js";
import type { StageRecord } from "../stages.js";
import { chooserOf, SEARCHED } from "./chooser.js";
import { controllerStage } from "./controller-stage.js";
import { priorOf, type SearchRecord } from "./search-record.js";

/**
 * Runs the controller's rounds, each recorded when done; returns its candidates, best first, the prior's choice among
 * them. Leaves what the controller preferred at its end in `policy.json`.
 */
export async function searchStage<A extends Architecture>(
  context: RunContext,
  { superNetwork, controller, objective, ...evaluation }: SearchOptions<A>,
): Promise<SearchResult<A>> {
  const record = await controllerStage(
    context,
    "search",
    superNetwork.key,
    controller,
    objective,
    "search",
    evaluation,
  );
  const { policy } = record.result;
  if (policy !== undefined) {
    const file = { controller: controller.controller, maxParameters: objective.maxParameters, genes: policy };
    writeFileDurably(context.folder.file(POLICY_FILE), policyText(file));
  }
  const rivals = (context.findings.choosers ?? []).filter(({ arm }) => arm !== SEARCHED);
  context.findings.choosers = [...rivals, chooserOf(SEARCHED, controller)];
  context.findings.movedFromPrior = record.result.movedFromPrior;
  context.findings.search = {
    controller: controller.controller,
    metric: objective.reward.metric,
    parameterWeight: objective.reward.parameterWeight ?? 0,
    ...record.result,
  };
  context.findings.maxParameters = objective.maxParameters;
  return searchResult(record);
}

/**
 * Lets another controller choose within the same budget, to be retrained beside the search's own candidates. What it calls "searched" or "prior" is
 * not the search's: its candidates bear its name.
 */
export async function besideStage<A extends Architecture>(
  context: RunContext,
  { superNetwork, controller, objective }: SearchOptions<A>,
): Promise<SearchResult<A>> {
  const name = controller.controller;
  const record = await controllerStage(context, `beside/${name}`, superNetwork.key, controller, objective, name);
  context.findings.choosers = [...(context.findings.choosers ?? []), chooserOf(SEARCHED, controller)];
  context.findings.beside = [...(context.findings.beside ?? []), record.result];
  const result = searchResult<A>(record);
  return { ...result, best: (count) => result.best(count).map((candidate, place) => besides(candidate, place, name)) };
}

/** What every search calls candidates; one-shot allocators have names of their own. */
const OF_ANY_SEARCH: ReadonlySet<string> = new Set(["searched", "prior", "runner-up", "best sample", "front"]);

function besides<A extends Architecture>(candidate: Candidate<A>, place: number, controller: string): Candidate<A> {
  if (!OF_ANY_SEARCH.has(candidate.origin)) return candidate;
  const name = controller.replaceAll("_", " ");
  return { ...candidate, origin: place === 0 ? name : `${name}, ${candidate.origin}` };
}

function searchResult<A extends Architecture>({ key, result }: StageRecord<SearchRecord>): SearchResult<A> {
  const { candidates, movedFromPrior } = result;
  const prior = priorOf(result);
  return {
    stage: "search",
    key,
    movedFromPrior,
    best: (count) => firstWithPrior(candidates as readonly Candidate<A>[], prior, count),
  };
}

/** The first `count`, what the prior allocated in the last place where it would have been left out. */
function firstWithPrior<A extends Architecture>(
  candidates: readonly Candidate<A>[],
  allocated: Architecture | undefined,
  count: number,
): Candidate<A>[] {
  const first = candidates.slice(0, count);
  const key = allocated && canonicalArchitecture(allocated);
  const prior = candidates.find(({ architecture }) => canonicalArchitecture(architecture) === key);
  if (prior !== undefined && count > 1 && !first.includes(prior)) first[first.length - 1] = prior;
  return first;
}
