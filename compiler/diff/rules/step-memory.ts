/** Training steps may take more or less memory. */
import { bytesText } from "../../numbers.js";
import type { Rule } from "../change.js";
import { partRule } from "../rule.js";

const limit = (bytes: number | undefined): string => (bytes === undefined ? "no limit" : bytesText(bytes));

export const stepMemory: Rule = partRule("step-memory", "budget", "note", {
  what: "memory of a step",
  covers: ["/train/memoryBytes", "/search/superNetwork/memoryBytes"],
  of: ({ train, search: { superNetwork } }) => ({
    retraining: train.memoryBytes,
    superNetwork: superNetwork.memoryBytes,
  }),
  say: ({ superNetwork, retraining }) => `super-network ${limit(superNetwork)}, retraining ${limit(retraining)}`,
});
