/** How well super-networks rank: agreement of their losses with those of trainings from scratch, a row for each recipe. */
import { agreement } from "../../runtime/experiment/stage/ranking.js";
import { kendallTauB, summarize } from "../../runtime/search/index.js";
import type { KeptLosses } from "./kept.js";

/** How many of the best are compared as a set. */
const TOP = 5;
/** What counts as a usable ranking. */
export const GOAL = 0.6;

/** What is there of one subject; only parts that are complete. */
export interface SubjectLosses {
  readonly title: string;
  /** One for each training seed. */
  readonly trainings: readonly KeptLosses[];
  /** By recipe, one for each super-network seed. */
  readonly recipes: ReadonlyMap<string, readonly KeptLosses[]>;
}

const best = (losses: readonly number[]): ReadonlySet<number> =>
  new Set([...losses.keys()].sort((a, b) => losses[a]! - losses[b]!).slice(0, TOP));

/** How many architectures are among the best under both losses. */
export function topOverlap(a: readonly number[], b: readonly number[]): number {
  const other = best(b);
  return [...best(a)].filter((at) => other.has(at)).length;
}

const shown = (values: readonly number[], digits = 2) => {
  const { mean, standardError, count } = summarize(values);
  return count > 1 ? `${mean.toFixed(digits)} ± ${standardError.toFixed(digits)}` : mean.toFixed(digits);
};

/** A Markdown table of one subject. */
export function agreementTable({ title, trainings, recipes }: SubjectLosses): string {
  if (trainings.length === 0) return `### ${title}\n\nno complete training from scratch yet\n`;
  const { parameters } = trainings[0]!;
  const trained = parameters.map((_, at) => summarize(trainings.map(({ losses }) => losses[at]!)).mean);
  const rows = [...recipes]
    .filter(([, networks]) => networks.length > 0)
    .map(([recipe, networks]) => {
      const each = networks.map(({ losses }) => ({
        ...agreement(
          parameters.map((size, at) => ({
            parameters: size,
            superNetworkLoss: losses[at]!,
            validationLoss: trained[at]!,
          })),
        ),
        overlap: topOverlap(losses, trained),
      }));
      const tau = each.map(({ tauB }) => tauB);
      return `| ${recipe} | ${networks.length} | ${shown(tau)} | ${shown(each.map(({ tauBOfLargerHalf }) => tauBOfLargerHalf))} | ${shown(
        each.map(({ overlap }) => overlap),
        1,
      )} | ${summarize(tau).mean >= GOAL ? "met" : "missed"} | ${summarize(networks.map(({ seconds }) => seconds)).mean.toFixed(0)} |`;
    });
  const all = summarize(trained);
  const seconds = trainings.reduce((sum, training) => sum + training.seconds, 0);
  return [
    `### ${title}`,
    "",
    `${parameters.length} architectures of ${Math.min(...parameters).toLocaleString("en-US")} to ${Math.max(...parameters).toLocaleString("en-US")} parameters, each trained from scratch under ${trainings.length} seeds (${seconds.toFixed(0)} s in all): validation loss ${all.mean.toFixed(4)}, standard deviation ${all.standardDeviation.toFixed(4)}.${ceiling(trainings)}`,
    "",
    `| super-network | seeds | tau-b of all | of the larger half | of the ${TOP} best, in common | goal, ${GOAL} of all | seconds each |`,
    "|---|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** No super-network can rank better than trainings agree among themselves. */
function ceiling(trainings: readonly KeptLosses[]): string {
  const [first, second] = trainings;
  if (first === undefined || second === undefined) return "";
  const [a, b] = [first.losses, second.losses];
  return ` Two training seeds agree with tau-b ${kendallTauB(a, b).toFixed(2)} and have ${topOverlap(a, b)} of the ${TOP} best in common.`;
}
