/** Text of a spec made safe for a TypeScript file: whatever a name contains, it stays data. */

/** Characters that cannot be seen, or that reorder what is seen around them: controls, format characters, line and paragraph separators. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A string literal with the same value; invisible characters are written as escapes. */
export function stringLiteral(value: string): string {
  // JSON escapes quotes, backslashes, C0 controls and lone surrogates.
  return JSON.stringify(value).replace(INVISIBLE, (character) =>
    [...Array(character.length).keys()].map((unit) => unicodeEscape(character.charCodeAt(unit))).join(""),
  );
}

const unicodeEscape = (codeUnit: number) => `\\u${codeUnit.toString(16).padStart(4, "0")}`;

/** A number literal with the same value; digits of large whole numbers are grouped. Throws a `RangeError` for what is not finite. */
export function numberLiteral(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no place in a spec`);
  const text = String(value);
  return /^-?\d{5,}$/.test(text) ? text.replace(/\B(?=(\d{3})+$)/g, "_") : text;
}

/** A property name, quoted unless it is an identifier. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== "__proto__" ? name : computedSafe(name);
}

/** `{ "__proto__": x }` would set the prototype; a computed name never does. */
const computedSafe = (name: string) => (name === "__proto__" ? `["__proto__"]` : stringLiteral(name));

/** Text for a `//` comment, one entry a line: line breaks divide, other invisible characters are written as escapes. */
export function commentLines(text: string, width: number): string[] {
  return text
    .split(/\r\n|[\n\r\u2028\u2029\u0085]/)
    .map((line) => line.replaceAll("\t", " ").replace(INVISIBLE, visible))
    .flatMap((line) => wrap(line, width));
}

const visible = (character: string) => `\\u{${character.codePointAt(0)!.toString(16)}}`;

/** Breaks at spaces; a word longer than the width stays whole. */
function wrap(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    if (current !== "" && current.length + 1 + word.length > width) {
      lines.push(current.trimEnd());
      current = word;
    } else current = current === "" ? word : `${current} ${word}`;
  }
  return [...lines, current.trimEnd()];
}
