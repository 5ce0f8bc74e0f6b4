import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { StageLine } from "../../runtime/experiment/report/index.js";
import { randomStream } from "../../runtime/random/random.js";
import { DEFAULT_SEARCH, keepExamples, LNASC, writeShortExample } from "./short-example.js";

const test = suite<{ folder: string }>("resume");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-resume-"));
  writeShortExample(context.folder, DEFAULT_SEARCH);
  keepExamples(context.folder, 128);
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

const KILLS = 20;

/** A stage of a run, in order, and how long after its start it was done. */
interface Stage {
  readonly title: string;
  readonly ms: number;
}

/** When to kill: in the first stage from `index` on that is worked on, after this share of its time, and no later than its end. */
interface Moment {
  /** Of the uninterrupted run's stages. */
  readonly index: number;
  readonly share: number;
  readonly stages: readonly Stage[];
}

interface Ended {
  readonly finished: boolean;
  /** What it was at. */
  readonly last: string;
  readonly stages: readonly Stage[];
}

/** Runs the experiment, and kills it at a moment; null lets it finish. */
function run(folder: string, runs: string, kill: Moment | null): Promise<Ended> {
  return new Promise((done, failed) => {
    const command = [LNASC, "run", join(folder, "short.lnas"), "--runs-dir", join(folder, runs), "--json"];
    const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] });
    const stages: Stage[] = [];
    let told = "";
    let last = "";
    let begun = 0;
    let timer: NodeJS.Timeout | undefined;
    child.stderr.on("data", (chunk) => {
      told += chunk;
    });
    createInterface(child.stdout).on("line", (line) => {
      const { type, stage, detail, step } = JSON.parse(line) as Record<string, string>;
      if (stage !== undefined) last = [stage, detail, step].filter((part) => part !== undefined).join(", ");
      if (type === "stage started") begun = performance.now();
      if (type === "stage finished") stages.push({ title: stage!, ms: performance.now() - begun });
      if (kill === null) return;
      const from = kill.stages.slice(kill.index).find(({ title }) => title === stage);
      if (type === "run finished" || (type === "stage finished" && timer !== undefined)) child.kill("SIGKILL");
      if (type === "stage started" && from !== undefined)
        timer ??= setTimeout(() => child.kill("SIGKILL"), kill.share * from.ms);
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0 || signal === "SIGKILL") done({ finished: code === 0, last, stages });
      else failed(new Error(told));
    });
  });
}

/** What a name begins with that belongs to the same kind of stage: every retraining is one. */
const kindOf = (title: string) => title.split(" ")[0]!;

/**
 * Moments in the order of the run: one in each kind of stage, the others anywhere in it, long stages more often. A run that goes on
 * from one is killed in the same stage or in a later one.
 */
function momentsIn(stages: readonly Stage[], seed: number): Moment[] {
  const random = randomStream(seed, "moments of killing");
  const within = (index: number): Moment => ({ index, share: random.uniform(), stages });
  const kinds = [...new Set(stages.map(({ title }) => kindOf(title)))];
  const one = kinds.map((kind) => {
    const those = stages.flatMap(({ title }, index) => (kindOf(title) === kind ? [index] : []));
    return within(those[random.integer(those.length)]!);
  });
  const total = stages.reduce((sum, { ms }) => sum + ms, 0);
  const anywhere = Array.from({ length: KILLS - one.length }, () => {
    let left = total * random.uniform();
    const index = stages.findIndex(({ ms }) => {
      left -= ms;
      return left < 0;
    });
    return within(index < 0 ? stages.length - 1 : index);
  });
  return [...one, ...anywhere].sort((a, b) => a.index - b.index || a.share - b.share);
}

/** Figures of a report: all but times and the machine. */
function figures(text: string): string {
  const { time: _, stages, manifest, ...rest } = JSON.parse(text);
  const { machine: __, ...facts } = manifest;
  return JSON.stringify({ ...rest, ...facts, stages: stages.map(({ stage, summary }: StageLine) => [stage, summary]) });
}

/** Ranks, adapter and figures of the only run under a folder. */
function results(runs: string): Record<string, string> {
  const [name] = readdirSync(runs);
  const bytes = (...path: string[]) => readFileSync(join(runs, name!, ...path));
  return {
    ranks: bytes("ranks.json").toString(),
    adapter: bytes("adapter", "adapter_model.safetensors").toString("base64"),
    config: bytes("adapter", "adapter_config.json").toString(),
    report: figures(bytes("report.json").toString()),
  };
}

test(`killed at ${KILLS} random moments of all stages, the same command ends in the same ranks, adapter bytes and figures`, async ({
  folder,
}) => {
  const { finished, stages } = await run(folder, "whole", null);
  assert.ok(finished);
  const whole = results(join(folder, "whole"));
  for (const kind of ["super-network", "search", "annealed_importance", "retrain", "rival", "ranking", "export"])
    assert.ok(
      stages.some(({ title }) => kindOf(title) === kind),
      kind,
    );
  // A new seed each time; printed, so that a failure can be repeated.
  const seed = Number(process.env.LNAS_TEST_SEED ?? Date.now() % 2 ** 31);
  const seconds = stages.reduce((sum, { ms }) => sum + ms, 0) / 1000;
  console.log(`uninterrupted: ${stages.length} stages, ${seconds.toFixed(1)} s; LNAS_TEST_SEED=${seed}`);
  const killed = join(folder, "killed");
  let kills = 0;
  for (const moment of momentsIn(stages, seed))
    for (let isKilled = false; !isKilled; ) {
      const ended = await run(folder, "killed", moment);
      isKilled = !ended.finished;
      if (isKilled) {
        kills++;
        console.log(`kill ${kills}, from ${stages[moment.index]!.title} on, at: ${ended.last}`);
        continue;
      }
      // It came to its end first: begin another one.
      assert.equal(results(killed), whole);
      rmSync(killed, { recursive: true });
    }
  assert.is(kills, KILLS);
  assert.ok((await run(folder, "killed", null)).finished);
  assert.equal(results(killed), whole);
});

test.run();
