/** A run whose device is out of memory: what `lnasc plan` had predicted for it is said beside the engine's words. */
import { bytesText } from "../../compiler/numbers.js";
import { ASSUMED_SIZE, planExperiment } from "../../compiler/plan/index.js";
import { OutOfMemoryError } from "../../runtime/executors/index.js";
import { thisMachine } from "../../runtime/experiment/machine.js";
import { runtimeFacts as facts } from "../../runtime/training/facts.js";
import { surveyData } from "../plan/survey.js";
import type { CompiledExperiment } from "./compiled-experiment.js";

/** The error with the memory that the experiment's plan predicts, and what this machine has; other errors as they are. */
export function withPlannedMemory(error: unknown, experiment: CompiledExperiment): unknown {
  if (!(error instanceof OutOfMemoryError)) return error;
  const { size, examples } = surveyData(experiment);
  const plan = planExperiment(experiment, { facts, size: size ?? ASSUMED_SIZE, examples, rate: undefined });
  const { memory, step, example } = plan;
  const predicted =
    `lnasc plan predicts ${bytesText(memory.totalBytes)} for this experiment ` +
    `(batch ${step.batch}, ${example.tokens} tokens, images ${example.images}); this machine has ${bytesText(thisMachine().memoryBytes)} beside what a GPU has of its own`;
  return new OutOfMemoryError(`${error.message}; ${predicted}`, {
    remedy: error.remedy,
    cause: error,
    ...(error.place === undefined ? {} : { place: error.place }),
  });
}
