/** The super-network is trained in another way. */
import type { Rule } from "../change.js";
import { optionsRule } from "../rule.js";

export const superNetworkTraining: Rule = optionsRule("super-network-training", "training", "warning", {
  what: "super-network",
  covers: [
    "/search/superNetwork/steps",
    "/search/superNetwork/batch",
    "/search/superNetwork/microBatch",
    "/search/superNetwork/optimizer/*",
    "/search/superNetwork/schedule/*",
    "/search/superNetwork/distillation",
    "/search/superNetwork/start",
  ],
  of: ({ search: { superNetwork } }) => ({ ...superNetwork, sampling: null, memoryBytes: null }),
});
