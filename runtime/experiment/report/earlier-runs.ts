/** What a run took from earlier ones by name: their work is in no account of its own. */
import type { Chooser } from "../stage/chooser.js";

/** What of a run's findings tells it. */
export interface Origins {
  readonly choosers?: readonly Chooser[];
  /** Name of the run whose super-network this one's started from. */
  readonly superNetworkStart?: string;
}

/** Priors that are the end of an earlier run. */
const EARLIER: ReadonlySet<unknown> = new Set(["run", "policy"]);

/** In words, such as `the prior of searched`; empty where a run did everything itself. */
export function spentByEarlierRuns({ choosers = [], superNetworkStart }: Origins): readonly string[] {
  const priors = choosers.filter(({ options }) => EARLIER.has(options.prior)).map(({ arm }) => `the prior of ${arm}`);
  // Whoever wrote the file did so before.
  const files = choosers.filter(({ controller }) => controller === "fixed").map(({ arm }) => `the ranks of ${arm}`);
  const start = superNetworkStart === undefined ? [] : [`the start of the super-network (${superNetworkStart})`];
  return [...new Set([...start, ...priors, ...files])];
}
