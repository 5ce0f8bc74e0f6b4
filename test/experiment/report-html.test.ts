import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import axe, { type AxeResults } from "axe-core";
import { JSDOM } from "jsdom";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compareRuns, type Report, reportHtml, runsHtml } from "../../runtime/experiment/report/index.js";
import { contrast, textContrasts } from "./page-colors.js";
import { SAMPLE_RANKS, sampleArm, sampleReport } from "./sample-report.js";

const under = (seed: number): Report => {
  const report = sampleReport();
  return { ...report, manifest: { ...report.manifest, seed, irHash: `ab${seed}` } };
};
const comparison = (reports: readonly Report[]) => compareRuns(reports.map((report) => ({ report })));
const RUNS = [under(0), under(1), under(2)];
/** Two experiments, one of them under two seeds. */
const EXPERIMENTS = [under(0), under(1), { ...under(0), name: "loose", maxParameters: 512 }];
/** What only some runs have: tuned arms, equal cost, shared pictures, rivals with options, no loss of finalists in the super-network. */
const FULL = sampleReport({
  searched: { ...sampleArm("searched", 0.16), architecture: SAMPLE_RANKS, learningRate: 0.01 },
  rivals: [
    { ...sampleArm("uniform", 0.18), learningRate: 0.03 },
    { ...sampleArm("random", 0.19), learningRate: 0.01 },
  ],
  learningRates: [0.003, 0.01, 0.03],
  finalists: ["searched", "prior"].map((name, at) => ({
    ...{ ...sampleArm(name, 0.16 + at / 100), architecture: { ...SAMPLE_RANKS, "model.multi_modal_projector": at } },
    ...{ learningRate: 0.01, superNetworkLoss: null },
  })),
  choosers: [
    { arm: "random", controller: "random", options: { candidates: 7 } },
    { arm: "searched", controller: "natural_policy_gradient", options: {} },
  ],
  equalCost: [
    { arm: { ...sampleArm("uniform", 0.18), learningRate: 0.03 }, choosing: 0, steps: 400, extraSteps: 100 },
    { arm: { ...sampleArm("searched", 0.16), learningRate: 0.01 }, choosing: 4800, steps: 300, extraSteps: 0 },
  ],
  overlaps: [
    { splits: ["train", "test"], examples: 0, pictures: { shared: 12, of: [2000, 1480], examples: [13, 30] } },
    { splits: ["validation", "test"], examples: 0, pictures: null },
  ],
});
const PAGES: Readonly<Record<string, string>> = {
  "one run": reportHtml(sampleReport()),
  "one run with every part": reportHtml(FULL),
  "several runs": runsHtml(comparison(RUNS)),
  "several experiments": runsHtml(comparison(EXPERIMENTS)),
};
/** No script of a page would run: it has none. axe-core is put in from outside. */
const open = (page: string) => new JSDOM(page, { runScripts: "outside-only", pretendToBeVisual: true });

for (const [name, page] of Object.entries(PAGES)) {
  test(`${name}: nothing is loaded and nothing runs`, () => {
    const { document } = open(page).window;
    assert.is(
      document.querySelectorAll("script, link, iframe, object, embed, img, video, audio, base, form").length,
      0,
    );
    for (const element of document.querySelectorAll("*"))
      for (const { name: attribute, value } of element.attributes) {
        assert.not(/^on/i.test(attribute), attribute);
        if (["src", "srcset", "href", "xlink:href", "action", "data", "poster"].includes(attribute))
          assert.match(value, /^(data:|#)/);
      }
    assert.not.match(page, /url\(|@import|https?:\/\//);
    const policy = document.querySelector('meta[http-equiv="Content-Security-Policy"]')!.getAttribute("content")!;
    assert.match(policy, /^default-src 'none'; style-src 'unsafe-inline'; img-src data:/);
  });

  test(`${name}: axe-core finds nothing against it`, async () => {
    const { window } = open(page);
    window.eval(axe.source);
    // Contrast needs a layout, which jsdom has not; it is computed below.
    const run = window.eval(
      "axe.run(document, { rules: { 'color-contrast': { enabled: false } } })",
    ) as Promise<AxeResults>;
    const { violations, passes } = await run;
    assert.equal(
      Array.from(violations, ({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 100)}`),
      [],
    );
    assert.ok(passes.length > 15, `${passes.length} rules had something to check`);
    window.close();
  });

  test(`${name}: figures have a title and a description, tables have headers with a scope, headings stand in order`, () => {
    const { document } = open(page).window;
    assert.is(document.documentElement.lang, "en");
    const pictures = [...document.querySelectorAll("svg")];
    assert.ok(pictures.length > 3);
    for (const picture of pictures) {
      assert.is(picture.getAttribute("role"), "img");
      for (const id of picture.getAttribute("aria-labelledby")!.split(" "))
        assert.ok(document.getElementById(id)!.textContent!.length > 3);
    }
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    assert.is(new Set(ids).size, ids.length);
    const tables = [...document.querySelectorAll("table")];
    assert.ok(tables.length > 1);
    for (const table of tables) {
      for (const header of table.querySelectorAll("th")) assert.ok(header.hasAttribute("scope"));
      const columns = table.querySelectorAll("thead th").length;
      for (const row of table.querySelectorAll("tbody tr")) {
        assert.is(row.children.length, columns);
        assert.is(row.firstElementChild!.localName, "th");
      }
    }
    const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map(({ localName }) => Number(localName[1]));
    assert.is(levels.filter((level) => level === 1).length, 1);
    levels.forEach((level, at) => {
      assert.ok(level <= (levels[at - 1] ?? 0) + 1, `${levels.join()}`);
    });
  });

  for (const scheme of ["light", "dark"] as const)
    test(`${name}: every text has a contrast of 4.5 : 1, ${scheme}`, () => {
      const found = textContrasts(open(page).window, scheme);
      assert.ok(found.length > 60);
      for (const { ratio, ...where } of found) assert.ok(ratio >= 4.5, `${ratio.toFixed(2)}: ${JSON.stringify(where)}`);
      // Both schemes were told apart, and more than the page's own ground was seen.
      assert.is(found[0]!.color, scheme === "light" ? "#1b2330" : "#e4e9f0");
      assert.ok(new Set(found.map(({ background }) => background)).size > 2);
    });
}

test("contrast is that of WCAG", () => {
  assert.is(contrast("#000000", "#ffffff"), 21);
  assert.ok(Math.abs(contrast("#777777", "#ffffff") - 4.478) < 1e-3);
});

test("no text of a spec, a path or a record can become markup", () => {
  const evil = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;{{name}}`;
  const report = sampleReport(
    {
      searched: { ...sampleArm("searched", 0.16), architecture: { [evil]: 1, [`model.${evil}.layers.0.${evil}`]: 2 } },
      rivals: [sampleArm("uniform", 0.2), sampleArm(evil, 0.3)],
      chosenOrigin: evil,
      finalists: [
        { ...sampleArm(evil, 0.1), superNetworkLoss: null },
        { ...sampleArm(`${evil}2`, 0.2), superNetworkLoss: null },
      ],
      search: {
        controller: evil,
        evaluations: 1,
        skipped: 0,
        rounds: [{ count: 1, mean: 1, standardError: 0, least: 1 }],
        own: null,
        prior: null,
        front: [],
      },
      adapter: { folder: evil, vllmFlags: [evil] },
      stages: [{ stage: evil, wallClockMs: 1, summary: evil }],
      splits: { [evil]: { examples: 1, digest: evil } },
      command: evil,
    },
    evil,
    evil,
  );
  const hostile = { ...report, manifest: { ...report.manifest, engine: evil, irHash: evil, hashes: { [evil]: evil } } };
  for (const page of [reportHtml(hostile), runsHtml(comparison([hostile, hostile]))]) {
    const { document } = open(page).window;
    assert.is(document.querySelectorAll("script, img").length, 0);
    assert.ok(document.body.textContent!.includes(evil.replace("{{name}}", "")), "the text itself is there");
    for (const element of document.querySelectorAll("*"))
      assert.not([...element.attributes].some(({ name }) => name.startsWith("on")));
  }
});

test("a report of a run without search, rivals and export still is a whole page", () => {
  const page = reportHtml(
    sampleReport({
      backbone: undefined,
      rivals: [],
      finalists: [],
      search: null,
      adapter: null,
      recounted: null,
      splits: {},
      command: null,
    }),
  );
  assert.not.match(page, /undefined|NaN|\[object|null/);
  assert.match(page, /Ranks found/);
});

test("every module's rank is in the drawing and in a table", () => {
  const { document } = open(PAGES["one run"]!).window;
  assert.is(document.querySelectorAll("svg .cell").length, Object.keys(SAMPLE_RANKS).length);
  const tables = [...document.querySelectorAll("details table")].map(({ textContent }) => textContent).join();
  for (const kind of ["mlp.fc1", "multi_modal_projector", "self_attn.q_proj", "cross_attn.v_proj"])
    assert.match(tables, kind);
});

test("report.json is what its schema says", () => {
  const schema = JSON.parse(
    readFileSync(new URL("../../../schemas/report.schema.json", import.meta.url), "utf8"),
  ) as object;
  // Strict: readers of a report would see every warning.
  const ajv = new Ajv({ strict: true });
  const validate = ajv.compile(schema);
  for (const report of [
    sampleReport(),
    FULL,
    sampleReport({ rivals: [], finalists: [], search: null, adapter: null, recounted: null }),
  ]) {
    validate(JSON.parse(JSON.stringify(report)));
    assert.equal(validate.errors ?? [], []);
  }
  assert.not(validate({ ...sampleReport(), verdict: "splendid" }));
});

test.run();
