/** Delta debugging (Zeller and Hildebrandt 2002): the parts of a text without which it no longer fails. */

/** Removes ever smaller runs of parts as long as the rest still fails. */
function fewest(parts: readonly string[], fails: (text: string) => boolean): readonly string[] {
  let kept = parts;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let at = 0; at < kept.length; ) {
      const rest = kept.toSpliced(at, size);
      if (fails(rest.join(""))) kept = rest;
      else at += size;
    }
  return kept;
}

/** The shortest text found that still fails: lines are removed first, then words, then characters. */
export function shrink(text: string, fails: (text: string) => boolean): string {
  const lines = fewest(text.split(/(?<=\n)/), fails).join("");
  const words = fewest(lines.split(/(?<=\s)|(?=\s)|(?=[{}[\](),.])|(?<=[{}[\](),.])/), fails).join("");
  return fewest([...words], fails).join("");
}
