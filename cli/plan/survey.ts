/** What a plan can learn from an experiment's data and tokenizer, where they are here. */
import { resolve } from "node:path";
import type { ExampleCounts, ExampleSize } from "../../compiler/plan/index.js";
import { countExamples, largestExample } from "../../runtime/data/survey.js";
import { UserError } from "../../runtime/formats/errors.js";
import type { CompiledExperiment } from "../run/compiled-experiment.js";

/** Training examples that are looked at for their lengths. */
const MEASURED_EXAMPLES = 256;

export interface DataSurvey {
  readonly size: ExampleSize | undefined;
  readonly examples: ExampleCounts | undefined;
  /** Why something is undefined. */
  readonly problems: readonly string[];
}

/** Looks at the text of the data; opens no image. What cannot be read is left undefined: a plan does not need it. */
export function surveyData({ ir, specFolder }: CompiledExperiment): DataSurvey {
  const { weights } = ir.backbone;
  const { splits } = ir.dataset;
  const file = (split: keyof ExampleCounts) => resolve(specFolder, splits[split].path);
  const problems: string[] = [];
  const attempt = <T>(look: () => T): T | undefined => {
    try {
      return look();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(`${error.message}${error.place === undefined ? "" : ` (${error.place})`}`);
      return undefined;
    }
  };
  const examples = attempt(() => ({
    train: countExamples(file("train")),
    reward: countExamples(file("reward")),
    validation: countExamples(file("validation")),
    test: countExamples(file("test")),
  }));
  if (weights.kind === "hub") return { size: undefined, examples, problems };
  const size = attempt(
    (): ExampleSize => ({
      ...largestExample(resolve(specFolder, weights.path), file("train"), MEASURED_EXAMPLES),
      from: "data",
    }),
  );
  return { size, examples, problems };
}
