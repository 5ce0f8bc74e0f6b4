/** `train`, and the training part of `super_network`: steps, batch and how it is run, optimizer, schedule. */
import type { Name, OptionBlock, Span } from "../../grammar/index.js";
import type { OptimizerIR, ScheduleIR, TrainingIR } from "../ir/types.js";
import type { Context } from "./context.js";
import { type Field, readFields } from "./fields.js";
import { OPTIMIZERS, SCHEDULES, type TrainingDefaults, trainingFields } from "./options.js";

/** Reads a training; undefined after a report. Options in `apart` are the caller's. */
export function readTraining(
  context: Context,
  block: OptionBlock | null,
  where: string,
  owner: Name | { readonly span: Span },
  defaults: TrainingDefaults,
  apart: readonly string[] = [],
): TrainingIR | undefined {
  const counts = readFields(context, block, trainingFields(defaults), where, owner, [
    "optimizer",
    "schedule",
    ...apart,
  ]);
  const nested = (
    name: "optimizer" | "schedule",
    table: Readonly<Record<string, Readonly<Record<string, Field>>>>,
    preset: string,
  ) => {
    const kinds = Object.keys(table);
    const option = block?.options.find((candidate) => candidate.name.text === name);
    if (option === undefined)
      return { kind: preset, ...readFields(context, null, table[preset]!, preset, owner).values };
    const there = context.at(option);
    const value = option.value === null ? null : there.resolve(option.value);
    if (value?.kind !== "name" || !kinds.includes(value.name)) {
      there.report("LNAS1204", (option.value ?? option.name).span, {
        option: name,
        expected: kinds.length === 1 ? kinds[0]! : `one of ${kinds.join(", ")}`,
      });
      return undefined;
    }
    const reading = readFields(context, option.block, table[value.name]!, value.name, option.name);
    return reading.whole ? { kind: value.name, ...reading.values } : undefined;
  };
  const optimizer = nested("optimizer", OPTIMIZERS, "adamw") as Readonly<Record<string, number>> | undefined;
  const schedule = nested("schedule", SCHEDULES, defaults.schedule) as
    | Readonly<Record<string, number | string>>
    | undefined;
  if (!counts.whole || optimizer === undefined || schedule === undefined) return undefined;
  const {
    steps,
    batch,
    micro_batch: microBatch,
    step_memory: memoryBytes,
  } = counts.values as Readonly<Record<string, number>>;
  if (microBatch! > 0 && batch! % microBatch! !== 0) {
    const option = block!.options.find((candidate) => candidate.name.text === "micro_batch")!;
    context.at(option).report("LNAS1204", (option.value ?? option.name).span, {
      option: "micro_batch",
      expected: `a divisor of the batch, ${batch}`,
    });
    return undefined;
  }
  return {
    steps: steps!,
    batch: batch!,
    // The whole batch at a time is no micro-batch: both spellings mean the same.
    ...(microBatch! > 0 && microBatch! < batch! ? { microBatch: microBatch! } : {}),
    ...(memoryBytes! > 0 ? { memoryBytes: memoryBytes! } : {}),
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
