/**
 * One engine against the reference in double precision, in a process of its own, so that a crash of native code is one engine's failure.
 * The question is the first argument; the answer is one JSON line an op.
 */
import { ExecutionError } from "../../runtime/executors/index.js";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import { opNames } from "../../runtime/graph/ops/index.js";
import { openTested, type TestedEngine } from "../executors/engines.js";
import { opCases } from "../graph/op-cases.js";
import { caseGraph } from "./case-graph.js";
import { randomCase } from "./random-cases.js";
import { worstError } from "./worst-error.js";

export interface Question {
  readonly engine: TestedEngine;
  readonly seed: number;
  /** Random cases of each op, beside the fixed ones of op-cases.ts. */
  readonly cases: number;
}

/** Absent: the engine as a whole. Failed: this op. */
export type Answer =
  | { readonly kind: "absent"; readonly reason: string }
  | { readonly kind: "compared"; readonly op: string; readonly value: number; readonly gradient: number }
  | { readonly kind: "failed"; readonly op: string; readonly reason: string };

const isGradient = (name: string): boolean => name.startsWith("gradient");
const say = (answer: Answer): void => {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
};

const { engine: tested, seed, cases } = JSON.parse(process.argv[2]!) as Question;
const exact = referenceExecutor({ float64: true });
const engine = tested.engine === "reference" ? referenceExecutor() : await openTested(tested);
if (typeof engine === "string") say({ kind: "absent", reason: engine });
else
  for (const op of opNames)
    try {
      const random = Array.from({ length: cases }, (_, number) => randomCase(op, seed, number));
      const { graph, feeds } = caseGraph(op, [...opCases[op], ...random], seed);
      const expected = await (await exact.compile(graph)).run(feeds);
      const compiled = await engine.compile(graph, { label: op });
      const got = await compiled.run(feeds);
      await compiled.dispose();
      const value = worstError(got, expected, (name) => !isGradient(name));
      say({ kind: "compared", op, value, gradient: worstError(got, expected, isGradient) });
    } catch (cause) {
      if (!(cause instanceof ExecutionError)) throw cause;
      say({ kind: "failed", op, reason: cause.message });
    }
// Threads of native libraries may keep a process alive.
process.exit(0);
