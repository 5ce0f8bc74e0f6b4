/** The planted tasks: where ranks are planted, how many, in which backbone. */
import type { PlantedTaskOptions } from "./task.js";

/**
 * Tasks by name. `calibration` is that of an earlier study; it (search seeds 11 and 12) and `language-7` (seed 11) were looked at when the default search was chosen,
 * the others were not.
 */
export const TASKS = {
  calibration: { seed: 5, shape: "XS", modules: 7, where: "mixed", rank: 8 },
  "mixed-3": { seed: 31, shape: "XS", modules: 3, where: "mixed", rank: 8 },
  "mixed-15": { seed: 32, shape: "XS", modules: 15, where: "mixed", rank: 8 },
  "vision-7": { seed: 33, shape: "XS", modules: 7, where: "vision", rank: 8 },
  "language-7": { seed: 34, shape: "XS", modules: 7, where: "language", rank: 8 },
  "cross-3": { seed: 35, shape: "XS", modules: 3, where: "cross-attention", rank: 8 },
  "mixed-7-rank-2": { seed: 36, shape: "XS", modules: 7, where: "mixed", rank: 2 },
  "language-15-rank-2": { seed: 37, shape: "XS", modules: 15, where: "language", rank: 2 },
  "S-mixed-7": { seed: 38, shape: "S", modules: 7, where: "mixed", rank: 8 },
  "S-mixed-15-rank-2": { seed: 39, shape: "S", modules: 15, where: "mixed", rank: 2 },
} as const satisfies Readonly<Record<string, PlantedTaskOptions>>;

export type TaskName = keyof typeof TASKS;

/** Ranks that every module may take; the planted ones are among them. */
export const CHOICES = [0, 2, 4, 8] as const;
