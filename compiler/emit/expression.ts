/** The few expressions a generated program is made of, and how they are laid out: on one line where they fit, else one item a line. */
import { commentLines, numberLiteral, propertyName, stringLiteral } from "./text.js";
import type { CodeBlockWriter } from "./ts-morph.js";

/** Columns of a generated program. */
export const WIDTH = 120;

export type Expression =
  /** Text that is safe as it stands: a literal, or a name of ours. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "array"; readonly items: readonly Expression[] }
  | { readonly kind: "object"; readonly fields: readonly Field[] }
  | { readonly kind: "call"; readonly callee: string; readonly items: readonly Expression[] };

export interface Field {
  /** Absent: `...value`. */
  readonly name?: string;
  readonly value: Expression;
  /** `name` alone: the value is the variable of that name. */
  readonly isShorthand?: true;
  /** One sentence for the reader; it goes beside the field, or above where it does not fit. */
  readonly note?: string | undefined;
}

export const identifier = (name: string): Expression => ({ kind: "text", text: name });
export const array = (items: readonly Expression[]): Expression => ({ kind: "array", items });
export const object = (fields: readonly Field[]): Expression => ({ kind: "object", fields });
export const call = (callee: string, items: readonly Expression[] = []): Expression => ({
  kind: "call",
  callee,
  items,
});
export const field = (name: string, value: Expression, note?: string): Field => ({ name, value, note });
export const spread = (name: string): Field => ({ value: identifier(name) });
/** `name` alone, when the variable has the field's name. */
export const shorthand = (name: string): Field => ({ name, value: identifier(name), isShorthand: true });

/** A literal of plain data. Members keep their order; absent ones are left out. */
export function literal(value: unknown): Expression {
  if (typeof value === "string") return identifier(stringLiteral(value));
  if (typeof value === "number") return identifier(numberLiteral(value));
  if (typeof value === "boolean" || value === null) return identifier(String(value));
  if (Array.isArray(value)) return array(value.map(literal));
  if (typeof value === "object")
    return object(
      Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => field(name, literal(member))),
    );
  throw new RangeError(`a ${typeof value} has no place in a program`);
}

/** An object of those members that are there, in this order whatever the value's own. */
export function given<T extends object>(value: T, names: readonly (keyof T & string)[]): Expression {
  return object(names.filter((name) => value[name] !== undefined).map((name) => field(name, literal(value[name]))));
}

/** The expression on one line; undefined when it holds notes. */
function flat(expression: Expression): string | undefined {
  switch (expression.kind) {
    case "text":
      return expression.text;
    case "array":
      return join("[", expression.items.map(flat), "]");
    case "call":
      return join(`${expression.callee}(`, expression.items.map(flat), ")");
    case "object":
      return expression.fields.length === 0 ? "{}" : join("{ ", expression.fields.map(flatField), " }");
  }
}

const join = (open: string, parts: readonly (string | undefined)[], close: string) =>
  parts.includes(undefined) ? undefined : `${open}${parts.join(", ")}${close}`;

function flatField(field: Field): string | undefined {
  const text = flat(field.value);
  if (field.note !== undefined || text === undefined) return undefined;
  return `${fieldHead(field)}${field.isShorthand ? "" : text}`;
}

/** What stands before the value: `name: `, `...`, or the whole of a shorthand. */
function fieldHead({ name, isShorthand }: Field): string {
  if (name === undefined) return "...";
  return isShorthand ? name : `${propertyName(name)}: `;
}

/**
 * Writes an expression at the writer's place, which is `column` characters into its line; `tail` characters will follow.
 * `broken` puts each item on a line of its own even where all would fit in one.
 */
export function writeExpression(
  writer: CodeBlockWriter,
  expression: Expression,
  { column, tail = 1, broken = false }: { column: number; tail?: number; broken?: boolean },
): void {
  const line = broken ? undefined : flat(expression);
  if (expression.kind === "text") writer.write(expression.text);
  else if (line !== undefined && column + line.length + tail <= WIDTH) writer.write(line);
  else if (expression.kind === "call") writeCall(writer, expression.callee, expression.items, column);
  else if (expression.kind === "object")
    writeItems(writer, "{", "}", () => {
      for (const item of expression.fields) writeField(writer, item);
    });
  else
    writeItems(writer, "[", "]", () => {
      for (const item of expression.items) writeItem(writer, item);
    });
}

/** The last argument of a call may be broken in place: `f(a, { ... })`. */
function writeCall(writer: CodeBlockWriter, callee: string, items: readonly Expression[], column: number): void {
  const last = items.at(-1);
  const first = items.slice(0, -1).map(flat);
  const head = `${callee}(${first.map((text) => `${text}, `).join("")}`;
  if (last !== undefined && last.kind !== "text" && !first.includes(undefined) && column + head.length < WIDTH) {
    writer.write(head);
    writeExpression(writer, last, { column: column + head.length, broken: true });
    writer.write(")");
  } else
    writeItems(writer, `${callee}(`, ")", () => {
      for (const item of items) writeItem(writer, item);
    });
}

function writeItems(writer: CodeBlockWriter, open: string, close: string, body: () => void): void {
  writer.write(open).newLine();
  writer.indent(body);
  writer.write(close);
}

function writeItem(writer: CodeBlockWriter, item: Expression): void {
  writeExpression(writer, item, { column: indentation(writer) });
  writer.write(",").newLine();
}

function writeField(writer: CodeBlockWriter, field: Field): void {
  const { value, note, isShorthand } = field;
  const column = indentation(writer);
  const head = fieldHead(field);
  const line = `${head}${isShorthand ? "" : (flat(value) ?? "")},`;
  const beside = note !== undefined && flat(value) !== undefined && column + line.length + 4 + note.length <= WIDTH;
  if (note !== undefined && !beside)
    for (const text of commentLines(note, WIDTH - column - 3)) writer.write(`// ${text}`).newLine();
  writer.write(head);
  if (!isShorthand) writeExpression(writer, value, { column: column + head.length });
  writer.write(",");
  if (beside) writer.write(` // ${note}`);
  writer.newLine();
}

const indentation = (writer: CodeBlockWriter) => writer.getIndentationLevel() * 2;
