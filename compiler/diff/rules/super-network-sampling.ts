/** The super-network draws architectures in another way while it is trained. */
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

export const superNetworkSampling: Rule = partRule("super-network-sampling", "training", "warning", {
  what: "super-network sampling",
  covers: ["/search/superNetwork/sampling"],
  of: (ir) => ir.search.superNetwork.sampling,
});
