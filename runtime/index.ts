/** `lnas/runtime`: what generated search programs import, and what TypeScript users may import beside them. */

// To run a program from TypeScript, without the command line.
export type { Example } from "./data/example.js";
export * from "./experiment/api.js";
export * from "./experiment/constructors.js";
export { type ExecuteOptions, executeProgram, type RunEvent, type RunOutcome } from "./experiment/index.js";
export { UserError } from "./formats/errors.js";
export type { ArchitectureOf } from "./search/types.js";
export { Interrupted } from "./training/interrupted.js";
