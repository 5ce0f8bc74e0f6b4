/**
 * Names of the backbone families, and whether a spec of each can be run. The runtime's table says more; the compiler may know only its type,
 * which makes any difference between the two a type error.
 */
import type { FamilyName, familyTable } from "../runtime/models/families.js";

export const FAMILIES: { readonly [F in FamilyName]: { readonly runs: (typeof familyTable)[F]["runs"] } } = {
  mllama: { runs: true },
  idefics3: { runs: false },
  llava: { runs: false },
  qwen2_vl: { runs: false },
};

export const FAMILY_NAMES = Object.keys(FAMILIES) as readonly FamilyName[];

/** Families whose models can be run, for messages. */
export const RUNNABLE_FAMILIES = FAMILY_NAMES.filter((family) => FAMILIES[family].runs);
