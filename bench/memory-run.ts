/** One training step of ours in a process of its own, for bench/memory.ts: prints the peak of its resident memory as JSON. */
import { openExecutor } from "../runtime/executors/index.js";
import { prepareStep, type Targets } from "./step-ours.js";

export interface MemoryCase {
  readonly folder: string;
  readonly targets: Targets;
  readonly rank: number;
  readonly batch: number;
  readonly sequence: number;
  readonly steps: number;
  readonly threads: number;
}

const { folder, targets, rank, batch, sequence, steps, threads } = JSON.parse(process.argv[2]!) as MemoryCase;
const atRest = process.memoryUsage.rss();
const step = await prepareStep(await openExecutor("onnx", { threads }), folder, targets, rank, { batch, sequence });
for (let done = 0; done < steps; done++) await step.step();
console.log(JSON.stringify({ bytes: 1024 * process.resourceUsage().maxRSS, atRest }));
