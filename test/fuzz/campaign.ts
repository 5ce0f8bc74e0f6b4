/** A run of many cases: each made from the seed and its number alone, taken through everything, and held against every law. */
import type { Compiled } from "../../compiler/index.js";
import { randomStream } from "../../runtime/random/random.js";
import { CORPUS } from "./corpus.js";
import { generateSpec, pick } from "./generate.js";
import { compileCase, LAWS, subjectOf } from "./laws.js";
import { mutate } from "./mutate.js";

/** A case that takes longer hangs. */
export const LONGEST_MS = 2000;

const known = CORPUS.map((text) => compileCase(text).experiments).filter((experiments) => experiments.length > 0);

export interface Case {
  readonly text: string;
  /** What it is compared with. */
  readonly others: readonly Compiled[];
}

/** The case of a number. */
export function caseOf(seed: number, number: number): Case {
  const random = randomStream(seed, "fuzz", number);
  const others = pick(random, known);
  const base =
    random.integer(2) === 0 ? pick(random, CORPUS) : generateSpec(random, random.integer(2) === 0 ? 0 : 0.03);
  const text = random.integer(3) === 0 ? base : mutate(base, random);
  return { text, others };
}

/** What was found wrong with a text; undefined when nothing is. */
export interface Verdict {
  readonly law: string;
  readonly problem: string;
}

/** What a case was good for. */
export interface Outcome {
  readonly verdict: Verdict | undefined;
  readonly parsed: boolean;
  readonly compiled: boolean;
  /** Laws that had something to say. */
  readonly applied: readonly string[];
  readonly milliseconds: number;
}

/** Judges one case. */
export function judge({ text, others }: Case): Outcome {
  const started = performance.now();
  const applied: string[] = [];
  const nothing = { parsed: false, compiled: false, applied };
  let law = "nothing throws";
  try {
    const subject = subjectOf(text, others);
    for (const [name, check] of Object.entries(LAWS)) {
      law = name;
      if (check(subject)) applied.push(name);
    }
    const milliseconds = performance.now() - started;
    const parsed = subject.clean !== undefined;
    const compiled = subject.compilation.experiments.length > 0;
    const verdict = { law: "no case takes long", problem: `${milliseconds.toFixed(0)} ms` };
    return { verdict: milliseconds > LONGEST_MS ? verdict : undefined, parsed, compiled, applied, milliseconds };
  } catch (error) {
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ...nothing, verdict: { law, problem }, milliseconds: performance.now() - started };
  }
}

/** Judges a case; one that took long is judged a second time, since other processes may have held it up. */
export function judgeTwice(one: Case): Outcome {
  const first = judge(one);
  return first.verdict?.law === "no case takes long" ? judge(one) : first;
}

export interface Tally {
  cases: number;
  parsed: number;
  compiled: number;
  readonly applied: Map<string, number>;
  slowest: { readonly number: number; readonly milliseconds: number };
  readonly failures: { readonly number: number; readonly verdict: Verdict }[];
}

/** Runs cases `from` to `to - 1`; `before` hears of each before it starts. Goes on after failures, up to ten. */
export function campaign(seed: number, from: number, to: number, before: (number: number) => void = () => {}): Tally {
  const tally: Tally = {
    cases: 0,
    parsed: 0,
    compiled: 0,
    applied: new Map(Object.keys(LAWS).map((name) => [name, 0])),
    slowest: { number: from, milliseconds: 0 },
    failures: [],
  };
  for (let number = from; number < to && tally.failures.length < 10; number++) {
    before(number);
    const { verdict, parsed, compiled, applied, milliseconds } = judgeTwice(caseOf(seed, number));
    tally.cases++;
    if (parsed) tally.parsed++;
    if (compiled) tally.compiled++;
    for (const name of applied) tally.applied.set(name, tally.applied.get(name)! + 1);
    if (milliseconds > tally.slowest.milliseconds) tally.slowest = { number, milliseconds };
    if (verdict !== undefined) tally.failures.push({ number, verdict });
  }
  return tally;
}
