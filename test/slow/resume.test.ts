import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { randomStream } from "../../runtime/random/random.js";

const test = suite<{ folder: string }>("resume");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-resume-"));
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

const RUNNER = fileURLToPath(new URL("./handwriting-run.js", import.meta.url));
const KILLS = 10;

interface Ended {
  readonly finished: boolean;
  /** What it told last. */
  readonly lastEvent: string;
  readonly wallClockMs: number;
}

/** Runs the experiment and kills it so many milliseconds after it was started; null lets it finish. */
function run(runFolder: string, killAfterMs: number | null): Promise<Ended> {
  const begun = performance.now();
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [RUNNER, runFolder], { stdio: ["ignore", "pipe", "pipe"] });
    let [lastEvent, errors] = ["nothing", ""];
    child.stdout.on("data", (chunk: Buffer) => {
      lastEvent = chunk.toString().trim().split("\n").at(-1)!;
    });
    child.stderr.on("data", (chunk) => (errors += chunk));
    const timer = killAfterMs === null ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0 || signal === "SIGKILL")
        done({ finished: code === 0, lastEvent, wallClockMs: performance.now() - begun });
      else failed(new Error(errors));
    });
  });
}

const results = (folder: string) =>
  ["ranks.json", join("adapter", "adapter_model.safetensors"), join("adapter", "adapter_config.json")].map((file) =>
    readFileSync(join(folder, file)).toString("base64"),
  );

test(`killed ${KILLS} times at random moments, the run ends in the same ranks and adapter bytes`, async ({
  folder,
}) => {
  const whole = join(folder, "whole");
  const killed = join(folder, "killed");
  const uninterrupted = await run(whole, null);
  assert.ok(uninterrupted.finished);
  // A new seed each time; printed, so that a failure can be repeated.
  const seed = Number(process.env.LNAS_TEST_SEED ?? Date.now() % 2 ** 31);
  console.log(`uninterrupted: ${(uninterrupted.wallClockMs / 1000).toFixed(1)} s; LNAS_TEST_SEED=${seed}`);
  const moments = randomStream(seed, "moments of killing");
  let kills = 0;
  while (kills < KILLS) {
    const { finished, lastEvent } = await run(killed, (0.05 + 0.35 * moments.uniform()) * uninterrupted.wallClockMs);
    if (finished) {
      // It came to its end before it had been killed often enough: begin another one.
      assert.equal(results(killed), results(whole));
      rmSync(killed, { recursive: true });
      continue;
    }
    kills++;
    console.log(`kill ${kills}: ${lastEvent.slice(0, 140)}`);
  }
  await run(killed, null);
  assert.equal(results(killed), results(whole));
});

test.run();
