/** The ranks found, drawn on the model: a cell for each module, darker for higher ranks. */
import type { Architecture } from "../../../search/types.js";
import { LEVELS, PALETTE } from "../palette.js";
import { type RankGrid, rankGrids } from "../rank-grids.js";
import { type Drawing, element, picture, text } from "./svg.js";

const CELL = 24;
const GAP = 2;
/** Width of a letter of a label, for room. */
const LETTER = 6.6;
const HEAD = 18;

/** The level of shading of a rank, 0 for none, on a logarithmic scale up to the largest rank. */
export function levelOf(rank: number, largest: number): number {
  if (rank === 0 || largest === 0) return 0;
  return Math.max(1, Math.round((LEVELS - 1) * (Math.log2(1 + rank) / Math.log2(1 + largest))));
}

/** One block. `largest`: the largest rank of all blocks. */
export function ranksChart({ rows, layers, rank }: RankGrid, largest: number): Drawing {
  const labels = Math.ceil(Math.max(...rows.map((row) => row.length)) * LETTER) + 8;
  const digits = Math.max(CELL, String(largest).length * 7.5 + 8);
  const x = (column: number) => labels + column * digits;
  const heads = layers.map((layer, column) =>
    layer === null
      ? ""
      : text(x(column) + (digits - GAP) / 2, 12, String(layer), { class: "tick", "text-anchor": "middle" }),
  );
  const cells = rows.flatMap((row, at) => {
    const y = HEAD + at * CELL;
    const label = text(labels - 8, y + CELL / 2 + 3, row, { class: "label", "text-anchor": "end" });
    return [label, ...layers.map((layer, column) => cell(x(column), y, digits, rank(row, layer), largest))];
  });
  return {
    width: labels + layers.length * digits,
    height: HEAD + rows.length * CELL,
    body: [...heads, ...cells].join(""),
  };
}

function cell(x: number, y: number, width: number, rank: number | null, largest: number): string {
  if (rank === null) return "";
  const [across, side] = [width - GAP, CELL - GAP];
  return element(
    "g",
    { class: `cell level-${levelOf(rank, largest)}` },
    element("rect", { x, y, width: across, height: side, rx: 3 }),
    text(x + across / 2, y + side / 2 + 4, String(rank), { "text-anchor": "middle" }),
  );
}

const MARGIN = 12;

/** A document of its own (ranks.svg), in light colours; `title` is shown above the blocks. */
export function rankPicture(title: string, ranks: Architecture): string {
  const largest = Math.max(0, ...Object.values(ranks));
  const parts: string[] = [text(MARGIN, MARGIN + 14, title, { class: "label strong" })];
  let top = MARGIN + 34;
  let width = title.length * LETTER * 1.1 + 2 * MARGIN;
  for (const grid of rankGrids(ranks)) {
    const drawing = ranksChart(grid, largest);
    parts.push(text(MARGIN, top + 12, grid.title, { class: "label strong" }));
    parts.push(element("g", { transform: `translate(${MARGIN} ${top + 18})` }, drawing.body));
    width = Math.max(width, drawing.width + 2 * MARGIN);
    top += drawing.height + 34;
  }
  const size = {
    width: Math.ceil(width),
    height: Math.ceil(top),
    body: [pictureStyle(), element("rect", { width: "100%", height: "100%", fill: "#fff" }), ...parts].join("\n"),
  };
  const description = `Ranks of ${Object.keys(ranks).length} modules by kind and layer.`;
  return `${picture(size, { id: "ranks", title, description }).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')}\n`;
}

function pictureStyle(): string {
  const colors = PALETTE.light;
  const levels = Array.from(
    { length: LEVELS },
    (_, level) =>
      `.level-${level} rect{fill:${colors[`level-${level}`]};stroke:${colors.line}}.level-${level} text{fill:${colors[`on-level-${level}`]}}`,
  );
  const font = "text{font:12px ui-sans-serif,system-ui,sans-serif}.strong{font-weight:600}";
  return `<style>${font}.label{fill:${colors.ink}}.tick,.cell text{font-size:11px}.tick{fill:${colors.quiet}}${levels.join("")}</style>`;
}
