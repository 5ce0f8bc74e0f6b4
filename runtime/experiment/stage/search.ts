/** Stage `search`: a controller proposes architectures, the super-network scores them, until the controller is done. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { writeFileDurably } from "../../formats/durable-file.js";
import {
  type Controller,
  type ControllerState,
  canonicalArchitecture,
  ignores,
  POLICY_FILE,
  policyText,
  type Round,
  restoreController,
  type SearchSetting,
  startController,
} from "../../search/index.js";
import type { RewardMetricRow } from "../../training/reward-metrics.js";
import type { Architecture, Candidate, ControllerSpec, ObjectiveOptions, SearchOptions, SearchResult } from "../api.js";
import {
  type LoadedSplit,
  lookUp,
  type RunContext,
  type StoredState,
  seedFor,
  type TrainedSuperNetwork,
} from "../context.js";
import { keyOf } from "../keys.js";
import type { UsedStages } from "../stage-parts.js";
import type { StageRecord, StageScope } from "../stages.js";
import { chooserOf, SEARCHED } from "./chooser.js";
import { type ChoosingWork, WorkCount } from "./choosing-work.js";
import { measurementsOf } from "./measurements.js";
import { rescore } from "./rescoring.js";
import { rewardMetric } from "./reward-metric.js";
import { type RoundScoring, roundScoring, scoredText } from "./round-summary.js";
import { type SearchSite, scoreRound, scoreUnknown } from "./scoring.js";
import { priorOf, recordOf, type SearchRecord, skippedWarning } from "./search-record.js";
import { forgetTrainings, type TrainedScores, trainRound } from "./stand-alone.js";
import { storedState, trainingProgress } from "./training.js";

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

/** Lets another controller choose within the same budget, to be retrained beside the search's own candidates. */
export async function besideStage<A extends Architecture>(
  context: RunContext,
  { superNetwork, controller, objective }: SearchOptions<A>,
): Promise<SearchResult<A>> {
  const name = controller.controller;
  const record = await controllerStage(context, `beside/${name}`, superNetwork.key, controller, objective, name);
  context.findings.choosers = [...(context.findings.choosers ?? []), chooserOf(SEARCHED, controller)];
  context.findings.beside = [...(context.findings.beside ?? []), record.result];
  return searchResult(record);
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

/**
 * Runs one controller as a durable stage, or takes what the same one chose before in this run under another name. Rounds are kept as they
 * finish; an interrupted search goes on with the round it was in.
 */
export async function controllerStage(
  context: RunContext,
  stage: string,
  superNetworkKey: string,
  controller: ControllerSpec,
  objective: ObjectiveOptions,
  title = stage,
  evaluation: Evaluation = {},
) {
  const net = lookUp(context.superNetworks, superNetworkKey, "super-network");
  const reward = lookUp(context.splits, objective.reward.on.key, "split");
  const { metric, direction, parameterWeight = 0 } = objective.reward;
  const row = rewardMetric(objective.reward, reward);
  const inputs = {
    superNetwork: superNetworkKey,
    controller,
    maxParameters: objective.maxParameters,
    reward: { metric, direction, on: objective.reward.on.key, ...(parameterWeight > 0 && { parameterWeight }) },
    ...((evaluation.rescore ?? 0) > 0 && { rescore: evaluation.rescore }),
    ...(evaluation.earlyStopping === true && { earlyStopping: true }),
  };
  const question = keyOf(inputs);
  const name = context.choices.get(question) ?? stage;
  context.choices.set(question, name);
  const search = async (scope: StageScope) => {
    const { finished, rescored, work, scorings } = await new SearchRun(context, scope, net, reward, row, objective).run(
      controller,
      evaluation,
    );
    const record = recordOf(finished, net.space, work, scorings, rescored);
    const moved = `${(100 * record.movedFromPrior).toFixed(0)} % of the modules moved from the prior`;
    return {
      result: record,
      summary: record.evaluations === 0 ? scoredText([]) : `${scoredText(record.rounds)}, ${moved}`,
    };
  };
  return context.stages.run<SearchRecord>(name, inputs, search, { title, take: CHOICES });
}

/** Whoever asked a controller the same, its answer is the same. */
const CHOICES = { from: ["search", "beside/", "compare/"] };

/** How candidates are scored beside what their controller says. */
type Evaluation = Pick<SearchOptions<Architecture>, "rescore" | "earlyStopping">;

/** What is kept between rounds. */
interface SearchProgress {
  readonly key: string;
  readonly controller: ControllerState;
  /** The super-network as the next round finds it. */
  readonly network: StoredState & { readonly step: number };
  readonly work?: ChoosingWork;
  /** How the finished rounds were scored. */
  readonly scorings?: readonly RoundScoring[];
  /** Measurements that it used. */
  readonly parts?: UsedStages;
}

class SearchRun {
  readonly #progressFile: string;
  readonly #site: SearchSite;

  constructor(
    private readonly context: RunContext,
    private readonly scope: StageScope,
    private readonly net: TrainedSuperNetwork,
    private readonly reward: LoadedSplit,
    metric: RewardMetricRow,
    private readonly objective: ObjectiveOptions,
  ) {
    this.#progressFile = scope.checkpointFile.replace(/ckpt$/, "json");
    this.#site = { context, scope, net, reward, rewardKey: objective.reward.on.key, metric };
  }

  async run(choice: ControllerSpec, { rescore: again = 0, earlyStopping = false }: Evaluation) {
    const { context, scope, net } = this;
    const setting: SearchSetting = {
      space: net.space,
      maxParameters: this.objective.maxParameters,
      parameterWeight: this.objective.reward.parameterWeight ?? 0,
      seed: seedFor(context, "search"),
      rewardExamples: this.reward.examples.length,
    };
    const progress = this.#readProgress();
    const { training, distillation = 0 } = net.network.parts.options;
    const sizes = { batch: training.batch, rewardExamples: this.reward.examples.length, distilled: distillation > 0 };
    const count = new WorkCount(sizes, progress?.work);
    const scorings = [...(progress?.scorings ?? [])];
    const controller =
      progress === undefined
        ? await startController(choice, setting, count.measured(measurementsOf(this.#site)))
        : restoreController(choice, setting, progress.controller);
    let network = progress?.network ?? {
      checkpointFile: net.checkpointFile,
      checkpointKey: net.checkpointKey,
      step: net.steps,
    };
    if (progress === undefined) this.#writeProgress(controller, network, count.work, scorings);
    else scope.parts.recall(progress.parts ?? {});
    for (let round = controller.next(); round !== null; round = controller.next()) {
      const before = network;
      network = await this.#trainOn(round, network);
      const { losses, seen, pairs, diverged } = await this.#scores(round, network, controller, earlyStopping);
      controller.observe(round, losses, seen);
      count.round(round, pairs);
      scorings.push(roundScoring(round, pairs, this.reward.examples.length));
      const warning = skippedWarning(scope.title, net.space, round, losses, diverged);
      if (warning !== undefined) context.emit(warning);
      this.#writeProgress(controller, network, count.work, scorings);
      forgetTrainings(this.#site, round, controller.next());
      if (before.checkpointFile !== network.checkpointFile && before.checkpointFile !== net.checkpointFile)
        rmSync(before.checkpointFile, { force: true });
    }
    const price = this.objective.reward.parameterWeight ?? 0;
    const rescored =
      again > 0 ? await rescore(this.#site, controller.name, controller.result(), again, network, price) : null;
    if (rescored !== null) count.scored(rescored.record.candidates.length * rescored.record.examples);
    return { finished: controller, rescored, work: count.work, scorings };
  }

  /** What a round's design asks for. */
  async #scores(
    round: Round,
    network: StoredState,
    controller: Controller,
    stopsEarly: boolean,
  ): Promise<TrainedScores> {
    const site = this.#site;
    if (round.design === "trained") return trainRound(site, round);
    const surcharge = stopsEarly && !ignores(controller.name, "early_stopping") ? controller.surcharge : null;
    if (round.design === "crossed") return scoreUnknown(site, round, network, controller.known(round), surcharge);
    return { losses: await scoreRound(site, round, network) };
  }

  /** Further super-network training before a round: the moments go on, the schedule starts anew (a warm restart without warm-up). */
  async #trainOn(round: Round, from: SearchProgress["network"]): Promise<SearchProgress["network"]> {
    if (round.superNetworkSteps === 0) return from;
    const { context, scope, net } = this;
    const stored = {
      checkpointFile: context.folder.checkpoint(`${scope.name}-round-${round.index}`),
      checkpointKey: `${scope.key}/${round.index}`,
      step: from.step + round.superNetworkSteps,
    };
    await net.network.train({
      label: `${scope.title}, super-network before round ${round.index + 1}`,
      examples: net.data.examples,
      seed: seedFor(context, "super-network"),
      start: storedState(from),
      firstStep: from.step,
      steps: stored.step,
      checkpoint: { file: stored.checkpointFile, key: stored.checkpointKey },
      signal: context.signal,
      onStep: trainingProgress(context, scope.title, `super-network, round ${round.index + 1}`),
    });
    return stored;
  }

  #readProgress(): SearchProgress | undefined {
    if (!existsSync(this.#progressFile)) return undefined;
    const progress = JSON.parse(readFileSync(this.#progressFile, "utf8")) as SearchProgress;
    if (progress.key !== this.scope.key) return undefined;
    const { folder } = this.context;
    return {
      ...progress,
      network: { ...progress.network, checkpointFile: folder.file(progress.network.checkpointFile) },
    };
  }

  #writeProgress(
    controller: Controller,
    network: SearchProgress["network"],
    work: ChoosingWork,
    scorings: readonly RoundScoring[],
  ): void {
    const { folder } = this.context;
    const checkpointFile = relative(folder.path, network.checkpointFile);
    const progress: SearchProgress = {
      key: this.scope.key,
      controller: controller.state(),
      network: { ...network, checkpointFile },
      work,
      scorings,
      parts: this.scope.parts.used,
    };
    writeFileDurably(this.#progressFile, JSON.stringify(progress));
  }
}
