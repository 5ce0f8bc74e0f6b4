/** Printed digits: outlines of open fonts, rastered once a font. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import sharp from "sharp";

/** Side of a glyph's square, and the larger side of the glyph within it, in pixels. */
export const GLYPH_SIDE = 48;
const GLYPH_EXTENT = 34;

/** One font's ten digits: blurred ink, 48x48 each, with the largest value 1. */
export interface DigitFont {
  /** Family, weight and style, as the font package names its file. */
  readonly name: string;
  readonly digits: readonly Float32Array[];
}

/** What this file uses of opentype.js. */
interface Outline {
  getBoundingBox(): { x1: number; y1: number; x2: number; y2: number };
  toPathData(decimals: number): string;
}
interface ParsedFont {
  charToGlyph(character: string): { readonly index: number };
  getPath(text: string, x: number, y: number, size: number): Outline;
}
interface OpenType {
  parse(buffer: ArrayBuffer): ParsedFont;
}

const FILE = /-latin-(100|300|400|600|700|900)-(normal|italic)\.woff$/;

/** The font files of the installed `@fontsource` packages, in order of their names. */
export function fontFiles(packages: string): string[] {
  const root = join(packages, "node_modules", "@fontsource");
  return readdirSync(root)
    .sort()
    .flatMap((family) =>
      readdirSync(join(root, family, "files"))
        .filter((file) => FILE.test(file))
        .sort()
        .map((file) => join(root, family, "files", file)),
    );
}

/** Two passes of a 3x3 mean: soft edges, so that a threshold can thin or thicken the strokes. */
function blurred(ink: Float32Array, width: number, height: number): Float32Array {
  let from = ink;
  for (let pass = 0; pass < 2; pass++) {
    const to = new Float32Array(from.length);
    for (let y = 1; y < height - 1; y++)
      for (let x = 1; x < width - 1; x++) {
        let sum = 0;
        for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) sum += from[(y + dy) * width + x + dx]!;
        to[y * width + x] = sum / 9;
      }
    from = to;
  }
  return from;
}

/** Draws the ten digits side by side; undefined for a font without them. */
async function digitsOf(font: ParsedFont): Promise<Float32Array[] | undefined> {
  const paths: string[] = [];
  for (let digit = 0; digit < 10; digit++) {
    if (font.charToGlyph(String(digit)).index === 0) return undefined;
    const outline = font.getPath(String(digit), 0, 0, 100);
    const { x1, y1, x2, y2 } = outline.getBoundingBox();
    const extent = Math.max(x2 - x1, y2 - y1);
    if (!(extent > 0)) return undefined;
    const scale = GLYPH_EXTENT / extent;
    const left = digit * GLYPH_SIDE + GLYPH_SIDE / 2 - (scale * (x1 + x2)) / 2;
    const top = GLYPH_SIDE / 2 - (scale * (y1 + y2)) / 2;
    paths.push(`<path transform="translate(${left} ${top}) scale(${scale})" d="${outline.toPathData(3)}"/>`);
  }
  const width = 10 * GLYPH_SIDE;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${GLYPH_SIDE}">${paths.join("")}</svg>`;
  const { data, info } = await sharp(Buffer.from(svg))
    .extractChannel("alpha")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Array.from({ length: 10 }, (_, digit) => {
    const ink = new Float32Array(GLYPH_SIDE * GLYPH_SIDE);
    for (let y = 0; y < GLYPH_SIDE; y++)
      for (let x = 0; x < GLYPH_SIDE; x++)
        ink[y * GLYPH_SIDE + x] = data[(y * width + digit * GLYPH_SIDE + x) * info.channels]! / 255;
    const soft = blurred(ink, GLYPH_SIDE, GLYPH_SIDE);
    const peak = soft.reduce((most, value) => Math.max(most, value), 1e-6);
    return soft.map((value) => value / peak);
  });
}

/** All usable fonts; those with the same ten digits as an earlier one are dropped. One file in eight is held out. */
export async function loadFonts(packages: string): Promise<{ train: DigitFont[]; heldOut: DigitFont[] }> {
  const opentype = createRequire(join(process.cwd(), packages, "package.json"))("opentype.js") as OpenType;
  const seen = new Set<string>();
  const fonts: DigitFont[] = [];
  for (const file of fontFiles(packages)) {
    const bytes = readFileSync(file);
    const digits = await digitsOf(opentype.parse(new Uint8Array(bytes).buffer));
    if (digits === undefined) continue;
    const hash = createHash("sha256");
    for (const digit of digits) hash.update(digit);
    const key = hash.digest("hex");
    if (seen.has(key)) continue;
    seen.add(key);
    fonts.push({ name: file.slice(file.lastIndexOf("@fontsource")), digits });
  }
  // By a hash of the name, so that a font added or removed moves no other between the two sets.
  const isHeldOut = ({ name }: DigitFont) => createHash("sha256").update(name).digest()[0]! % 8 === 0;
  return { train: fonts.filter((font) => !isHeldOut(font)), heldOut: fonts.filter(isHeldOut) };
}
