/**
 * Scoring the best candidates of a search once more, on all reward examples. The best of many scores on few examples is best partly by luck (the
 * winner's curse); on examples that it was not chosen on alone, the luck is gone.
 */
import { ignores, type RankedArchitecture } from "../../search/index.js";
import type { StoredState } from "../context.js";
import type { Rescoring } from "./rescoring-record.js";
import { lossesOnCommon, type SearchSite } from "./scoring.js";

/**
 * The first `count` candidates by their new scores (and what their parameters cost: `price`), the others after them as they were. Null where there are not two to
 * decide between, or the controller trains what it scores. Throws what scoring throws.
 */
export async function rescore(
  site: SearchSite,
  controller: string,
  ranked: readonly RankedArchitecture[],
  count: number,
  network: StoredState,
  price: number,
): Promise<{ readonly ranked: readonly RankedArchitecture[]; readonly record: Rescoring } | null> {
  const first = ranked.slice(0, count);
  if (first.length < 2 || ignores(controller, "rescore")) return null;
  const { examples } = site.reward;
  const choices = first.map((each) => each.choices);
  const scores = await lossesOnCommon(site, choices, examples, network, "once more", "returned");
  const scored = first.map((each, at) => ({ ...each, loss: Number.isFinite(scores[at]) ? scores[at]! : null }));
  const total = ({ loss, parameters }: RankedArchitecture) =>
    loss === null ? Number.POSITIVE_INFINITY : loss + price * parameters;
  // Stable: of equal ones that which the search preferred.
  const order = [...scored.keys()].sort((a, b) => {
    const [one, other] = [total(scored[a]!), total(scored[b]!)];
    return one === other ? a - b : one - other;
  });
  return {
    ranked: [...order.map((at) => scored[at]!), ...ranked.slice(count)],
    record: {
      examples: examples.length,
      candidates: first.map(({ origin, loss }, at) => ({ origin, before: loss, after: scored[at]!.loss })),
    },
  };
}
