import picocolors from "picocolors";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ProgressView } from "../../cli/render/progress.js";
import { seedTable } from "../../cli/render/seeds.js";
import { wantsColor } from "../../cli/terminal.js";
import { columns } from "../../compiler/columns.js";
import { bytesText, groupedDigits, percentText } from "../../compiler/numbers.js";
import type { RunEvent } from "../../runtime/experiment/events.js";
import { compareRuns } from "../../runtime/experiment/report/index.js";
import { sampleArm, sampleReport } from "../experiment/sample-report.js";

const render = suite("rendering");

const colors = picocolors.createColors(false);

/** A view on a recording target, with a clock that the test moves. */
function recorded(isTTY: boolean, quiet = false) {
  const written: string[] = [];
  const clock = { ms: 0 };
  const target = { isTTY, columns: 60, write: (text: string) => written.push(text) };
  return { written, clock, view: new ProgressView(target, { colors, quiet, now: () => clock.ms }) };
}

const progress = (step: number): RunEvent => ({
  type: "progress",
  stage: "super-network",
  step,
  steps: 200,
  unit: "steps",
  loss: 0.41234,
  etaMs: 42_000,
});
const started: RunEvent = { type: "stage started", stage: "super-network", resumed: false };
const finished: RunEvent = { type: "stage finished", stage: "super-network", wallClockMs: 16_000, summary: "loss 0.2" };

render("a terminal has one line that is redrawn, and a line for each finished stage", () => {
  const { written, clock, view } = recorded(true);
  view.show(started);
  view.show(progress(1));
  clock.ms += 50;
  view.show(progress(2));
  clock.ms += 100;
  view.show(progress(3));
  view.show(finished);
  const text = written.join("");
  assert.not.match(text, "2/200");
  assert.match(text, "\r\u001b[2Ksuper-network: 3/200 steps, loss 0.4123, 42 s left");
  assert.ok(text.endsWith("\r\u001b[2Kok super-network (16 s): loss 0.2\n"));
  assert.ok(written.every((piece) => piece.replace("\r\u001b[2K", "").trimEnd().length < 60));
});

render("elsewhere there are plain lines, not too many", () => {
  const { written, clock, view } = recorded(false);
  view.show(started);
  for (let step = 1; step <= 200; step++) {
    clock.ms += 150;
    view.show(progress(step));
  }
  view.show(finished);
  assert.not.match(written.join(""), "\u001b");
  assert.is(written.filter((line) => line.includes("/200")).length, 2);
});

render("quiet leaves warnings with their remedy", () => {
  const { written, view } = recorded(true, true);
  view.show(started);
  view.show(progress(1));
  view.show({ type: "warning", message: "slow", remedy: "Wait." });
  view.show(finished);
  assert.equal(written, ["warning: slow\n", "  remedy: Wait.\n"]);
});

render("colour is for terminals, unless the environment says otherwise", () => {
  assert.is(wantsColor({ isTTY: true }, {}), true);
  assert.is(wantsColor({}, {}), false);
  assert.is(wantsColor({ isTTY: true }, { NO_COLOR: "1" }), false);
  assert.is(wantsColor({ isTTY: true }, { NO_COLOR: "" }), true);
  assert.is(wantsColor({}, { FORCE_COLOR: "1" }), true);
  assert.is(wantsColor({ isTTY: true }, { FORCE_COLOR: "0" }), false);
  assert.is(wantsColor({ isTTY: true }, { TERM: "dumb" }), false);
});

const run = (seed: number, losses: Readonly<Record<string, number>>) => {
  const arms = Object.entries(losses).map(([name, loss]) => ({
    ...sampleArm(name, loss, 1),
    testExactMatch: [1 - loss],
  }));
  const finalists = [{ ...arms.at(-1)!, superNetworkLoss: null }];
  const report = sampleReport({ backbone: undefined, rivals: arms.slice(0, -1), searched: arms.at(-1)!, finalists });
  return { report: { ...report, manifest: { ...report.manifest, seed } } };
};

render("seeds are compared in pairs", () => {
  const table = seedTable(
    compareRuns([
      run(0, { uniform: 0.2, random: 0.5, searched: 0.17 }),
      run(1, { uniform: 0.3, searched: 0.28 }),
      run(2, { uniform: 0.25, searched: 0.24 }),
    ]),
  );
  // `random` is not in every run, so it cannot be paired.
  assert.not.match(table, "random");
  assert.match(table, /^mean +0\.2500 \/ 0\.750 +0\.2300 \/ 0\.770$/m);
  // Differences -.03, -.02, -.01: mean -.02, standard deviation .01.
  assert.match(
    table,
    /uniform +−0\.0200 +± 0\.0058 \(standard error\) +95 % interval −0\.0448 to \+0\.0048 +3 seeds +not told from 0/,
  );
  assert.match(table, /^Over seeds the search cannot be told from uniform ranks: searched minus uniform is −0\.0200/m);
});

render("numbers and columns", () => {
  assert.is(groupedDigits(1234567), "1,234,567");
  assert.is(groupedDigits(5n ** 20n), "95,367,431,640,625");
  assert.is(bytesText(2.5 * 1024 * 1024), "2.5 MiB");
  assert.is(percentText(0.02202), "2.2%");
  const red = picocolors.createColors(true).red;
  assert.equal(
    columns(
      [
        ["a", "", "bc"],
        [red("abc"), "", "d"],
      ],
      ["left", "left", "right"],
    ),
    ["a    bc", `${red("abc")}   d`],
  );
});

render.run();
