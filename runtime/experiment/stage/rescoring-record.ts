/** What is recorded of scoring the best candidates once more. Apart from the scoring, so that a report's types need nothing of a run. */

/** What scoring again came to, as it is recorded. */
export interface Rescoring {
  /** Reward examples that each was scored on. */
  readonly examples: number;
  /** In the order of the search, with what it was told of each and what each scored now; null where it was not scored, or scored no number. */
  readonly candidates: readonly {
    readonly origin: string;
    readonly before: number | null;
    readonly after: number | null;
  }[];
}
