import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { randomStream } from "../../runtime/random/random.js";
import { tinyBackbone } from "../training/tiny-backbone.js";

const test = suite<{ folder: string }>("kill -9");
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "lnas-kill-"));
  tinyBackbone(join(context.folder, "backbone"));
});
test.after((context) => rmSync(context.folder, { recursive: true, force: true }));

const RUNNER = fileURLToPath(new URL("./tiny-run.js", import.meta.url));

/** Runs the program; kills it so many milliseconds after it has begun to work. Resolves with whether it came to its end. */
function runAndKill(specFolder: string, runFolder: string, killAfterMs: number | null): Promise<boolean> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [RUNNER, specFolder, runFolder], { stdio: ["ignore", "pipe", "pipe"] });
    let errors = "";
    child.stderr.on("data", (chunk) => (errors += chunk));
    child.stdout.once("data", () => {
      if (killAfterMs !== null) setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    });
    child.on("close", (code, signal) => {
      if (code === 0 || signal === "SIGKILL") done(code === 0);
      else failed(new Error(errors));
    });
  });
}

const results = (folder: string) =>
  [
    "ranks.json",
    join("out", "adapter", "adapter_model.safetensors"),
    join("out", "adapter", "adapter_config.json"),
  ].map((file) => readFileSync(join(folder, file)).toString("base64"));

test("killed at random moments, the same command ends in the same ranks and adapter bytes", async ({ folder }) => {
  const whole = join(folder, "whole");
  const killed = join(folder, "killed");
  assert.ok(await runAndKill(folder, whole, null));
  const moments = randomStream(1, "moments of killing");
  let kills = 0;
  for (let attempt = 0; attempt < 6; attempt++)
    if (!(await runAndKill(folder, killed, 20 + moments.integer(250)))) kills++;
  assert.ok(kills >= 2, `${kills} kills`);
  assert.ok(await runAndKill(folder, killed, null));
  assert.equal(results(killed), results(whole));
  const left = readdirSync(killed, { recursive: true, encoding: "utf8" }).filter((name) => /\.tmp$|^lock$/.test(name));
  assert.equal(left, []);
});

test.run();
