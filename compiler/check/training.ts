/** `train`, and the training part of `super_network`: steps, batch, optimizer, schedule. */
import type { Name, OptionBlock, Span } from "../../grammar/index.js";
import type { OptimizerIR, ScheduleIR, TrainingIR } from "../ir/types.js";
import type { Context } from "./context.js";
import { type Field, readFields } from "./fields.js";

const count = (value?: number): Field => ({
  kind: "integer",
  min: 1,
  max: Number.MAX_SAFE_INTEGER,
  ...(value === undefined ? {} : { default: value }),
});
const positive = (value: number): Field => ({
  kind: "number",
  min: 0,
  max: Number.POSITIVE_INFINITY,
  above: 0,
  default: value,
});
const fromZero = (value: number): Field => ({ kind: "number", min: 0, max: Number.POSITIVE_INFINITY, default: value });
/** A decay rate: at 1 its average would never move, and AdamW's bias correction would divide by 0. */
const rate = (value: number): Field => ({ kind: "number", min: 0, max: 1, below: 1, default: value });

/** PyTorch's AdamW defaults where it has them; 2e-4 is what LoRA recipes of vision-language models use. */
const OPTIMIZER: Readonly<Record<string, Field>> = {
  learning_rate: positive(2e-4),
  beta1: rate(0.9),
  beta2: rate(0.999),
  epsilon: positive(1e-8),
  weight_decay: fromZero(0),
  clip_norm: fromZero(1),
};
const SCHEDULE: Readonly<Record<string, Field>> = {
  warmup: { kind: "share", default: 0.03 },
  floor: { kind: "share", default: 0 },
};

/** Of `train`, where the spec says nothing. */
export const TRAINING: TrainingDefaults = { steps: 1000, batch: 8, schedule: "cosine" };

export interface TrainingDefaults {
  readonly steps: number;
  readonly batch: number;
  readonly schedule: ScheduleIR["kind"];
}

/** Reads a training; undefined after a report. Options in `apart` are the caller's. */
export function readTraining(
  context: Context,
  block: OptionBlock | null,
  where: string,
  owner: Name | { readonly span: Span },
  defaults: TrainingDefaults,
  apart: readonly string[] = [],
): TrainingIR | undefined {
  const counts = readFields(
    context,
    block,
    { steps: count(defaults.steps), batch: count(defaults.batch) },
    where,
    owner,
    ["optimizer", "schedule", ...apart],
  );
  const nested = (
    name: "optimizer" | "schedule",
    kinds: readonly string[],
    preset: string,
    fields: Readonly<Record<string, Field>>,
  ) => {
    const option = block?.options.find((candidate) => candidate.name.text === name);
    if (option === undefined) return { kind: preset, ...readFields(context, null, fields, preset, owner).values };
    const there = context.at(option);
    const value = option.value === null ? null : there.resolve(option.value);
    if (value?.kind !== "name" || !kinds.includes(value.name)) {
      there.report("LNAS1204", (option.value ?? option.name).span, {
        option: name,
        expected: kinds.length === 1 ? kinds[0]! : `one of ${kinds.join(", ")}`,
      });
      return undefined;
    }
    const reading = readFields(context, option.block, fields, value.name, option.name);
    return reading.whole ? { kind: value.name, ...reading.values } : undefined;
  };
  const optimizer = nested("optimizer", ["adamw"], "adamw", OPTIMIZER) as Readonly<Record<string, number>> | undefined;
  const schedule = nested("schedule", ["cosine", "constant"], defaults.schedule, SCHEDULE) as
    | Readonly<Record<string, number | string>>
    | undefined;
  if (!counts.whole || optimizer === undefined || schedule === undefined) return undefined;
  return {
    steps: counts.values.steps as number,
    batch: counts.values.batch as number,
    optimizer: {
      kind: "adamw",
      learningRate: optimizer.learning_rate!,
      beta1: optimizer.beta1!,
      beta2: optimizer.beta2!,
      epsilon: optimizer.epsilon!,
      weightDecay: optimizer.weight_decay!,
      clipNorm: optimizer.clip_norm!,
    } satisfies OptimizerIR,
    schedule: schedule as unknown as ScheduleIR,
  };
}
