/** What is said where every module of the chosen architecture has rank 0. */
import type { Arm, SearchAccount } from "./types.js";

/** How to get an adapter after all. */
export const noAdapterRemedy = (parameterWeight: number): string =>
  parameterWeight > 0
    ? "For an adapter, lower the weight of `minimize parameters`."
    : "For an adapter, leave 0 out of the ranks of some modules, or raise the limit.";

/** The remark beside the headline; none where a module has an adapter. */
export function aboutNoAdapter({ parameters }: Arm, search: SearchAccount | null): string[] {
  if (parameters > 0) return [];
  const { parameterWeight = 0 } = search ?? {};
  const price = parameterWeight > 0 ? ` at a price of ${parameterWeight} a parameter` : "";
  return [`Rank 0 everywhere won${price}: there is nothing to export. ${noAdapterRemedy(parameterWeight)}`];
}
