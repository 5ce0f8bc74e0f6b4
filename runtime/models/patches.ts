/** Images as rows of patches, the form in which the graph takes them. */

/**
 * Cuts square images [count, channels, side, side] into patches [count, patches, channels·patch·patch]: patches row by row, values of
 * a patch in the order (channel, y, x), which is that of a flattened convolution kernel. Pixels beyond the last whole patch are left
 * out, as by a convolution without padding.
 */
export function patchify(pixels: Float32Array, channels: number, side: number, patch: number): Float32Array {
  const grid = Math.floor(side / patch);
  const perImage = channels * side * side;
  const count = pixels.length / perImage;
  const patches = new Float32Array(count * grid * grid * channels * patch * patch);
  let to = 0;
  for (let image = 0; image < count; image++)
    for (let row = 0; row < grid; row++)
      for (let column = 0; column < grid; column++)
        for (let channel = 0; channel < channels; channel++)
          for (let y = 0; y < patch; y++) {
            const from = image * perImage + (channel * side + row * patch + y) * side + column * patch;
            patches.set(pixels.subarray(from, from + patch), to);
            to += patch;
          }
  return patches;
}
