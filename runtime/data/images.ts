/** Decoding image files to RGB, as Pillow does: turned upright, transparency over white, colours as they are in the file. */
import sharp from "sharp";
import { UserError } from "../formats/errors.js";
import type { Crop, ImageReference } from "./messages.js";

/** 8-bit RGB, interleaved, row by row. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Pillow's `alpha_composite` over opaque white, in its integer arithmetic. rgba: 4 values a pixel.
 */
export function overWhite(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const alpha = rgba[from + 3]!;
    const over = alpha * 128;
    const under = 255 * (255 * 128 - over);
    for (let channel = 0; channel < 3; channel++) {
      const sum = rgba[from + channel]! * over + under + (0x80 << 7);
      rgb[to + channel] = ((sum >> 8) + sum) >> 15;
    }
  }
  return rgb;
}

/** Decodes a file. Throws a `UserError` that names it and `user` (the line that asks for it) when it is missing or not an image. */
async function decodeImage(path: string, user: string): Promise<RgbImage> {
  try {
    // A limit on pixels stops decompression bombs; sharp's default (268 megapixels) is far above any picture for a model.
    const { data, info } = await sharp(path, { autoOrient: true, ignoreIcc: true })
      .toColourspace("srgb")
      .ensureAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: overWhite(data) };
  } catch (cause) {
    const reason = (cause as Error).message.split("\n")[0];
    throw new UserError(`cannot read the image ${path}: ${reason}`, {
      place: user,
      remedy: "Check that the file is there and opens as PNG, JPEG, WebP, GIF or TIFF.",
      cause,
    });
  }
}

function cropped(image: RgbImage, [left, top, width, height]: Crop, path: string, user: string): RgbImage {
  if (left + width > image.width || top + height > image.height)
    throw new UserError(
      `crop [${left}, ${top}, ${width}, ${height}] is not within ${path} (${image.width} x ${image.height})`,
      { place: user, remedy: "Correct the crop; it is [x, y, width, height] from the top left corner." },
    );
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * image.width + left) * 3;
    data.set(image.data.subarray(from, from + width * 3), row * width * 3);
  }
  return { width, height, data };
}

/** Reads images. Files of which crops are taken are decoded once and kept for the loader's life; others are not kept. */
export class ImageLoader {
  readonly #sheets = new Map<string, Promise<RgbImage>>();

  /** `user` is who asks, for messages. Throws a `UserError` when the image is missing, unreadable, or smaller than the crop. */
  async load({ path, crop }: ImageReference, user: string): Promise<RgbImage> {
    if (crop === undefined) return decodeImage(path, user);
    let sheet = this.#sheets.get(path);
    if (sheet === undefined) {
      sheet = decodeImage(path, user);
      this.#sheets.set(path, sheet);
    }
    return cropped(await sheet, crop, path, user);
  }
}
