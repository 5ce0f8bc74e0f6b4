/** Name of the lock at a project's root; apart from its format, which loads a validator. */
export const LOCK_FILE = "lnas.lock";
