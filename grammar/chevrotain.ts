/**
 * Chevrotain, from the single file that its package ships beside the several hundred modules of its entry: one file is read in 10 ms, those
 * take a quarter of a second, which every command would wait for. All values of Chevrotain that are used come from here.
 */

/** What is loaded: the package's own bundle, or, in a release that has none, its entry. */
export const BUNDLE = new URL("../chevrotain.mjs", import.meta.resolve("chevrotain")).href;

export const { createToken, EmbeddedActionsParser, Lexer, tokenMatcher } = await load();

async function load(): Promise<typeof import("chevrotain")> {
  try {
    return (await import(BUNDLE)) as typeof import("chevrotain");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    return await import("chevrotain");
  }
}
