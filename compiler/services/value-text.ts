/** Values and other pieces of a spec as short texts. */
import type { Value } from "../../grammar/index.js";

/** The text of a value, constants in it already replaced. */
export function valueText(value: Value): string {
  switch (value.kind) {
    case "number": {
      const unit = value.unit?.text ?? "";
      return `${value.value}${/^[A-Z]/.test(unit) ? " " : ""}${unit}`;
    }
    case "string":
      return JSON.stringify(value.value);
    case "name":
      return value.name;
    case "list":
      return `[${value.items.map(valueText).join(", ")}]`;
    case "range":
      return `${valueText(value.from)}..${valueText(value.to)}`;
    case "call": {
      const given = value.arguments.map(({ label, value: argument }) =>
        label === null ? valueText(argument) : `${label.text}: ${valueText(argument)}`,
      );
      return `${value.name.text}(${given.join(", ")})`;
    }
  }
}

/** Longer than this a text is cut. */
const LONGEST = 60;

/** A text on one line, not too long to read. */
export function brief(text: string): string {
  const line = text
    .slice(0, 4 * LONGEST)
    .replace(/\s+/g, " ")
    .trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
