/**
 * Stages within a stage: what one asks for while it runs, and what others may ask for too. Each has a record of its own; its time is not that of
 * the stage around it, which remembers only whose answers it used.
 */
import type { StageOptions, StageOutcome, StageRecord, StageRunner, StageScope } from "./stages.js";

/** Keys of stages by their names. */
export type UsedStages = Readonly<Record<string, string>>;

/** The parts of one stage that is running. */
export class StageParts {
  readonly #used = new Map<string, string>();
  #elapsedMs = 0;

  constructor(private readonly stages: StageRunner) {}

  /** `StageRunner.run` for a part. */
  async run<R>(
    name: string,
    inputs: unknown,
    body: (scope: StageScope) => Promise<StageOutcome<R>>,
    options: StageOptions = {},
  ): Promise<StageRecord<R>> {
    const begun = performance.now();
    const record = await this.stages.run(name, inputs, body, options);
    this.#elapsedMs += performance.now() - begun;
    this.#used.set(record.stage, record.key);
    return record;
  }

  /** Takes up what an interrupted process had used. */
  recall(used: UsedStages): void {
    for (const [name, key] of Object.entries(used)) this.#used.set(name, key);
    this.stages.recall(used);
  }

  get used(): UsedStages {
    return Object.fromEntries(this.#used);
  }

  /** What the parts took of this process's time, in milliseconds. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }
}
