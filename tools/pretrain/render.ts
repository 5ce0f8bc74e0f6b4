/** Strings of printed digits as line images, every digit in a font and a shape of its own. */
import type { RandomStream } from "../../runtime/random/random.js";
import { type DigitFont, GLYPH_SIDE } from "./fonts.js";

export const TILE = 28;
export const MAX_DIGITS = 4;
/** Width of a digit's window: strokes may reach four pixels into the neighbouring tiles. */
const WINDOW = 36;
/** Larger side of an upright digit of size 1, in pixels (MNIST's convention). */
const DIGIT_EXTENT = 20;
const GLYPH_EXTENT = 34;
/** Steepness of the edge after the threshold. */
const EDGE = 12;

export interface RenderedString {
  readonly answer: string;
  /** Pixels in -1..1, [4 tiles][28][28]; tiles beyond the answer are 0, as transformers' processor leaves them. */
  readonly tiles: Float32Array;
}

const between = (random: RandomStream, low: number, high: number) => low + (high - low) * random.uniform();

function drawDigit(ink: Float32Array, width: number, place: number, glyph: Float32Array, random: RandomStream): void {
  const threshold = between(random, 0.2, 0.6);
  const size = (between(random, 0.75, 1.15) * DIGIT_EXTENT) / GLYPH_EXTENT;
  const aspect = between(random, 0.85, 1.15);
  const angle = (between(random, -10, 10) * Math.PI) / 180;
  const shear = between(random, -0.15, 0.15);
  const centerX = place * TILE + TILE / 2 + between(random, -3, 3);
  const centerY = TILE / 2 + between(random, -3, 3);
  // Window pixel -> glyph pixel: the inverse of scale, aspect, shear and rotation.
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const left = place * TILE - (WINDOW - TILE) / 2;
  for (let y = 0; y < TILE; y++) {
    for (let column = 0; column < WINDOW; column++) {
      const x = left + column;
      if (x < 0 || x >= width) continue;
      const dx = x + 0.5 - centerX;
      const dy = y + 0.5 - centerY;
      const turnedX = cos * dx + sin * dy;
      const turnedY = -sin * dx + cos * dy;
      const glyphX = (turnedX - shear * turnedY) / (size * aspect) + GLYPH_SIDE / 2 - 0.5;
      const glyphY = turnedY / size + GLYPH_SIDE / 2 - 0.5;
      const x0 = Math.floor(glyphX);
      const y0 = Math.floor(glyphY);
      if (x0 < 0 || y0 < 0 || x0 >= GLYPH_SIDE - 1 || y0 >= GLYPH_SIDE - 1) continue;
      const [fx, fy] = [glyphX - x0, glyphY - y0];
      const at = y0 * GLYPH_SIDE + x0;
      const soft =
        (glyph[at]! * (1 - fx) + glyph[at + 1]! * fx) * (1 - fy) +
        (glyph[at + GLYPH_SIDE]! * (1 - fx) + glyph[at + GLYPH_SIDE + 1]! * fx) * fy;
      if (soft < 0.02) continue;
      const value = 1 / (1 + Math.exp(-EDGE * (soft - threshold)));
      const pixel = y * width + x;
      if (value > ink[pixel]!) ink[pixel] = value;
    }
  }
}

/** Draws one random string. */
export function renderString(fonts: readonly DigitFont[], random: RandomStream): RenderedString {
  const length = random.uniform() < 2 / 3 ? 4 : 3;
  const width = length * TILE;
  const ink = new Float32Array(width * TILE);
  let answer = "";
  for (let place = 0; place < length; place++) {
    const label = random.integer(10);
    drawDigit(ink, width, place, fonts[random.integer(fonts.length)]!.digits[label]!, random);
    answer += String(label);
  }
  const contrast = between(random, 0.6, 1);
  const noise = between(random, 0, 0.12);
  const tiles = new Float32Array(MAX_DIGITS * TILE * TILE);
  for (let y = 0; y < TILE; y++)
    for (let x = 0; x < width; x++) {
      const value = Math.min(1, Math.max(0, contrast * ink[y * width + x]! + noise * random.normal()));
      tiles[(Math.floor(x / TILE) * TILE + y) * TILE + (x % TILE)] = 2 * value - 1;
    }
  return { answer, tiles };
}
