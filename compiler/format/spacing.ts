/** What stands between two words on one line. */
import type { IToken } from "chevrotain";

/** Written right behind their number: `6h`, `5%`. Sizes keep a space: `4 GiB`. */
const CLOSE_UNITS = new Set(["ms", "s", "min", "h", "d", "k", "M", "G"]);
const NO_SPACE_BEFORE = new Set([",", ")", "]", "%", ":", "(", ".."]);
const NO_SPACE_AFTER = new Set(["(", "[", "..", "-"]);

/** The space between two neighbouring tokens; `isPattern` when both are of one module pattern. */
export function gap(before: IToken, after: IToken, isPattern: boolean): string {
  if (isPattern) return before.image === "," ? " " : "";
  if (NO_SPACE_BEFORE.has(after.image) || NO_SPACE_AFTER.has(before.image)) return "";
  if (before.tokenType.name === "Number" && CLOSE_UNITS.has(after.image)) return "";
  return " ";
}
