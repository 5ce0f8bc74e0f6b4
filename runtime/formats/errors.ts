/** Errors that a user can cause and can mend. Everything else that is thrown is a bug of lnas. */

/** What went wrong, where, and what to do about it. Commands print these three and no stack trace. */
export class UserError extends Error {
  override readonly name: string = "UserError";
  /** One sentence: what the user can do. */
  readonly remedy: string;
  /** File, line or name of what is at fault. */
  readonly place: string | undefined;

  constructor(
    message: string,
    options: { readonly remedy: string; readonly place?: string; readonly cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.remedy = options.remedy;
    this.place = options.place;
  }
}
