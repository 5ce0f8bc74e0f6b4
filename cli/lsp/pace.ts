/** How often work may be done that takes long: so that at most half of the time goes into it. */

/** Shorter work is done at once, however often. */
const QUICK_MS = 200;

/** Measures a kind of work, and says when it may be done again. */
export class Pace {
  #tookMs = 0;
  #doneAt = 0;

  /** `now`: milliseconds of a clock that only goes forward. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** How long to wait before the work is done again; 0: not at all. */
  get waitMs(): number {
    return this.#tookMs <= QUICK_MS ? 0 : Math.max(0, this.#doneAt + this.#tookMs - this.now());
  }

  /** Does the work. */
  run(work: () => void): void {
    const start = this.now();
    try {
      work();
    } finally {
      this.#doneAt = this.now();
      this.#tookMs = this.#doneAt - start;
    }
  }
}
