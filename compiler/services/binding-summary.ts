/** What a name stands for, in one line. */
import { type Binding, Context } from "../check/context.js";
import { brief, valueText } from "./value-text.js";

/** A line on a binding: its kind, and what of it is short enough to say. */
export function bindingSummary(binding: Binding): string {
  switch (binding.kind) {
    case "const":
      return brief(valueText(new Context(binding.scope, []).resolve(binding.value)));
    case "modules":
      return binding.modules.text;
    case "record":
      return binding.record.of;
    case "experiment":
      return "experiment";
    case "sweep":
      return brief(`sweep of ${binding.sweep.experiments.map(({ text }) => text).join(", ")}`);
    case "unavailable":
      return "";
  }
}
