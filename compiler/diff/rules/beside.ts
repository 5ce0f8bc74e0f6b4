/** Other ranks compete with the search's own in the retraining, so that others may be exported. */
import type { ExperimentIR } from "../../ir/types.js";
import type { Rule } from "../change.js";
import { differingOptions } from "../rule.js";

export const beside: Rule = {
  name: "beside",
  category: "training",
  severity: "warning",
  covers: ["/search/beside"],
  compare: (before, after) => {
    const choosers = ({ search }: ExperimentIR) =>
      Object.fromEntries(
        search.beside.map(({ controller, options }) => [controller, { ...options, retrained: "yes" }]),
      );
    const changed = differingOptions(choosers(before.ir), choosers(after.ir));
    return changed === "" ? [] : [{ message: `beside the search: ${changed}`, pointer: "/search/beside" }];
  },
};
