/** What genes have in common, so that evidence about one says something about the others. */
import type { Gene } from "../rank-space.js";

/** Modules that differ only in layer numbers are a family: `model.language_model.layers.*.cross_attn.q_proj`. */
export function familyOf(gene: Gene): string {
  return gene.name.replace(/\.\d+(?=\.|$)/g, ".*");
}

/** Which quarter of its part's depth a gene lies in, as a name; genes outside of layers share one per part. */
export function depthOf(gene: Gene, genes: readonly Gene[]): string {
  if (gene.layer === null) return `${gene.part}, outside of layers`;
  const depth = Math.max(...genes.filter(({ part }) => part === gene.part).map(({ layer }) => (layer ?? 0) + 1));
  return `${gene.part}, quarter ${Math.floor((4 * gene.layer) / depth)}`;
}
