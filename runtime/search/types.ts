/** The vocabulary of rank search. Nothing here knows a tensor. */

/** Module path -> the ranks it may take. 0 = no adapter on that module. */
export type RankSpace = Readonly<Record<string, readonly number[]>>;

/** One rank for every module; a rank outside a module's choices is a type error. */
export type ArchitectureOf<S extends RankSpace> = { readonly [M in keyof S]: S[M][number] };

/** An architecture whose space is not known statically. */
export type Architecture = Readonly<Record<string, number>>;
