/** What a spec says in its own words. It has no meaning of its own, so it is not hashed; plans and messages quote it. */

/** A target of the spec. */
export interface WrittenTarget {
  /** The modules as the spec names them: patterns in canonical spelling. */
  readonly text: string;
  /** Ascending, unique. */
  readonly ranks: readonly number[];
  /** Paths of the modules matched, in the order of the forward pass. */
  readonly modules: readonly string[];
  /** Groups of module paths that share one rank; only groups of two and more. */
  readonly ties: readonly (readonly string[])[];
}

/** The wording of an experiment. */
export interface Written {
  /** In the order of the text. */
  readonly targets: readonly WrittenTarget[];
  /** The limit on parameters: `0.4% of vlm`, `12768`, `uniform rank 1`. */
  readonly limit: string;
}
