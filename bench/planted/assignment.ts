/** What one process of the bench is to measure. */
import { canonicalJson } from "../../runtime/experiment/keys.js";
import { TASKS, type TaskName } from "./tasks.js";
import type { WorkbenchOptions } from "./workbench.js";

/** What a process is told, as JSON in its first argument. */
export interface Assignment {
  readonly task: TaskName;
  readonly seed: number;
  readonly folder: string;
  /** Where onnxruntime computes. */
  readonly device: string;
  readonly threads: number;
  readonly options: WorkbenchOptions;
}

/** Results of other settings are not mixed. */
export const settingsOf = ({ task, options }: Pick<Assignment, "task" | "options">): string =>
  canonicalJson({ task: TASKS[task], options });
