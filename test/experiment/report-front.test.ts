import { JSDOM } from "jsdom";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { frontChart } from "../../runtime/experiment/report/charts/front.js";
import { frontKnee, frontVolume } from "../../runtime/experiment/report/front-view.js";
import { type Findings, reportHtml, reportMarkdown } from "../../runtime/experiment/report/index.js";
import { tableOf } from "./page-tables.js";
import { SAMPLE_RANKS, sampleArm, sampleFindings, sampleReport } from "./sample-report.js";

const front = (...points: readonly (readonly [number, number])[]) =>
  points.map(([parameters, loss]) => ({ parameters, loss }));
const withFront = (points: ReturnType<typeof front>, maxParameters: number | null = 256) =>
  sampleReport({ search: { ...sampleFindings.search!, front: points }, maxParameters });

test("hypervolume of a front up to its budget, by hand", () => {
  // Up to (4, 5): 1 x 0 + 1 x 3 + 1 x 4 = 7 of (4 - 1) x (5 - 1) = 12.
  const found = frontVolume(front([1, 5], [2, 2], [3, 1]), 4);
  assert.equal(found, { volume: 7, share: 7 / 12, parameters: 4, loss: 5 });
  // Without a budget up to the largest size: 1 x 0 + 1 x 3 of 2 x 4.
  assert.equal(frontVolume(front([1, 5], [2, 2], [3, 1]), null), { volume: 3, share: 3 / 8, parameters: 3, loss: 5 });
  assert.is(frontVolume(front([2, 2]), 4), null);
  assert.is(frontVolume([], 4), null);
});

test("knee and hypervolume are told, and the knee is marked in chart and tables", () => {
  const [page, markdown] = [reportHtml(sampleReport()), reportMarkdown(sampleReport())];
  // Figures of the page do not break before their unit.
  for (const text of [page.replaceAll("\u00a0", " "), markdown]) {
    assert.match(text, "Knee: 180 parameters with 0.3000, the point farthest below");
    // (256 - 180) x (0.4 - 0.3) of (256 - 100) x (0.4 - 0.28).
    assert.match(text, "Hypervolume: 7.6 parameters × loss");
    assert.match(text, "up to 256 parameters and its highest loss, 0.4000: 41 % of the rectangle");
  }
  assert.equal(
    tableOf(page, "Table of the Pareto front").rows.map(([size]) => size),
    ["100", "180 (knee)", "256"],
  );
  const { document } = new JSDOM(page).window;
  const chart = document.querySelector("svg[aria-labelledby^=front]")!;
  assert.match(chart.querySelector("desc")!.textContent!, "the knee is at 180 parameters with 0.3000");
  const [ring, dots] = [chart.querySelector("circle.curve")!, [...chart.querySelectorAll("circle.dot")]];
  assert.equal(
    dots.map((dot) => ["cx", "cy"].every((name) => dot.getAttribute(name) === ring.getAttribute(name))),
    [false, true, false],
  );
  assert.ok([...chart.querySelectorAll("text")].some(({ textContent }) => textContent === "knee"));
});

test("the word beside the knee stays within the chart, however far right the knee is", () => {
  for (let at = 2; at < 100; at++) {
    const points = front([1, 1], [at, 0.001], [100, 0]);
    if (frontKnee(points)?.parameters !== at) continue;
    const { body, width } = frontChart(withFront(points, 100), "loss")!;
    const [, x, anchor] = /<text x="([\d.]+)"[^>]*text-anchor="(\w+)">knee</.exec(body)!;
    const [left, right] = anchor === "end" ? [Number(x) - 30, Number(x)] : [Number(x), Number(x) + 30];
    assert.ok(left > 52 && right < width, `${at}: ${left} to ${right}`);
  }
});

test("a front without a bend has no knee, and says so; one point has neither figure", () => {
  const straight = reportHtml(withFront(front([100, 0.4], [150, 0.35], [200, 0.3])));
  assert.match(straight, "There is no knee");
  assert.not.match(straight, /the ring the knee|>knee</);
  const one = reportHtml(withFront(front([100, 0.4])));
  assert.not.match(one, /Knee|knee|Hypervolume|NaN/);
});

const finalists = (losses: readonly (number | null)[]): Findings["finalists"] =>
  losses.map((superNetworkLoss, at) => ({
    ...sampleArm(`f${at}`, 0.16 + at / 100),
    architecture: { ...SAMPLE_RANKS, "model.multi_modal_projector": at },
    superNetworkLoss,
  }));

test("finalists have their test loss, and a loss in the super-network where one of them has it", () => {
  const [page, markdown] = [reportHtml, reportMarkdown].map((write) =>
    write(sampleReport({ finalists: finalists([null, null]) })),
  ) as [string, string];
  const table = tableOf(page, "Table of finalists");
  assert.equal(table.headers, ["finalist", "parameters", "validation loss", "test loss"]);
  assert.equal(table.column("test loss"), ["0.1700 ± 0.0141", "0.1800 ± 0.0141"]);
  assert.match(
    markdown,
    "| finalist | parameters | validation loss | test loss |\n|---|---:|---:|---:|\n| f0 | 240 | 0.1650 ±",
  );
  const scored = reportHtml(sampleReport({ finalists: finalists([null, 0.2]) }));
  assert.equal(tableOf(scored, "Table of finalists").column("loss in the super-network"), ["–", "0.2000"]);
  for (const text of [page, markdown, scored]) assert.match(text, "validation chose, the test loss is only reported.");
});

test.run();
