import { test } from "uvu";
import * as assert from "uvu/assert";
import { naturalPolicyGradient, random, uniform } from "../../runtime/experiment/constructors.js";
import { type Report, reportHtml, reportMarkdown } from "../../runtime/experiment/report/index.js";
import { type Chooser, chooserOf } from "../../runtime/experiment/stage/chooser.js";
import { controllerTable } from "../../runtime/search/index.js";
import { sampleArm, sampleReport } from "./sample-report.js";

const POLICY = naturalPolicyGradient({ prior: "annealed_importance" });

test("only options that differ from the table's defaults are kept", () => {
  const rows = Object.entries(controllerTable.natural_policy_gradient.options);
  const defaults = Object.fromEntries(
    rows.flatMap(([name, row]) => ("default" in row ? [[name, row.default as string | number]] : [])),
  );
  const stated = { controller: "natural_policy_gradient", options: { ...defaults, prior: "annealed_importance" } };
  assert.not.equal(defaults.prior, "annealed_importance");
  assert.equal(chooserOf("a", stated), {
    ...{ arm: "a", controller: "natural_policy_gradient", options: { prior: "annealed_importance" } },
  });
  assert.equal(chooserOf("a", { controller: "natural_policy_gradient", options: defaults }).options, {});
});

test("of ranks by module their number is kept", () => {
  const ranks = { "layers.0": 1, "layers.1": 2 };
  assert.equal(chooserOf("fixed", { controller: "fixed", options: { ranks } }).options, { ranks: "of 2 modules" });
});

const withChoosers = (choosers: readonly Chooser[]): Report =>
  sampleReport({ rivals: [sampleArm("uniform", 0.18), sampleArm("natural_policy_gradient", 0.19)], choosers });
const pagesOf = (report: Report) => [reportHtml(report), reportMarkdown(report)] as const;

test("a rival that is the search's controller with another prior is told from it", () => {
  const choosers = [
    chooserOf("uniform", uniform()),
    chooserOf("natural_policy_gradient", POLICY),
    chooserOf("searched", naturalPolicyGradient()),
    chooserOf("searched", { controller: "annealed_importance", options: { steps: 999 } }),
  ];
  const [page, markdown] = pagesOf(withChoosers(choosers));
  assert.match(
    page,
    "<li>natural_policy_gradient: <code>natural_policy_gradient { prior annealed_importance }</code></li>\n<li>searched: <code>natural_policy_gradient</code>, beside it <code>annealed_importance { steps 999 }</code></li>",
  );
  assert.match(
    markdown,
    "- natural_policy_gradient: `natural_policy_gradient { prior annealed_importance }`\n- searched: `natural_policy_gradient`, beside it `annealed_importance { steps 999 }`\n",
  );
  assert.not.match(page, "<li>uniform");
});

test("where names say all there is no list, nor in a report that does not know", () => {
  const choosers = [chooserOf("uniform", uniform()), chooserOf("searched", naturalPolicyGradient())];
  for (const report of [withChoosers(choosers), sampleReport()])
    for (const text of pagesOf(report)) assert.not.match(text, /What chose the ranks/);
  const [page] = pagesOf(withChoosers([...choosers, chooserOf("random", random({ candidates: 7 }))]));
  assert.match(page, "<li>random: <code>random { candidates 7 }</code></li>");
  assert.match(page, "<li>searched: <code>natural_policy_gradient</code></li>");
});

test.run();
