/**
 * `npm run test:engines`: every op's gradient against central differences in double precision, and every engine on every device against
 * the reference in double precision, on fixed and random cases. Prints the seed and a table of ops and engines with the worst error.
 * LNAS_SEED and LNAS_CASES choose other random cases.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { columns } from "../../compiler/columns.js";
import { referenceExecutor } from "../../runtime/executors/reference/engine.js";
import { type OpName, opNames, ops } from "../../runtime/graph/ops/index.js";
import type { HostTensor } from "../../runtime/graph/types.js";
import { caseGraph } from "../engines/case-graph.js";
import type { Answer, Question } from "../engines/compare-engine.js";
import { randomCase } from "../engines/random-cases.js";
import { nameOf, shortPrecisions, type TestedEngine, testedEngines } from "../executors/engines.js";

const test = suite("every op on every engine");
const seed = Number(process.env.LNAS_SEED ?? 1);
const cases = Number(process.env.LNAS_CASES ?? 12);

const REFERENCE: TestedEngine = { engine: "reference", device: "cpu", tolerance: 1e-5, threads: 1 };

/** The largest difference of a derived gradient to central differences, relative where these are above 1. */
async function differenceError(op: OpName, number: number): Promise<number> {
  const { graph, feeds } = caseGraph(op, [randomCase(op, seed, number)], seed);
  const compiled = await referenceExecutor({ float64: true }).compile(graph);
  const { ...results } = await compiled.run(feeds);
  let worst = 0;
  for (const [input, { shape, dtype, data }] of Object.entries(feeds) as [string, HostTensor][]) {
    const gradient = results[`gradient0/${input.slice(0, -1)}`];
    if (gradient === undefined) continue;
    for (let at = 0; at < data.length; at++) {
      const h = 1e-5;
      const nudged = async (by: number): Promise<number> => {
        const moved = (data as Float64Array).with(at, data[at]! + by);
        return (await compiled.run({ ...feeds, [input]: { shape, dtype, data: moved } })).loss0!.data[0]!;
      };
      // To derivatives a stopped value is a constant.
      const stopped = op === "stopGradient" && input === "x0";
      const difference = stopped ? 0 : ((await nudged(h)) - (await nudged(-h))) / (2 * h);
      worst = Math.max(worst, Math.abs(gradient.data[at]! - difference) / Math.max(1, Math.abs(difference)));
    }
  }
  await compiled.dispose();
  return worst;
}

/** What one engine answers; an engine whose process dies has failed from there on. */
function ask(
  engine: TestedEngine,
): Promise<{ readonly answers: readonly Answer[]; readonly died: string | undefined }> {
  return new Promise((done) => {
    const script = join(fileURLToPath(import.meta.url), "..", "..", "engines", "compare-engine.js");
    const question: Question = { engine, seed, cases };
    const child = spawn(process.execPath, [script, JSON.stringify(question)], { stdio: ["ignore", "pipe", "pipe"] });
    let [text, errors] = ["", ""];
    child.stdout.on("data", (chunk) => (text += chunk));
    child.stderr.on("data", (chunk) => (errors += chunk));
    child.on("close", (status, signal) => {
      const answers = text
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as Answer);
      const died =
        status === 0 ? undefined : `ended with ${signal ?? status}: ${errors.trim().split("\n").at(-1) ?? ""}`;
      done({ answers, died });
    });
  });
}

console.log(`seed ${seed}, ${cases} random cases an op beside the fixed ones`);
const differences = new Map<OpName, number>();
for (const op of opNames)
  test(`${op}: gradients are those of central differences`, async () => {
    if (typeof ops[op].vjp === "string") return;
    let worst = 0;
    for (let number = 0; number < cases; number++) worst = Math.max(worst, await differenceError(op, number));
    differences.set(op, worst);
    assert.ok(worst <= 2e-6, `off by ${worst}`);
  });

const asked: {
  readonly engine: TestedEngine;
  readonly answers: readonly Answer[];
  readonly died: string | undefined;
}[] = [];
for (const engine of [REFERENCE, ...testedEngines, ...shortPrecisions]) asked.push({ engine, ...(await ask(engine)) });

const absenceOf = (answers: readonly Answer[]): string | undefined =>
  answers.flatMap((answer) => (answer.kind === "absent" ? [answer.reason] : []))[0];
const answerOf = (answers: readonly Answer[], op: OpName) =>
  answers.flatMap((answer) => (answer.kind !== "absent" && answer.op === op ? [answer] : []))[0];

for (const { engine, answers, died } of asked) {
  if (absenceOf(answers) !== undefined) {
    test.skip(nameOf(engine), () => {});
    continue;
  }
  for (const op of opNames)
    test(`${nameOf(engine)}: ${op}`, () => {
      const answer = answerOf(answers, op);
      if (answer === undefined) assert.unreachable(`no answer; the process ${died ?? "said nothing"}`);
      else if (answer.kind === "failed") assert.unreachable(answer.reason);
      else {
        const worst = Math.max(answer.value, answer.gradient);
        assert.ok(worst <= engine.tolerance, `off by ${worst.toExponential(1)}, allowed ${engine.tolerance}`);
      }
    });
}

test("the table has no hole", () => {
  const short = (error: number): string => (error === 0 ? "0" : error.toExponential(0));
  const cell = (answers: readonly Answer[], op: OpName): string => {
    const answer = answerOf(answers, op);
    if (answer === undefined) return absenceOf(answers) === undefined ? "died" : "absent";
    if (answer.kind === "failed") return "failed";
    return typeof ops[op].vjp === "string" ? short(answer.value) : `${short(answer.value)} ${short(answer.gradient)}`;
  };
  const rows = opNames.map((op) => [
    op,
    differences.has(op) ? short(differences.get(op)!) : "none",
    ...asked.map(({ answers }) => cell(answers, op)),
  ]);
  const head = ["op", "differences", ...asked.map(({ engine }) => nameOf(engine))];
  console.log("\nlargest |got - expected| / max(1, |expected|): of values, of gradients");
  console.log(columns([head, ...rows]).join("\n"));
  for (const { engine, answers } of asked)
    if (absenceOf(answers) !== undefined) console.log(`${nameOf(engine)} is not here: ${absenceOf(answers)}`);
  assert.equal(
    rows.filter((row) => row.includes("died") || row.includes("failed")),
    [],
  );
});

test.run();
