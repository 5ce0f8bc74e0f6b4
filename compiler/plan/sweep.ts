/** What a sweep would cost: its experiments, and what they train once. Searches and retrainings that turn out equal are done once too; which do, no plan can know. */
import { canonicalJson } from "../ir/canonical.js";
import type { ExperimentIR } from "../ir/types.js";
import { amountText, counted, secondsText } from "../numbers.js";
import type { Plan } from "./types.js";

/** The work of a sweep. */
export interface SweepPlan {
  readonly name: string;
  /** In the order in which they run. */
  readonly experiments: readonly string[];
  /** FLOPs of all experiments, each by itself. */
  readonly apart: number;
  /** Different super-networks among them. */
  readonly superNetworks: number;
  /** FLOPs with each super-network trained once. */
  readonly together: number;
  /** At the rate of the plans; null without one. */
  readonly seconds: number | null;
}

/** Everything that a super-network depends on, as text; the run's own key is made of the same. */
const superNetworkOf = ({ backbone, dataset, adapter, search, seed }: ExperimentIR): string =>
  canonicalJson({ weights: backbone.weights, splits: dataset.splits, adapter, training: search.superNetwork, seed });

/** Adds up the plans of a sweep's experiments. */
export function planSweep(
  name: string,
  members: readonly { readonly ir: ExperimentIR; readonly plan: Plan }[],
): SweepPlan {
  const flopsOf = ({ work }: Plan, only?: "super-network") =>
    work.reduce((sum, { stage, flops }) => (only === undefined || stage === only ? sum + flops : sum), 0);
  const networks = new Set<string>();
  let together = 0;
  for (const { ir, plan } of members) {
    const network = superNetworkOf(ir);
    together += flopsOf(plan) - (networks.has(network) ? flopsOf(plan, "super-network") : 0);
    networks.add(network);
  }
  const rate = members[0]?.plan.rate ?? null;
  return {
    name,
    experiments: members.map(({ plan }) => plan.name),
    apart: members.reduce((sum, { plan }) => sum + flopsOf(plan), 0),
    superNetworks: networks.size,
    together,
    seconds: rate === null ? null : together / rate.flopsPerSecond,
  };
}

/** One paragraph, for text and Markdown alike. */
export function sweepText({ name, experiments, apart, superNetworks, together, seconds }: SweepPlan): string {
  const time = seconds === null ? "" : `, ${secondsText(seconds)} at that rate`;
  const shared =
    superNetworks < experiments.length
      ? ` ${counted(superNetworks, "super-network")} in place of ${experiments.length} ${superNetworks === 1 ? "is" : "are"} trained; run apart they take ${amountText(apart, "FLOP")}.`
      : " They share no super-network.";
  return `sweep ${name} (${experiments.join(", ")}): at most ${amountText(together, "FLOP")}${time}.${shared}\n`;
}
