/** What a controller was told about architectures, whatever its method: what scored as a whole, and what had no score. */
import { UserError } from "../../formats/errors.js";
import type { FrontPoint, Round, SkippedArchitecture } from "../controller.js";
import { paretoFront } from "../pareto.js";
import { type ChoiceVector, choicesKey, parametersOf, type SearchSpace } from "../rank-space.js";

/** Skipped architectures that are kept by name. */
const NAMED = 20;

/** The losses of all rounds of one search. */
export class Told {
  /** Scored on the same examples by the same super-network, as the newest crossed round was. */
  readonly #scored = new Map<string, { readonly choices: ChoiceVector; readonly loss: number }>();
  readonly #skipped = new Map<string, { readonly choices: ChoiceVector; losses: number }>();
  #examples = 0;
  #skippedLosses = 0;
  /** Whether what was scored is by the super-network, not by trainings. */
  #isCrossed = false;
  #cached = 0;
  readonly #stopped = { architectures: 0, pairs: 0 };

  constructor(private readonly space: SearchSpace) {}

  /** Takes in a round's losses; those of architectures scored on fewer examples than the round has (`seen`) are estimates. Throws a `UserError` when none of them is finite. */
  add(round: Round, losses: readonly number[], seen?: ArrayLike<number>): void {
    const { architectures, design, examples, superNetworkSteps } = round;
    if (architectures.length > 0 && !losses.some(Number.isFinite))
      throw new UserError(
        `the ${design === "trained" ? "" : "super-network's "}loss on the reward split is not a number for any of the ${architectures.length} architectures of the round`,
        {
          place: `search round ${round.index + 1}`,
          remedy: `Lower the learning rate of ${design === "trained" ? "their trainings" : "the super-network"}.`,
        },
      );
    // Losses on other examples, or of other weights, as those after more steps are, are not on one scale.
    const isWhole = design !== "nested";
    this.#cached += this.#knownOrRepeated(round);
    if (isWhole && (design === "trained" || examples !== this.#examples || superNetworkSteps > 0)) {
      this.#scored.clear();
      this.#examples = examples;
      this.#isCrossed = design === "crossed";
    }
    architectures.forEach((choices, at) => {
      const loss = losses[at]!;
      if (!Number.isFinite(loss)) this.#skip(choices);
      else if (seen !== undefined && seen[at]! < examples) {
        this.#stopped.architectures++;
        this.#stopped.pairs += examples - seen[at]!;
      } else if (isWhole) this.#scored.set(choicesKey(this.space, choices), { choices, loss });
    });
  }

  #skip(choices: ChoiceVector): void {
    const key = choicesKey(this.space, choices);
    this.#skippedLosses++;
    const named = this.#skipped.get(key);
    if (named !== undefined) named.losses++;
    else if (this.#skipped.size < NAMED) this.#skipped.set(key, { choices, losses: 1 });
  }

  /**
   * What is known of each architecture of a round already: its loss on the same examples by the same super-network. Undefined where it has to be
   * scored.
   */
  known({ architectures, design, examples, superNetworkSteps }: Round): readonly (number | undefined)[] {
    const isSame = design === "crossed" && this.#isCrossed && examples === this.#examples && superNetworkSteps === 0;
    return architectures.map((choices) =>
      isSame ? this.#scored.get(choicesKey(this.space, choices))?.loss : undefined,
    );
  }

  /** Architectures of crossed rounds that were known, or stood in their round before. */
  cached(): number {
    return this.#cached;
  }

  /** Architectures scored on a part of their round's examples, and the pairs saved. */
  stopped(): { readonly architectures: number; readonly pairs: number } {
    return { ...this.#stopped };
  }

  #knownOrRepeated(round: Round): number {
    if (round.design !== "crossed") return 0;
    const known = this.known(round);
    const seen = new Set<string>();
    return round.architectures.filter((choices, at) => {
      const key = choicesKey(this.space, choices);
      return known[at] !== undefined || seen.size === seen.add(key).size;
    }).length;
  }

  /** The Pareto front of what was scored as a whole within the budget. */
  front(maxParameters: number): FrontPoint[] {
    const points = [...this.#scored.values()]
      .map(({ choices, loss }) => ({ choices, loss, cost: parametersOf(this.space, choices) }))
      .filter(({ cost }) => cost <= maxParameters);
    return paretoFront(points).map(({ choices, cost, loss }) => ({ choices, parameters: cost, loss }));
  }

  /** Losses that were not finite, and the first 20 architectures they belong to. */
  skipped(): { readonly losses: number; readonly architectures: readonly SkippedArchitecture[] } {
    return { losses: this.#skippedLosses, architectures: [...this.#skipped.values()].map((each) => ({ ...each })) };
  }
}

/**
 * The round as a strategy should see it. Crossed: without the architectures that had no finite loss. Nested: pairs belong to examples by their
 * place, so all are left in, with NaN for a loss.
 */
export function withoutSkipped(round: Round, losses: readonly number[]): { round: Round; losses: readonly number[] } {
  if (losses.every(Number.isFinite)) return { round, losses };
  const isUsable = (_: unknown, at: number) => Number.isFinite(losses[at]);
  if (round.design === "nested")
    return { round, losses: losses.map((loss) => (Number.isFinite(loss) ? loss : Number.NaN)) };
  return {
    round: { ...round, architectures: round.architectures.filter(isUsable) },
    losses: losses.filter(isUsable),
  };
}
