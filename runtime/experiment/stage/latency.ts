/**
 * Stage `latency`: what the ranks of each arm cost where they are not merged into the weights, as servers of many adapters keep them. FLOPs of the
 * forward graph, and its time for one example.
 */
import { type AdaptedModule, adaptedModules, initialParameters } from "../../adapters/index.js";
import { totalsOf } from "../../graph/totals.js";
import type { Graph } from "../../graph/types.js";
import { type Architecture, canonicalArchitecture } from "../../search/index.js";
import { TRAINING_STATE } from "../../training/adamw.js";
import { adapterEvaluation } from "../../training/adapter-graphs.js";
import { collateWithAnswers } from "../../training/adapter-trainer.js";
import { BatchRunner } from "../../training/batch-runner.js";
import { Interrupted } from "../../training/interrupted.js";
import type { ArmCost, LatencyOptions } from "../api.js";
import { lookUp, type RunContext } from "../context.js";

/** Passes before the first that counts: they fill caches. */
const WARM_UP = 2;

/** An arm whose forward pass is timed. */
interface TimedArm {
  readonly name: string;
  readonly adapted: readonly AdaptedModule[];
  readonly graph: Graph;
  readonly times: number[];
}

/**
 * Times the backbone as it is, every rival that was compared and what was chosen. One compiled graph at a time is in memory; arms are visited in order
 * and then in reverse, so that a machine that slows down slows all alike. Throws `Interrupted` when the signal is raised.
 */
export async function latencyStage(
  context: RunContext,
  { backbone: handle, adapter, on, passes }: LatencyOptions,
): Promise<readonly ArmCost[]> {
  const { backbone } = lookUp(context.backbones, handle.key, "backbone");
  const { sizes, examples } = lookUp(context.splits, on.key, "split");
  const { rivals, searched } = context.findings;
  const named: readonly { readonly name: string; readonly architecture: Architecture }[] = [
    { name: "backbone as it is", architecture: {} },
    ...rivals,
    ...(searched === undefined ? [] : [searched.arm]),
  ];
  const shape = { ...sizes, batch: 1 };
  const inputs = {
    ...{ backbone: handle.key, on: on.key, scale: adapter.scale, passes, engine: context.executor.description },
    arms: named.map(({ name, architecture }) => [name, canonicalArchitecture(architecture)]),
  };
  const measure = async ({ title }: { readonly title: string }) => {
    const arms = named.map(({ name, architecture }): TimedArm => {
      const adapted = adaptedModules(backbone.description.modules, architecture);
      const model = { backbone, adapted, scale: adapter.scale, elastic: false };
      return { name, adapted, graph: adapterEvaluation(model, shape), times: [] };
    });
    const order = [...arms, ...[...arms].reverse()];
    for (const [visit, arm] of order.entries()) {
      if (context.signal.aborted) throw new Interrupted(title);
      const runner = await BatchRunner.compile(context.executor, arm.graph, {
        ...{ weights: backbone.weights, label: `${title} of ${arm.name}`, batch: 1 },
        collate: collateWithAnswers(backbone, shape),
        // The whole pass is what users wait for: nothing of it is kept from the pass before.
        exampleInputs: [],
      });
      await timePasses(runner, arm, [examples[0]!], passes);
      await runner.dispose();
      context.emit({
        type: "progress",
        stage: title,
        step: visit + 1,
        steps: order.length,
        unit: "evaluations",
        etaMs: 0,
      });
    }
    const result = arms.map((arm) => costOf(arm, arms[0]!));
    return { result, summary: `${arms.length} arms, ${2 * passes} passes of one example each` };
  };
  const { result } = await context.stages.run<readonly ArmCost[]>("latency", inputs, measure);
  context.findings.costs = result;
  return result;
}

async function timePasses(
  runner: BatchRunner,
  { adapted, times }: TimedArm,
  example: Parameters<BatchRunner["feeds"]>[0],
  passes: number,
): Promise<void> {
  if (adapted.length > 0) await runner.executable.writeState(TRAINING_STATE.parameters, initialParameters(adapted, 0));
  const feeds = await runner.feeds(example);
  for (let pass = -WARM_UP; pass < passes; pass++) {
    const begun = performance.now();
    await runner.executable.run(feeds);
    if (pass >= 0) times.push(performance.now() - begun);
  }
}

function costOf({ name, adapted, graph, times }: TimedArm, bare: TimedArm): ArmCost {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
  const { flops } = totalsOf(graph);
  return {
    arm: name,
    parameters: adapted.reduce((sum, { rank, inFeatures, outFeatures }) => sum + rank * (inFeatures + outFeatures), 0),
    flops,
    adapterFlops: flops - totalsOf(bare.graph).flops,
    milliseconds: at(0.5),
    quartiles: [at(0.25), at(0.75)],
  };
}
