import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { randomStream } from "../../runtime/random/random.js";
import { LNASC, writeShortExample } from "./short-example.js";

const test = suite<{ folder: string }>("resume");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-resume-"));
  writeShortExample(context.folder);
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

const KILLS = 10;

interface Ended {
  readonly finished: boolean;
  /** What it told last. */
  readonly lastLine: string;
  readonly wallClockMs: number;
}

/** When to kill: so long after the start, or after the data have been read. */
interface Moment {
  readonly after: "start" | "data";
  readonly ms: number;
}

/** Runs the experiment, and kills it at a moment; null lets it finish. */
function run(folder: string, runs: string, kill: Moment | null): Promise<Ended> {
  const begun = performance.now();
  return new Promise((done, failed) => {
    const command = [LNASC, "run", join(folder, "short.lnas"), "--runs-dir", join(folder, runs)];
    const child = spawn(process.execPath, command, { stdio: ["ignore", "ignore", "pipe"] });
    let told = "";
    let timer: NodeJS.Timeout | undefined;
    const arm = (from: Moment["after"]) => {
      if (kill?.after === from && timer === undefined) timer = setTimeout(() => child.kill("SIGKILL"), kill.ms);
    };
    child.stderr.on("data", (chunk) => {
      told += chunk;
      if (/dataset/.test(told)) arm("data");
    });
    arm("start");
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0 || signal === "SIGKILL")
        done({
          finished: code === 0,
          lastLine: told.trimEnd().split("\n").at(-1)!.trim(),
          wallClockMs: performance.now() - begun,
        });
      else failed(new Error(told));
    });
  });
}

/** Ranks and adapter of the only run under a folder. */
function results(runs: string): string[] {
  const [name] = readdirSync(runs);
  return ["ranks.json", join("adapter", "adapter_model.safetensors"), join("adapter", "adapter_config.json")].map(
    (file) => readFileSync(join(runs, name!, file)).toString("base64"),
  );
}

test(`killed ${KILLS} times at random moments, the same command ends in the same ranks and adapter bytes`, async ({
  folder,
}) => {
  const uninterrupted = await run(folder, "whole", null);
  assert.ok(uninterrupted.finished);
  const whole = results(join(folder, "whole"));
  // A new seed each time; printed, so that a failure can be repeated.
  const seed = Number(process.env.LNAS_TEST_SEED ?? Date.now() % 2 ** 31);
  console.log(`uninterrupted: ${(uninterrupted.wallClockMs / 1000).toFixed(1)} s; LNAS_TEST_SEED=${seed}`);
  const moments = randomStream(seed, "moments of killing");
  const killed = join(folder, "killed");
  let kills = 0;
  while (kills < KILLS) {
    const ms = 0.3 * moments.uniform() * uninterrupted.wallClockMs;
    const moment: Moment = { after: kills % 5 === 4 ? "start" : "data", ms };
    const { finished, lastLine } = await run(folder, "killed", moment);
    if (finished) {
      // It came to its end before it had been killed often enough: begin another one.
      assert.equal(results(killed), whole);
      rmSync(killed, { recursive: true });
      continue;
    }
    kills++;
    console.log(`kill ${kills}, ${(ms / 1000).toFixed(1)} s after ${moment.after}: ${lastLine}`);
  }
  await run(folder, "killed", null);
  assert.equal(results(killed), whole);
});

test.run();
