/** The rounds of a search: a controller proposes architectures, the super-network scores them, until the controller is done. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { writeFileDurably } from "../../formats/durable-file.js";
import {
  type Controller,
  type ControllerState,
  ignores,
  type Round,
  restoreController,
  type SearchSetting,
  startController,
} from "../../search/index.js";
import type { RewardMetricRow } from "../../training/reward-metrics.js";
import type { Architecture, ControllerSpec, ObjectiveOptions, SearchOptions } from "../api.js";
import { type LoadedSplit, type RunContext, type StoredState, seedFor, type TrainedSuperNetwork } from "../context.js";
import type { UsedStages } from "../stage-parts.js";
import type { StageScope } from "../stages.js";
import { type ChoosingWork, WorkCount } from "./choosing-work.js";
import { measurementsOf } from "./measurements.js";
import { rescore } from "./rescoring.js";
import { type RoundScoring, roundScoring } from "./round-summary.js";
import { type SearchSite, scoreRound, scoreUnknown } from "./scoring.js";
import { skippedWarning } from "./search-record.js";
import { forgetTrainings, type TrainedScores, trainRound } from "./stand-alone.js";
import { storedState, trainingProgress } from "./training.js";

/** How candidates are scored beside what their controller says. */
export type Evaluation = Pick<SearchOptions<Architecture>, "rescore" | "earlyStopping">;

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

/** One search, from where its progress file says that it was interrupted. */
export class SearchRun {
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

  /** Runs the rounds that are left. */
  async run(choice: ControllerSpec, { rescore: again = 0, earlyStopping = false }: Evaluation) {
    const { context, scope, net } = this;
    const setting: SearchSetting = {
      space: net.space,
      maxParameters: this.objective.maxParameters,
      parameterWeight: this.objective.reward.parameterWeight ?? 0,
      seed: seedFor(context, "search"),
      rewardExamples: this.reward.examples.length,
      exampleWeights: this.reward.examples.map(this.#site.metric.weight),
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
