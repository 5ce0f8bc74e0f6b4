/**
 * `policy.json` of a run folder: what its controller preferred at its end, for the searches that go on from there. Pure; `schemas/policy.schema.json`
 * describes it.
 */
import { asRecord } from "../formats/json-file.js";
import type { PerChoice } from "./policy.js";
import { policyTable } from "./prior-policy.js";
import type { SearchSpace } from "./rank-space.js";

/** Its name in the run folder. */
export const POLICY_FILE = "policy.json";

/** The format's version: another one is not read. */
export const POLICY_VERSION = 1;

/** The preferences of modules that share one rank: of one module, or of a tie. */
export interface PolicyGene {
  /** Paths, in the order of the forward pass. */
  readonly modules: readonly string[];
  /** By rank: log-odds in nats, before the price of parameters. A constant added to all of them changes nothing. */
  readonly logOdds: Readonly<Record<string, number>>;
}

/** The file. */
export interface PolicyFile {
  readonly policyVersion: typeof POLICY_VERSION;
  /** Whose policy it is. */
  readonly controller: string;
  /** The budget that it was learned under, in adapter parameters. */
  readonly maxParameters: number;
  /** In the order of the forward pass. */
  readonly genes: readonly PolicyGene[];
}

/** Log-odds with the modules and ranks that they are of. */
export function policyGenes(space: SearchSpace, logOdds: PerChoice): readonly PolicyGene[] {
  const table = policyTable(space, logOdds);
  return space.genes.map(({ name, modules }) => ({ modules, logOdds: table[name]! }));
}

/** The text of the file: JSON, a gene a line. The same policy gives the same bytes. */
export function policyText({ genes, controller, maxParameters }: Omit<PolicyFile, "policyVersion">): string {
  const head = { policyVersion: POLICY_VERSION, controller, maxParameters };
  const fields = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`);
  const lines = genes.map((gene) => `    ${JSON.stringify(gene)}`).join(",\n");
  return `{\n${fields.join("")}  "genes": [\n${lines}\n  ]\n}\n`;
}

/** Reads the parsed content of the file. Throws an Error whose message says why it is no policy. */
export function readPolicyFile(content: unknown): PolicyFile {
  const fields = asRecord(content);
  if (fields?.policyVersion === undefined) throw new Error("it is not a policy (it has no policyVersion)");
  if (fields.policyVersion !== POLICY_VERSION)
    throw new Error(
      `it has format ${JSON.stringify(fields.policyVersion).slice(0, 20)}, and this lnas reads format ${POLICY_VERSION}`,
    );
  const { controller, maxParameters, genes } = fields;
  if (typeof controller !== "string") throw new Error("it does not say which controller it is of");
  if (!Number.isSafeInteger(maxParameters)) throw new Error("it does not say which budget it was learned under");
  if (!Array.isArray(genes)) throw new Error("it has no list of genes");
  return {
    policyVersion: POLICY_VERSION,
    controller,
    maxParameters: maxParameters as number,
    genes: genes.map(readGene),
  };
}

function readGene(content: unknown, index: number): PolicyGene {
  const { modules, logOdds } = asRecord(content) ?? {};
  if (!Array.isArray(modules) || modules.length === 0 || !modules.every((path) => typeof path === "string"))
    throw new Error(`gene ${index + 1} names no modules`);
  const values = asRecord(logOdds) ?? {};
  const ranks = Object.keys(values);
  const wrong = ranks.find((rank) => !/^(0|[1-9]\d*)$/.test(rank) || !Number.isFinite(values[rank]));
  if (ranks.length === 0 || wrong !== undefined)
    throw new Error(
      `${modules[0]} has no log-odds${wrong === undefined ? "" : ` but ${wrong}: ${JSON.stringify(values[wrong])}`}`,
    );
  return { modules, logOdds: values as Readonly<Record<string, number>> };
}
