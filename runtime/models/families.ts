/** The backbone families as plain data: what is known of each before any of its code is looked at. */

/** One family. */
export interface FamilyRow {
  /** Models of the family, for people. */
  readonly models: string;
  /** Values of `model_type` in a `config.json` that mean it. */
  readonly modelTypes: readonly string[];
  /** Whether there is a graph of it. The others are described only: their specs are checked and planned, and wait for a graph to run. */
  readonly runs: boolean;
}

export const familyTable = {
  mllama: { models: "Llama 3.2 Vision", modelTypes: ["mllama"], runs: true },
  idefics3: { models: "SmolVLM, Idefics3", modelTypes: ["idefics3", "smolvlm"], runs: false },
  llava: { models: "LLaVA 1.5", modelTypes: ["llava"], runs: false },
  qwen2_vl: { models: "Qwen2-VL", modelTypes: ["qwen2_vl"], runs: false },
} as const satisfies Readonly<Record<string, FamilyRow>>;

export type FamilyName = keyof typeof familyTable;

/** Families with a graph. */
export type RunnableFamily = {
  [F in FamilyName]: (typeof familyTable)[F]["runs"] extends true ? F : never;
}[FamilyName];

/** Whether there is a graph of a family. */
export const hasGraph = (family: FamilyName): family is RunnableFamily => familyTable[family].runs;

/** The family of a `config.json`, by its `model_type`; undefined for a model that is not known. */
export function familyOfModelType(modelType: unknown): FamilyName | undefined {
  const rows = Object.entries(familyTable) as [FamilyName, FamilyRow][];
  return rows.find(([, { modelTypes }]) => modelTypes.includes(modelType as string))?.[0];
}
