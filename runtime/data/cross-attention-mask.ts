/** Which tokens see which images. Rules of `processing_mllama.py` (transformers 4.57.6). */
import type { HostTensor } from "../graph/types.js";

/**
 * The spans of tokens that see each image, [start, end): from its mark to the next image's, the last one's to the end. Images in a row
 * share the span of the last of them. (`get_cross_attention_token_mask`)
 */
export function imageSpans(
  inputIds: ArrayLike<number>,
  imageToken: number,
): readonly (readonly [start: number, end: number])[] {
  const marks: number[] = [];
  for (let i = 0; i < inputIds.length; i++) if (inputIds[i] === imageToken) marks.push(i);
  const spans = marks.map((mark, index): [number, number] => [mark, marks[index + 1] ?? inputIds.length]);
  let lastEnd = inputIds.length;
  for (const span of [...spans].reverse()) {
    if (span[1] === span[0] + 1) span[1] = lastEnd;
    lastEnd = span[1];
  }
  return spans;
}

/**
 * The dense mask [tokens, images, tiles]: 1 where a token sees a tile. `tileCounts` holds the used tiles of each image. Throws a
 * RangeError when there are not as many marks as images.
 */
export function crossAttentionMask(
  inputIds: ArrayLike<number>,
  imageToken: number,
  tileCounts: readonly number[],
  tiles: number,
): HostTensor {
  const spans = imageSpans(inputIds, imageToken);
  const images = tileCounts.length;
  if (spans.length !== images) throw new RangeError(`${spans.length} image tokens for ${images} images`);
  const data = new Float32Array(inputIds.length * images * tiles);
  spans.forEach(([start, end], image) => {
    for (let token = start; token < end; token++) {
      const at = (token * images + image) * tiles;
      data.fill(1, at, at + tileCounts[image]!);
    }
  });
  return { shape: [inputIds.length, images, tiles], dtype: "f32", data };
}
