/** Brackets that are open at a cursor, and the settings read within them. */
import { type Piece, UNITS } from "../../grammar/index.js";

/** What stands within an open bracket, brackets that are closed again each as one piece: `{}`. */
export interface Frame {
  /** Empty for the outermost. */
  readonly bracket: string;
  readonly content: Piece[];
}

const CLOSED: Readonly<Record<string, string>> = { "{": "{}", "[": "[]", "(": "()" };

/** The open brackets, the outermost first. A closing one without a partner is passed over. */
export function framesOf(pieces: readonly Piece[]): readonly [Frame, ...Frame[]] {
  const root: Frame = { bracket: "", content: [] };
  const open: { readonly frame: Frame; readonly start: number }[] = [];
  for (const piece of pieces) {
    const last = open.at(-1);
    const around = last?.frame ?? root;
    if (Object.hasOwn(CLOSED, piece.text) && piece.kind === "mark")
      open.push({ frame: { bracket: piece.text, content: [] }, start: piece.span.start });
    else if (last !== undefined && CLOSED[last.frame.bracket] === last.frame.bracket + piece.text) {
      open.pop();
      const span = { start: last.start, end: piece.span.end };
      (open.at(-1)?.frame ?? root).content.push({ kind: "mark", text: CLOSED[last.frame.bracket]!, span });
    } else around.content.push(piece);
  }
  return [root, ...open.map(({ frame }) => frame)];
}

/** An option by name, and the name that is its value. */
export interface Setting {
  readonly name: string;
  readonly value: string | undefined;
}
export interface Settings {
  readonly all: readonly Setting[];
  /** Whether the last one is a name alone, so that its value comes next. */
  readonly isOpen: boolean;
}

/** The options in a block: a name, perhaps a value, perhaps a block, perhaps a comma. */
export function settingsOf(content: readonly Piece[]): Settings {
  const all: Setting[] = [];
  let isOpen = false;
  for (let at = 0; at < content.length; ) {
    const piece = content[at++]!;
    if (piece.kind !== "name") continue;
    if (content[at]?.text === "=" || content[at]?.text === ":") at++;
    const end = valueEnd(content, at);
    isOpen = end === content.length && (end === at || content[end - 1]!.text === "..");
    all.push({ name: piece.text, value: content[at]?.kind === "name" ? content[at]!.text : undefined });
    at = content[end]?.text === "{}" ? end + 1 : end;
  }
  return { all, isOpen };
}

/** Where a value that begins at an index ends; the index itself where none does. */
function valueEnd(content: readonly Piece[], from: number): number {
  let at = from;
  if (content[at]?.text === "-") at++;
  const first = content[at];
  if (first === undefined) return at;
  if (first.kind === "number") {
    at++;
    if (content[at] !== undefined && (content[at]!.text === "%" || UNITS.has(content[at]!.text))) at++;
  } else if (first.kind === "name") at += content[at + 1]?.text === "()" ? 2 : 1;
  else if (first.kind === "text" || first.text === "[]") at++;
  else return from;
  return content[at]?.text === ".." ? valueEnd(content, at + 1) : at;
}
