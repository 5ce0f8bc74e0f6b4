/**
 * `npm run fuzz:language -- --cases 100000 --seed 1`: generated and damaged specs through parser, checker, formatter and diff, held against the
 * laws of test/fuzz/laws.ts. A case is made from the seed and its number: `--from 4711 --cases 1` repeats one, `--file spec.lnas` judges a
 * file. What fails is made smaller and written below `.cache/fuzz/`.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type Case, campaign, caseOf, judge, LONGEST_MS, type Tally, type Verdict } from "../test/fuzz/campaign.js";
import { shrink } from "../test/fuzz/shrink.js";

const FOLDER = join(".cache", "fuzz");
/** A case that is not done after this many times the longest will never be. */
const PATIENCE = 10;

interface Work {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** The number of the case at hand, for the main thread to see. */
  readonly at: Int32Array;
}

if (isMainThread) process.exitCode = await main();
else {
  const { seed, from, to, at } = workerData as Work;
  parentPort!.postMessage(campaign(seed, from, to, (number) => Atomics.store(at, 0, number)));
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      cases: { type: "string", default: "5000" },
      seed: { type: "string", default: "1" },
      from: { type: "string", default: "0" },
      file: { type: "string" },
    },
  });
  if (values.file !== undefined) {
    const { verdict, parsed, compiled, milliseconds } = judge({
      ...caseOf(1, 0),
      text: readFileSync(values.file, "utf8"),
    });
    console.log(verdict === undefined ? "no law is broken" : `${verdict.law}: ${verdict.problem}`);
    console.log(
      `${parsed ? "parses" : "does not parse"}, ${compiled ? "compiles" : "does not compile"}, ${milliseconds.toFixed(0)} ms`,
    );
    return verdict === undefined ? 0 : 1;
  }
  const [seed, from] = [Number(values.seed), Number(values.from)];
  const started = performance.now();
  const tally = await watched({
    seed,
    from,
    to: from + Number(values.cases),
    at: new Int32Array(new SharedArrayBuffer(4)),
  });
  if (tally === undefined) return 1;
  const seconds = (performance.now() - started) / 1000;
  const { cases, parsed, compiled, applied, slowest, failures } = tally;
  console.log(
    `${cases} cases from ${from} of seed ${seed} in ${seconds.toFixed(1)} s, ${((seconds * 1000) / cases).toFixed(1)} ms each`,
  );
  console.log(`${parsed} parsed, ${compiled} with an experiment that compiled`);
  console.log(`slowest: case ${slowest.number}, ${slowest.milliseconds.toFixed(0)} ms (the limit is ${LONGEST_MS})`);
  for (const [name, count] of applied) console.log(`${String(count).padStart(8)}  ${name}`);
  console.log(`${failures.length} failures`);
  for (const { number, verdict } of failures) tell(caseOf(seed, number), verdict, `${seed}-${number}`);
  return failures.length === 0 ? 0 : 1;
}

/** Runs the cases in another thread; undefined, and said so, when one of them does not end. */
function watched(work: Work): Promise<Tally | undefined> {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: work });
  return new Promise((done, failed) => {
    let last = -1;
    let since = performance.now();
    const timer = setInterval(() => {
      const number = Atomics.load(work.at, 0);
      if (number !== last) since = performance.now();
      last = number;
      if (performance.now() - since < PATIENCE * LONGEST_MS) return;
      end(undefined);
      mkdirSync(FOLDER, { recursive: true });
      const file = join(FOLDER, `${work.seed}-${number}.lnas`);
      writeFileSync(file, caseOf(work.seed, number).text);
      console.log(`case ${number} does not end; it is in ${file}`);
    }, 500);
    const end = (tally: Tally | undefined) => {
      clearInterval(timer);
      void worker.terminate();
      done(tally);
    };
    worker.on("message", end);
    worker.on("error", failed);
  });
}

/** Makes a failing case smaller, keeps it, and says how to repeat it. */
function tell(one: Case, verdict: Verdict, name: string): void {
  const small = shrink(one.text, (text) => judge({ ...one, text }).verdict?.law === verdict.law);
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${name}.lnas`);
  writeFileSync(file, small);
  console.log(
    `\n${name}: ${verdict.law}\n${verdict.problem}\n--- ${file}, from ${one.text.length} to ${small.length} characters\n${small}`,
  );
  console.log(`--- again: npm run fuzz:language -- --file ${file}`);
}
