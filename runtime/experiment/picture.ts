/** The ranks found as a picture: for each stack of layers a grid, a row for each kind of module, a column for each layer. */
import type { Architecture } from "../search/types.js";

const CELL = 26;
const GAP = 2;
const LABEL_WIDTH = 140;
const MARGIN = 12;
const TITLE_HEIGHT = 28;

/** The grid of one stack of layers, or of the modules outside of layers. */
export interface RankGrid {
  /** Path of the stack (`vision_model.global_transformer`), or what the modules have in common. */
  readonly title: string;
  /** Paths within a layer: `self_attn.q_proj`, `mlp.fc1`. */
  readonly rows: readonly string[];
  readonly layers: readonly (number | null)[];
  /** Null where the layer has no such module, or the search left it out. */
  rank(row: string, layer: number | null): number | null;
}

/** Where a module stands: `model.a.layers.3.mlp.fc1` is row `mlp.fc1`, layer 3 of stack `a`. */
function placeOf(path: string) {
  const [, stack, layer, row] = /^(?:model\.)?(.*)\.layers\.(\d+)\.(.*)$/.exec(path) ?? [];
  if (stack === undefined || row === undefined)
    return { stack: "outside of layers", row: path.split(".").at(-1)!, layer: null };
  return { stack, row, layer: Number(layer) };
}

/** Ranks (in the order of the forward pass) as people read a model: stacks and rows in that order, layers ascending. */
export function rankGrids(ranks: Architecture): RankGrid[] {
  const placed = Object.entries(ranks).map(([path, rank]) => ({ ...placeOf(path), rank }));
  return [...new Set(placed.map(({ stack }) => stack))].map((stack) => {
    const members = placed.filter((module) => module.stack === stack);
    const byPlace = new Map(members.map(({ row, layer, rank }) => [`${row} ${layer}`, rank]));
    return {
      title: stack,
      rows: [...new Set(members.map(({ row }) => row))],
      layers: [...new Set(members.map(({ layer }) => layer))].sort((a, b) => (a ?? -1) - (b ?? -1)),
      rank: (row, layer) => byPlace.get(`${row} ${layer}`) ?? null,
    };
  });
}

const xmlText = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** White for rank 0, darker blue for higher ranks, on a logarithmic scale. */
function colour(rank: number, largest: number): string {
  const share = largest === 0 ? 0 : Math.log2(1 + rank) / Math.log2(1 + largest);
  const channel = (light: number, dark: number) => Math.round(light + (dark - light) * share);
  return `rgb(${channel(246, 16)},${channel(248, 78)},${channel(250, 139)})`;
}

/** An SVG document; `title` is shown above the grids. */
export function rankPicture(title: string, ranks: Architecture): string {
  const grids = rankGrids(ranks);
  const largest = Math.max(0, ...Object.values(ranks));
  const body: string[] = [];
  let top = MARGIN + TITLE_HEIGHT;
  let width = LABEL_WIDTH + 2 * MARGIN + title.length * 8;
  for (const grid of grids) {
    body.push(`<text x="${MARGIN}" y="${top + 16}" class="part">${xmlText(grid.title)}</text>`);
    top += TITLE_HEIGHT;
    grid.layers.forEach((layer, column) => {
      const x = MARGIN + LABEL_WIDTH + column * CELL + CELL / 2;
      body.push(`<text x="${x}" y="${top}" class="layer">${layer ?? ""}</text>`);
    });
    top += 6;
    grid.rows.forEach((name, row) => {
      const y = top + row * CELL;
      body.push(`<text x="${MARGIN + LABEL_WIDTH - 8}" y="${y + CELL / 2 + 3}" class="kind">${xmlText(name)}</text>`);
      grid.layers.forEach((layer, column) => {
        const rank = grid.rank(name, layer);
        if (rank === null) return;
        const x = MARGIN + LABEL_WIDTH + column * CELL;
        const side = CELL - GAP;
        const ink = Math.log2(1 + rank) > 0.6 * Math.log2(1 + largest) ? "#fff" : "#24292f";
        body.push(
          `<rect x="${x}" y="${y}" width="${side}" height="${side}" rx="3" fill="${colour(rank, largest)}" stroke="#d0d7de"/>`,
          `<text x="${x + side / 2}" y="${y + side / 2 + 4}" class="rank" style="fill:${ink}">${rank}</text>`,
        );
      });
    });
    width = Math.max(width, 2 * MARGIN + LABEL_WIDTH + grid.layers.length * CELL);
    top += grid.rows.length * CELL + 10;
  }
  const height = top + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    "<style>text{font-family:ui-sans-serif,system-ui,sans-serif;font-size:12px;fill:#24292f}.title{font-size:14px;font-weight:600}",
    ".part{font-weight:600}.layer,.rank{text-anchor:middle;font-size:11px}.layer{fill:#57606a}.kind{text-anchor:end}</style>",
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${MARGIN}" y="${MARGIN + 14}" class="title">${xmlText(title)}</text>`,
    ...body,
    "</svg>",
    "",
  ].join("\n");
}
