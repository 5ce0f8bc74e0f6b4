/** "Did you mean": the nearest of some names, if one is near. */

/** Edit distance, two neighbours that changed places counting as one edit (optimal string alignment); anything above `limit` counts as `limit + 1`. */
function distance(a: string, b: string, limit: number): number {
  if (a === b) return 0;
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: readonly number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(
        Math.min(row[j]! + 1, next[j - 1]! + 1, replaced, isSwap ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY),
      );
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}

/** A name that is near a word; `isOnly` when no other is as near. */
export interface Near {
  readonly name: string;
  readonly isOnly: boolean;
}

/** The nearest name by case, then by edits (at most a third of the word); undefined when none is near. Ties go to the first in order of the alphabet. */
export function closest(word: string, names: readonly string[]): Near | undefined {
  const letters = word.toLowerCase();
  const limit = word.length > 100 ? 0 : Math.max(1, Math.floor(word.length / 3));
  let best: { readonly name: string; readonly edits: number; readonly isOnly: boolean } | undefined;
  for (const name of new Set(names)) {
    const other = name.toLowerCase();
    const within = best?.edits ?? limit;
    const edits = distance(letters, other, within);
    if (edits > within) continue;
    if (best === undefined || edits < best.edits) best = { name, edits, isOnly: true };
    else best = { name: [name, best.name].sort()[0]!, edits, isOnly: false };
  }
  return best;
}

/** The name of `closest`. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  return closest(word, names)?.name;
}

/** A sentence that points at the nearest name, or lists what there is. */
export function suggestion(
  word: string,
  names: readonly string[],
  nothing = "There is nothing to choose from.",
): string {
  const found = nearest(word, names);
  if (found !== undefined) return `Did you mean \`${found}\`?`;
  if (names.length === 0) return nothing;
  return names.length > 12 ? `Known are ${names.slice(0, 12).join(", ")}, …` : `Known are ${names.join(", ")}.`;
}
