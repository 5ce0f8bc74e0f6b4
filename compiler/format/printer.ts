/** Lays out the entries of a spec. Every token and every comment is taken once, in the order of the text. */
import type { IToken } from "chevrotain";
import { type Comment, DECLARATION_KEYWORDS, ITEM_KEYWORDS, type Span } from "../../grammar/index.js";
import { lowerBound } from "../lower-bound.js";
import type { Entry } from "./layout.js";
import { gap } from "./spacing.js";

const WIDTH = 120;
const INDENT = "  ";
/** Words that, at the beginning of a line, begin another part of the spec. */
const HEADS: ReadonlySet<string> = new Set([...DECLARATION_KEYWORDS, ...ITEM_KEYWORDS]);

/** An entry as printed: columns that may be aligned with its neighbours', or lines that stand as they are. */
type Printed =
  | { readonly columns: readonly string[]; readonly lines?: undefined }
  | { readonly lines: readonly string[]; readonly columns?: undefined };

/** A line to come: the printed entry with its comments and the empty line before it. */
interface Row {
  readonly isApart: boolean;
  /** Comments on lines of their own. */
  readonly comments: readonly string[];
  readonly printed: Printed | null;
  readonly alignment: string | null;
  /** At the end of the entry's last line. */
  readonly trailing: string;
}

/** Prints one text. */
export class Printer {
  constructor(
    private readonly text: string,
    private readonly tokens: readonly IToken[],
    private readonly comments: readonly Comment[],
    private readonly patterns: readonly Span[],
  ) {}

  /** The whole file, ended by a line feed. */
  file(entries: readonly Entry[]): string {
    const lines = this.rows(entries, { start: 0, end: this.text.length }, 0, "file");
    return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
  }

  /** Entries of one level, with the comments between them. */
  private rows(entries: readonly Entry[], level: Span, depth: number, kind: "file" | "airy" | "dense"): string[] {
    const rows: Row[] = [];
    let at = level.start;
    const pending: string[] = [];
    let isApart = false;
    const take = (until: number) => {
      for (const comment of this.commentsIn({ start: at, end: until })) {
        const before = this.text.slice(at, comment.span.start);
        const isTrailing = !before.includes("\n") && rows.length > 0 && pending.length === 0 && at !== level.start;
        if (isTrailing) {
          const last = rows.pop()!;
          rows.push({
            ...last,
            trailing: last.trailing === "" ? written(comment) : `${last.trailing} ${written(comment)}`,
          });
        } else {
          const hasSpace = rows.length + pending.length > 0 && countLines(before) > 1;
          if (pending.length === 0) isApart = hasSpace;
          else if (hasSpace) pending.push("");
          pending.push(written(comment));
        }
        at = comment.span.end;
      }
      const rest = this.text.slice(at, until);
      if (pending.length === 0) isApart = rows.length > 0 && countLines(rest) > 1;
      else if (countLines(rest) > 1) pending.push("");
    };
    for (const [index, entry] of entries.entries()) {
      take(entry.span.start);
      const printed = entry.keepsComma ? withComma(this.entry(entry, depth)) : this.entry(entry, depth);
      const before = entries[index - 1];
      rows.push({
        isApart: isApart || (before !== undefined && standsApart(kind, before, entry, rows.at(-1)?.printed, printed)),
        comments: pending.splice(0),
        printed,
        alignment: entry.alignment,
        trailing: "",
      });
      at = entry.span.end;
    }
    take(level.end);
    while (pending.at(-1) === "") pending.pop();
    if (pending.length > 0) rows.push({ isApart, comments: pending, printed: null, alignment: null, trailing: "" });
    return joinRows(rows, depth);
  }

  private entry(entry: Entry, depth: number): Printed {
    const { block, span } = entry;
    const indent = INDENT.length * depth;
    if (block === null) {
      if (this.commentsIn(span).length > 0) return { lines: this.wrapped(span, depth) };
      const columns = entry.columns.map((column) => this.inline(column));
      return indent + columns.join(" ").length > WIDTH ? { lines: this.wrapped(span, depth) } : { columns };
    }
    const short = this.onOneLine(entry);
    if (short !== undefined && indent + short.join(" ").length <= WIDTH) return { columns: short };
    const opening = { start: span.start, end: block.span.start + 1 };
    const head = this.wrapped(opening, depth);
    const inner = { start: block.span.start + 1, end: block.span.end - 1 };
    const beside = this.beside(inner);
    const lines = this.rows(
      block.entries,
      { start: beside.end, end: inner.end },
      depth + 1,
      block.isAiry ? "airy" : "dense",
    );
    return {
      lines: [
        ...head.slice(0, -1),
        `${head.at(-1)}${beside.text === "" ? "" : ` ${beside.text}`}`,
        ...lines,
        `${INDENT.repeat(depth)}}`,
      ],
    };
  }

  /** Comments on the line of an opening brace. */
  private beside(inner: Span): { readonly text: string; readonly end: number } {
    const found: string[] = [];
    let end = inner.start;
    for (const comment of this.commentsIn(inner)) {
      if (this.text.slice(end, comment.span.start).trim() !== "" || /\n/.test(this.text.slice(end, comment.span.start)))
        break;
      found.push(written(comment));
      end = comment.span.end;
    }
    return { text: found.join(" "), end };
  }

  /** An entry with its block on one line, as its author wrote it; undefined where that is not to be. */
  private onOneLine({ block, columns, span }: Entry): string[] | undefined {
    if (this.commentsIn(span).length > 0) return undefined;
    const head = columns.map((column) => this.inline(column)).filter((text) => text !== "");
    if (block === null) return head;
    const isOneLine = !this.text.slice(block.span.start, block.span.end).includes("\n");
    if (!isOneLine || (block.entries.length > 1 && block.separator === null)) return undefined;
    const inner: string[] = [];
    for (const entry of block.entries) {
      const line = this.onOneLine(entry);
      if (line === undefined) return undefined;
      inner.push(line.join(" "));
    }
    const braces = inner.length === 0 ? "{ }" : `{ ${inner.join(block.separator ?? " ")} }`;
    // A value and the block behind it are one column.
    return head.length > 1 ? [...head.slice(0, -1), `${head.at(-1)} ${braces}`] : [...head, braces];
  }

  /** Tokens of a span on one line. */
  private inline(span: Span): string {
    let line = "";
    let before: IToken | undefined;
    for (const token of this.tokensIn(span)) {
      line += before === undefined ? token.image : gap(before, token, this.isOnePattern(before, token)) + token.image;
      before = token;
    }
    return line;
  }

  /** Tokens and comments of a span, broken behind commas where they are too long, and behind comments that run to the end of their line. */
  private wrapped(span: Span, depth: number): string[] {
    const parts = [
      ...this.tokensIn(span).map((token) => ({ start: token.startOffset, token, comment: undefined })),
      ...this.commentsIn(span).map((comment) => ({ start: comment.span.start, token: undefined, comment })),
    ].sort((a, b) => a.start - b.start);
    const lines: string[] = [];
    const further = INDENT.repeat(depth + 1);
    let line = INDENT.repeat(depth);
    let chunk = "";
    let before: IToken | undefined;
    let isFresh = true;
    /** Appends the chunk, on a new line if it does not fit. */
    const flush = () => {
      if (chunk === "") return;
      const space = isFresh || /^[,)\]]/.test(chunk) ? "" : " ";
      if (!isFresh && line.length + space.length + chunk.length > WIDTH) {
        lines.push(line);
        line = further + chunk;
      } else line += space + chunk;
      isFresh = false;
      chunk = "";
    };
    for (const [at, { token, comment }] of parts.entries()) {
      if (token !== undefined) {
        const space = before === undefined || chunk === "" ? "" : gap(before, token, this.isOnePattern(before, token));
        chunk += space + token.image;
        before = token;
        // A line that began with such a name would be read as another declaration.
        if (token.image === "," && !HEADS.has(parts[at + 1]?.token?.image ?? "")) flush();
        continue;
      }
      flush();
      line += isFresh ? written(comment) : ` ${written(comment)}`;
      isFresh = false;
      if (comment.text.startsWith("//")) {
        lines.push(line);
        line = further;
        isFresh = true;
      }
    }
    flush();
    if (line.trim() !== "") lines.push(line);
    return lines;
  }

  private isOnePattern(a: IToken, b: IToken): boolean {
    const at = lowerBound(this.patterns, a.startOffset + 1, ({ start }) => start) - 1;
    const span = this.patterns[at];
    return span !== undefined && a.startOffset >= span.start && b.startOffset < span.end;
  }

  private tokensIn({ start, end }: Span): readonly IToken[] {
    const at = (offset: number) => lowerBound(this.tokens, offset, (token) => token.startOffset);
    return this.tokens.slice(at(start), at(end));
  }

  private commentsIn({ start, end }: Span): readonly Comment[] {
    const at = (offset: number) => lowerBound(this.comments, offset, ({ span }) => span.start);
    return this.comments.slice(at(start), at(end));
  }
}

const countLines = (text: string): number => text.split("\n").length - 1;

/** A comment without what no one sees. */
const written = ({ text }: Comment): string =>
  text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");

/** An entry with a comma at its end. */
function withComma({ columns, lines }: Printed): Printed {
  const append = (texts: readonly string[]) => texts.map((text, at) => (at === texts.length - 1 ? `${text},` : text));
  return columns === undefined ? { lines: append(lines) } : { columns: append(columns) };
}

const isLong = (printed: Printed | null | undefined): boolean => (printed?.lines?.length ?? 1) > 1;

/** Whether an empty line parts two entries whatever the author did. */
function standsApart(
  kind: "file" | "airy" | "dense",
  before: Entry,
  entry: Entry,
  printedBefore: Printed | null | undefined,
  printed: Printed,
): boolean {
  if (kind === "dense") return false;
  if (isLong(printedBefore) || isLong(printed)) return true;
  return kind === "file" && (before.alignment !== entry.alignment || before.alignment === null);
}

function joinRows(rows: readonly Row[], depth: number): string[] {
  const indent = INDENT.repeat(depth);
  const lines: string[] = [];
  for (let from = 0; from < rows.length; ) {
    let to = from + 1;
    while (to < rows.length && belongsTo(rows[to - 1]!, rows[to]!)) to++;
    const group = rows.slice(from, to);
    const texts = aligned(group.map(({ printed }) => printed?.columns ?? []));
    const commented = texts.filter((_, at) => group[at]!.trailing !== "");
    const column = Math.max(0, ...commented.map((text) => text.length));
    for (const [at, { isApart, comments, printed, trailing }] of group.entries()) {
      if (isApart && lines.length > 0) lines.push("");
      for (const comment of comments) lines.push(comment === "" ? "" : indent + comment);
      if (printed === null) continue;
      const own = printed.lines ?? [indent + texts[at]!];
      const padded = printed.lines === undefined ? indent + texts[at]!.padEnd(column) : own.at(-1)!;
      lines.push(...own.slice(0, -1), trailing === "" ? own.at(-1)! : `${padded}  ${trailing}`);
    }
    from = to;
  }
  return lines;
}

/** Whether a row is aligned with the one before. */
function belongsTo(before: Row, row: Row): boolean {
  const isPlain = !row.isApart && row.comments.length === 0;
  return (
    isPlain &&
    row.printed?.columns !== undefined &&
    before.printed?.columns !== undefined &&
    row.alignment !== null &&
    row.alignment === before.alignment
  );
}

/** Rows of columns as lines; a row's last column is not padded. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const columns of rows)
    for (const [at, column] of columns.slice(0, -1).entries()) widths[at] = Math.max(widths[at] ?? 0, column.length);
  return rows.map((columns) =>
    columns
      .map((column, at) =>
        at === columns.length - 1 ? column : column.padEnd(widths[at]!) + (at === 0 ? " " : INDENT),
      )
      .join(""),
  );
}
