/**
 * How PEFT's configuration names modules: by regular expressions over module paths (peft 0.21, `tuners_utils.py` and
 * `utils/other.py`).
 */
import { UserError } from "../formats/errors.js";

/**
 * A pattern for one module that holds for its path in transformers 4.52 and later (`model.language_model.layers...`)
 * and before (`language_model.model.layers...`). No leading `model.`, dots escaped, an optional `.model` after
 * `language_model`.
 */
export function modulePattern(path: string): string {
  return path
    .replace(/^model\./, "")
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replace(/^language_model\\\./, "language_model(\\.model)?\\.");
}

/** One expression for `target_modules` that holds for exactly the modules of these patterns. */
export function targetExpression(patterns: readonly string[]): string {
  return `(?:.*\\.)?(?:${patterns.join("|")})`;
}

/** Whether `rank_pattern`'s or `alpha_pattern`'s key holds for a module: `re.match(rf"(.*\.)?({key})$", path)`. */
export function keyMatches(key: string, path: string): boolean {
  return expression(`^(?:.*\\.)?(?:${key})$`, key).test(path);
}

/** The value for a module: that of the first key, in the order of the file, that holds for one of its paths. */
export function firstMatch(
  patterns: Readonly<Record<string, number>>,
  paths: readonly string[],
  otherwise: number,
): number {
  const found = Object.entries(patterns).find(([key]) => paths.some((path) => keyMatches(key, path)));
  return found?.[1] ?? otherwise;
}

/**
 * Whether `target_modules` names a module: a string must match in full, a list holds exact paths or what they end with.
 */
export function isTarget(targets: string | readonly string[], path: string): boolean {
  if (typeof targets === "string") return expression(`^(?:${targets})$`, targets).test(path);
  return targets.some((target) => path === target || path.endsWith(`.${target}`));
}

const compiled = new Map<string, RegExp>();

/** Python's expressions of this kind are JavaScript's too; what is not is refused, never guessed. */
function expression(source: string, written: string): RegExp {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  try {
    const made = new RegExp(source);
    compiled.set(source, made);
    return made;
  } catch (error) {
    throw new UserError("not a regular expression that lnas understands", {
      place: written,
      remedy: "Write the pattern without Python-only syntax, such as named groups or flags.",
      cause: error,
    });
  }
}

/**
 * The names a module may have in adapters: its path, and its path before transformers 4.52, under which older adapters
 * were saved.
 */
export function knownPaths(path: string): readonly string[] {
  if (path === "lm_head") return [path, "language_model.lm_head"];
  const inner = path.replace(/^model\./, "");
  if (inner === path) return [path];
  return [path, inner.replace(/^language_model\./, "language_model.model.")];
}
