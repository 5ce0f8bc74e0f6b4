/** Runs the tiny program in a process of its own, for tests that kill it: `node tiny-run.js <spec folder> <run folder>`. */
import { join } from "node:path";
import { executeProgram } from "../../runtime/experiment/execute.js";
import { openBackbone } from "../../runtime/models/index.js";
import { tinyProgram } from "./tiny-program.js";

const [specFolder, runFolder] = process.argv.slice(2) as [string, string];
await executeProgram(tinyProgram(openBackbone(join(specFolder, "backbone"))), {
  specFolder,
  runFolder,
  engine: "onnx",
  engineOptions: { threads: 1 },
  onEvent: ({ type }) => type === "run started" && process.stdout.write("started\n"),
});
