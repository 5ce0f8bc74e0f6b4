/** LoRA adapters: in a graph (elastic or plain), packed in memory, and on disk in PEFT's format. */
export { type DropoutInput, dropoutFeeds } from "./dropout.js";
export {
  type AdaptedModule,
  adaptedModules,
  extractRanks,
  initialParameters,
  type LoraMatrix,
  loraLayout,
  loraMatrix,
  type Ranks,
  tensorName,
} from "./layout.js";
export { addLora, type LoraNodes, type LoraOptions, RANK_MASK_INPUT } from "./lora.js";
export { exportPeft, PEFT_FILES, type PeftAdapter, type PeftExport, peftConfig } from "./peft-export.js";
export { type ImportedAdapter, importPeft } from "./peft-import.js";
export { componentMask, rankMask, ranksInOrder } from "./rank-mask.js";
