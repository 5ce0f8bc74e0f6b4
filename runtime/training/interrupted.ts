/** The user (or a time budget) asked to stop. Not a failure: state is saved, and the same command goes on. */
export class Interrupted extends Error {
  override readonly name: string = "Interrupted";
  /** What was being done. */
  readonly during: string;

  constructor(during: string) {
    super(`stopped during ${during}; progress is saved`);
    this.during = during;
  }
}
