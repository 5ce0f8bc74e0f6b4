/** Passes: each takes a graph and returns one that computes the same. */
export { shortenAttentionGradients, turnNarrowProducts } from "./attention-gradients.js";
export { shareCommonSubexpressions } from "./common-subexpressions.js";
export { foldConstants } from "./constant-folding.js";
export { eliminateDeadCode } from "./dead-code.js";
export { fitMemory, type MemoryFit, plannedBytes } from "./fit-memory.js";
export { flattenRows } from "./flatten-rows.js";
export { optimizeGraph } from "./optimize.js";
export { rematerialize } from "./rematerialize.js";
export { simplify } from "./simplify.js";
export {
  type CachedValue,
  FLOPS_PER_CACHED_ELEMENT,
  FLOPS_PER_WRITTEN_ELEMENT,
  type FrozenSplit,
  type FrozenSplitOptions,
  splitFrozen,
} from "./split-frozen.js";
