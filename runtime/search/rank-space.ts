/**
 * The space of a rank search as the controllers see it: one gene for every module, or for every group of modules tied
 * to one rank. A point of the space is a `ChoiceVector`; its names, costs and architecture come from here.
 */
import { UserError } from "../formats/errors.js";
import type { Architecture, RankSpace } from "./types.js";

/** What a search has to know of a linear module; a backbone's `LinearModule` has these fields. */
export interface ModuleFacts {
  readonly path: string;
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Leaf name: `q_proj`, `fc1`, ... */
  readonly kind: string;
  /** Part of the model: `vision`, `language`, ... */
  readonly part: string;
  /** Index within its stack of layers; null outside of layers. */
  readonly layer: number | null;
}

/** One decision of the search: a rank for all its modules. */
export interface Gene {
  /** The first module's path. */
  readonly name: string;
  readonly modules: readonly string[];
  /** Ranks, ascending and unique. 0 = no adapter. */
  readonly choices: readonly number[];
  /** Adapter parameters for each unit of rank: sum of (in + out) over the modules. */
  readonly costPerRank: number;
  /** Of the first module; what genes of one kind, part or layer have in common can be learned together. */
  readonly kind: string;
  readonly part: string;
  readonly layer: number | null;
}

export interface SearchSpace {
  /** In the order of the forward pass (of each gene's first module). */
  readonly genes: readonly Gene[];
  /** Every module with its gene's index, in the order of the forward pass. */
  readonly modules: readonly { readonly path: string; readonly gene: number }[];
}

/** Choices that a gene may have: their indices are kept in a byte each. */
export const MOST_CHOICES = 255;

/** For every gene the index of its choice (not the rank). */
export type ChoiceVector = Uint8Array;

/**
 * Builds the space. `facts` lists at least the modules of `modules`, in the order of the forward pass. Throws a
 * `UserError` when a module is unknown, has no choice, or is tied to one with other choices or tied twice, and when none has a rank above 0.
 */
export function spaceOf(
  modules: RankSpace,
  ties: readonly (readonly string[])[],
  facts: readonly ModuleFacts[],
): SearchSpace {
  const known = new Map(facts.map((fact) => [fact.path, fact]));
  for (const path of Object.keys(modules))
    if (!known.has(path))
      throw new UserError(`the backbone has no linear module of this name`, {
        place: path,
        remedy: "Use the path that Hugging Face prints for the module.",
      });
  const tieOf = new Map<string, readonly string[]>();
  for (const tie of ties)
    for (const path of tie) {
      if (modules[path] === undefined || tieOf.has(path))
        throw new UserError(modules[path] === undefined ? "a tied module is not a target" : "a module is tied twice", {
          place: path,
          remedy: "List every module in one tie group at most, and only modules that carry an adapter.",
        });
      tieOf.set(path, tie);
    }
  const order = new Map(facts.map((fact, index) => [fact.path, index]));
  const genes: Gene[] = [];
  const geneOf = new Map<string, number>();
  const targets = facts.filter((fact) => modules[fact.path] !== undefined);
  for (const fact of targets) {
    if (geneOf.has(fact.path)) continue;
    const members = [...(tieOf.get(fact.path) ?? [fact.path])].sort((a, b) => order.get(a)! - order.get(b)!);
    const choices = checkedChoices(fact.path, modules[fact.path]!);
    for (const path of members)
      if (String(modules[path]) !== String(modules[fact.path]))
        throw new UserError(`tied to ${fact.path}, but with other ranks to choose from`, {
          place: path,
          remedy: "Give all modules of a tie group the same list of ranks.",
        });
    for (const path of members) geneOf.set(path, genes.length);
    const costPerRank = members.reduce((sum, path) => {
      const { inFeatures, outFeatures } = known.get(path)!;
      return sum + inFeatures + outFeatures;
    }, 0);
    genes.push({ ...pick(fact), modules: members, choices, costPerRank });
  }
  if (genes.every(({ choices }) => choices.at(-1) === 0))
    throw new UserError(
      genes.length === 0
        ? "no module can carry an adapter: none is named"
        : "no module can carry an adapter: 0 is the only rank of each",
      { place: genes[0]?.name ?? "modules", remedy: "Give a module ranks above 0 to choose from." },
    );
  return { genes, modules: targets.map(({ path }) => ({ path, gene: geneOf.get(path)! })) };
}

const pick = ({ path, kind, part, layer }: ModuleFacts) => ({ name: path, kind, part, layer });

function checkedChoices(path: string, ranks: readonly number[]): readonly number[] {
  const ascending = ranks.every(
    (rank, at) => Number.isInteger(rank) && rank >= 0 && (at === 0 || rank > ranks[at - 1]!),
  );
  if (ranks.length === 0 || ranks.length > MOST_CHOICES || !ascending)
    throw new UserError(`[${ranks.join(", ")}] is not a list of ranks`, {
      place: path,
      remedy: `Give 1 to ${MOST_CHOICES} whole ranks from 0 up, ascending and each once.`,
    });
  return ranks;
}

/** The gene's rank under its choice. */
export function rankOf(space: SearchSpace, choices: ChoiceVector, gene: number): number {
  return space.genes[gene]!.choices[choices[gene]!]!;
}

/** Adapter parameters: sum of rank x (in + out) over the modules. */
export function parametersOf(space: SearchSpace, choices: ChoiceVector): number {
  return space.genes.reduce((sum, gene, at) => sum + gene.costPerRank * gene.choices[choices[at]!]!, 0);
}

/** Module path -> rank, modules in the order of the forward pass. */
export function toArchitecture(space: SearchSpace, choices: ChoiceVector): Architecture {
  return Object.fromEntries(space.modules.map(({ path, gene }) => [path, rankOf(space, choices, gene)]));
}

/** The rank of every module of the space in order: a row of a rank mask. */
export function moduleRanks(space: SearchSpace, choices: ChoiceVector): Uint16Array {
  return Uint16Array.from(space.modules, ({ gene }) => rankOf(space, choices, gene));
}

/**
 * The inverse of `toArchitecture`. Throws a `RangeError` when a module is missing, has a rank outside its choices, or
 * differs from its tie.
 */
export function toChoices(space: SearchSpace, architecture: Architecture): ChoiceVector {
  return Uint8Array.from(space.genes, ({ modules, choices, name }) => {
    const rank = architecture[name];
    const choice = choices.indexOf(rank ?? Number.NaN);
    if (choice < 0) throw new RangeError(`rank ${rank} of ${name} is not one of ${choices.join(", ")}`);
    for (const path of modules)
      if (architecture[path] !== rank) throw new RangeError(`${path} is tied to ${name} but has another rank`);
    return choice;
  });
}

/** The same architecture gives the same text: module paths sorted, ranks as numbers. */
export function canonicalArchitecture(architecture: Architecture): string {
  return JSON.stringify(Object.fromEntries(Object.entries(architecture).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** A short key, unique within one space: the ranks of the genes in order. */
export function choicesKey(space: SearchSpace, choices: ChoiceVector): string {
  return space.genes.map((_, gene) => rankOf(space, choices, gene)).join(",");
}

/** Every gene at its smallest choice. */
export function smallest(space: SearchSpace): ChoiceVector {
  return new Uint8Array(space.genes.length);
}

/** Every gene at its largest choice. */
export function largest(space: SearchSpace): ChoiceVector {
  return Uint8Array.from(space.genes, ({ choices }) => choices.length - 1);
}

/** Decimal logarithm of the number of architectures. */
export function log10Size(space: SearchSpace): number {
  return space.genes.reduce((sum, { choices }) => sum + Math.log10(choices.length), 0);
}

/** Number of architectures, those above a budget included. */
export function sizeOf(space: SearchSpace): bigint {
  return space.genes.reduce((size, { choices }) => size * BigInt(choices.length), 1n);
}

/** All architectures within the budget that differ in one gene, by one step up or down; genes in order, the lower one first. */
export function neighbours(space: SearchSpace, choices: ChoiceVector, maxParameters: number): ChoiceVector[] {
  const parameters = parametersOf(space, choices);
  return space.genes.flatMap(({ choices: ranks, costPerRank }, gene) =>
    [choices[gene]! - 1, choices[gene]! + 1].flatMap((choice) => {
      const rank = ranks[choice];
      if (rank === undefined || parameters + costPerRank * (rank - ranks[choices[gene]!]!) > maxParameters) return [];
      const neighbour = Uint8Array.from(choices);
      neighbour[gene] = choice;
      return [neighbour];
    }),
  );
}

/** Whether an architecture keeps the budget (its parameters are not above it). */
export function isFeasible(space: SearchSpace, choices: ChoiceVector, maxParameters: number): boolean {
  return parametersOf(space, choices) <= maxParameters;
}

/** Throws a `UserError` when even the smallest architecture is above the budget. */
export function requireFeasible(space: SearchSpace, maxParameters: number): void {
  const least = parametersOf(space, smallest(space));
  if (least > maxParameters)
    throw new UserError(`no choice of ranks has ${maxParameters} parameters or fewer: the smallest has ${least}`, {
      remedy: "Raise the parameter budget, or add smaller ranks (0 leaves a module out) to the targets.",
    });
}

/** Share of modules whose rank differs between two architectures, 0 to 1. */
export function shareMoved(space: SearchSpace, a: ChoiceVector, b: ChoiceVector): number {
  const moved = space.modules.filter(({ gene }) => a[gene] !== b[gene]).length;
  return space.modules.length === 0 ? 0 : moved / space.modules.length;
}
