/** `lnas/runtime`: what generated search programs import, and what TypeScript users may import beside them. */
export * from "./experiment/api.js";
export * from "./experiment/constructors.js";
export type { ArchitectureOf } from "./search/types.js";
