/** Tables for terminals. */
import { stripVTControlCharacters } from "node:util";

/**
 * One line a row; columns are as wide as their widest cell (colour does not count) and two spaces apart. Columns that are empty
 * throughout are left out.
 */
export function columns(rows: readonly (readonly string[])[], align: readonly ("left" | "right")[] = []): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) => Math.max(...rows.map((row) => width(row[column] ?? ""))));
  const shown = [...widths.keys()].filter((column) => widths[column] !== 0);
  return rows.map((row) =>
    shown
      .map((column) => {
        const cell = row[column] ?? "";
        const padding = " ".repeat((widths[column] ?? 0) - width(cell));
        return align[column] === "right" ? padding + cell : cell + padding;
      })
      .join("  ")
      .trimEnd(),
  );
}

const width = (cell: string) => stripVTControlCharacters(cell).length;
