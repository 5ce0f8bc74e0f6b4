/** The result is compared with other methods. */
import type { ExperimentIR } from "../../ir/types.js";
import type { Rule } from "../change.js";
import { differingOptions } from "../rule.js";

export const rivals: Rule = {
  name: "rivals",
  category: "reproducibility",
  severity: "note",
  covers: ["/compare/arms"],
  compare: (before, after) => {
    const arms = ({ compare }: ExperimentIR) =>
      Object.fromEntries(compare.arms.map(({ controller, options }) => [controller, { ...options, compared: "yes" }]));
    const order = ({ compare }: ExperimentIR) => compare.arms.map(({ controller }) => controller).join(", ");
    const changed = differingOptions(arms(before.ir), arms(after.ir));
    if (changed !== "") return [{ message: `compared with: ${changed}`, pointer: "/compare" }];
    return order(before.ir) === order(after.ir)
      ? []
      : [{ message: `order of the comparison: ${order(before.ir)} → ${order(after.ir)}`, pointer: "/compare" }];
  },
};
