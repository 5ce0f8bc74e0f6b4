/** The learning rate over the steps of a training. */

/** How the learning rate rises and falls; shares are of the number of steps. */
export interface Schedule {
  readonly kind: "cosine" | "constant";
  /** Share of the steps spent rising linearly from 0, rounded up to whole steps. */
  readonly warmup: number;
  /** Share of the peak learning rate reached at the end of a cosine. */
  readonly floor: number;
}

/** Steps of the rise: ceil(share x steps), as transformers' `get_warmup_steps` rounds. */
export function warmupSteps(schedule: Schedule, steps: number): number {
  return Math.ceil(schedule.warmup * steps - 1e-9);
}

/**
 * The factor on the peak learning rate that optimizer step `step` (counted from 0) uses. As in transformers'
 * `get_cosine_schedule_with_warmup` (half a cosine; with a floor: `get_cosine_with_min_lr_schedule_with_warmup`) and
 * `get_constant_schedule_with_warmup`: step s of w warm-up steps uses s / w, so with a warm-up the very first step moves nothing.
 * Beyond the last step a cosine stays at its floor.
 */
export function learningRateFactor(schedule: Schedule, step: number, steps: number): number {
  const warmup = warmupSteps(schedule, steps);
  if (step < warmup) return step / Math.max(1, warmup);
  if (schedule.kind === "constant") return 1;
  const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return schedule.floor + (1 - schedule.floor) * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
}
