/** Other ranks compete with the search's own in the retraining, so that others may be exported. */
import type { Rule } from "../change.js";
import { choosersRule } from "../rule.js";

export const beside: Rule = choosersRule("beside", "training", "warning", {
  what: "beside the search",
  pointer: "/search/beside",
  covers: ["/search/beside"],
  of: ({ search }) => search.beside,
});
