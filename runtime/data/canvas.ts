/** How an image is laid out in tiles. Rules of `image_processing_mllama.py` (transformers 4.57.6). */

export type Size = readonly [height: number, width: number];

/**
 * The canvas (tiles high, tiles wide) for an image of `height` x `width` pixels: the smallest enlargement when some canvas allows one,
 * else the least reduction; among equals the smallest area, then the first in the list. (`get_optimal_tiled_canvas`)
 */
export function chooseCanvas(height: number, width: number, tile: number, canvases: readonly Size[]): Size {
  const scales = canvases.map(([high, wide]) => Math.min((high * tile) / height, (wide * tile) / width));
  const enlarging = scales.filter((scale) => scale >= 1);
  const chosen = enlarging.length > 0 ? Math.min(...enlarging) : Math.max(...scales);
  return canvases
    .filter((_, index) => scales[index] === chosen)
    .reduce((best, canvas) => (canvas[0] * canvas[1] < best[0] * best[1] ? canvas : best));
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/**
 * The size an image is given on its canvas: as it is when it fits, never smaller than a tile on its larger side, proportions kept, no
 * side below 1. (`get_image_size_fit_to_canvas`)
 */
export function fitToCanvas(height: number, width: number, tile: number, [high, wide]: Size): Size {
  const targetHeight = clamp(height, tile, high * tile);
  const targetWidth = clamp(width, tile, wide * tile);
  const byHeight = targetHeight / height;
  const byWidth = targetWidth / width;
  return byWidth < byHeight
    ? [Math.min(Math.floor(height * byWidth) || 1, targetHeight), targetWidth]
    : [targetHeight, Math.min(Math.floor(width * byHeight) || 1, targetWidth)];
}
