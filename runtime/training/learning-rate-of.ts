/** Where a spec says how fast something learns: what a remedy names when a loss is not a number. */
export const LEARNING_RATE_OF = {
  /** Of adapters that are trained by themselves at the end. */
  train: "the learning rate (train, optimizer { learning_rate ... })",
  superNetwork: "the learning rate of the super-network (super_network { optimizer adamw { learning_rate ... } })",
  /** Of trainings that a controller asks for. */
  controller:
    "the learning rate of these trainings: the controller's `learning_rate`, or the super-network's, which they take without one",
} as const;

/** Whose learning rate it is. */
export type LearningRateOf = keyof typeof LEARNING_RATE_OF;
