/** Experiments: what programs are written against, and running them. */
export * from "./api.js";
export * from "./constructors.js";
export type { EventListener, RunEvent, StageProgress } from "./events.js";
export { type ExecuteOptions, executeProgram, type RunOutcome } from "./execute.js";
export { type FileContent, FileHashes, type HashProgress } from "./file-hashes.js";
export { canonicalJson, hashFile, keyOf } from "./keys.js";
export { LNAS_VERSION, type Machine, thisMachine } from "./machine.js";
export { durationText, type Report, reportMarkdown } from "./report/index.js";
export { type Manifest, type ProgramSources, readManifest, runFolderPath } from "./run-folder.js";
