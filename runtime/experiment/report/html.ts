/** The report as one page of HTML that needs nothing beside itself. */
import Handlebars from "handlebars";
import type { Architecture } from "../../search/index.js";
import { differencesChart } from "./charts/differences.js";
import { frontChart } from "./charts/front.js";
import { learningCurve } from "./charts/learning-curve.js";
import { ranksChart } from "./charts/ranks.js";
import { type Drawing, picture } from "./charts/svg.js";
import { timeChart } from "./charts/time.js";
import { durationText } from "./format.js";
import { frontKnee, frontPoints } from "./front-view.js";
import { HTML_TEMPLATE } from "./html-template.js";
import { type RankGrid, rankGrids } from "./rank-grids.js";
import { lossWords } from "./search-view.js";
import { STYLESHEET } from "./stylesheet.js";
import type { Report } from "./types.js";
import { withInterval } from "./verdict.js";
import { reportView } from "./view.js";

/** Renders report.html. Every text of the report is escaped, whatever it holds. */
export function reportHtml(report: Report): string {
  const charts = chartsOf(report);
  const view = reportView(report);
  return Handlebars.compile(HTML_TEMPLATE)({
    ...view,
    headline: unbroken(view.headline),
    remarks: view.remarks.map(unbroken),
    selection: view.selection === null ? null : unbroken(view.selection),
    frontText: unbroken(view.search?.front?.text ?? ""),
    style: STYLESHEET,
    charts,
    figures: charts.curve !== null || charts.front !== null,
    blocks: rankBlocks(report.ranks, "ranks"),
  });
}

/** Figures stay on one line with their sign and unit. */
export const unbroken = (sentence: string) => sentence.replace(/ (±|%)/g, "\u00a0$1").replace(/± /g, "±\u00a0");

function chartsOf(report: Report) {
  const { search, differences, time } = report;
  const drawn = (drawing: Drawing | null, id: string, title: string, description: string) =>
    drawing === null ? null : picture(drawing, { id, title, description });
  const rounds = search?.rounds ?? [];
  const front = frontPoints(search);
  const knee = frontKnee(front);
  return {
    differences: drawn(
      differencesChart(differences, "test loss minus uniform's (left: better)"),
      "differences",
      "Differences to uniform in test loss",
      differences.map((row) => `${row.arm}: ${withInterval(row)}${row.told ? ", told from zero" : ""}`).join("; "),
    ),
    curve: drawn(
      search && learningCurve(search, lossWords(search).soFar),
      "curve",
      "Learning curve of the controller",
      `Mean loss from ${rounds[0]?.mean.toFixed(4)} in the first of ${rounds.length} rounds to ${rounds.at(-1)?.mean.toFixed(4)} in the last.`,
    ),
    front: drawn(
      frontChart(report, search === null ? "" : lossWords(search).loss),
      "front",
      "Pareto front of parameters and loss",
      `${front.length} sizes from ${front[0]?.parameters} to ${front.at(-1)?.parameters} parameters; loss from ${front[0]?.loss.toFixed(4)} to ${front.at(-1)?.loss.toFixed(4)}${knee === null ? "" : `; the knee is at ${knee.parameters} parameters with ${knee.loss.toFixed(4)}`}.`,
    ),
    time: drawn(
      timeChart(time),
      "time",
      "Time by purpose",
      `Search ${durationText(time.search)}, retraining of finalists ${durationText(time.finalists)}, of ${durationText(time.total)} in all.`,
    ),
  };
}

/** The blocks of an architecture as pictures; `id`: what their ids begin with. */
export function rankBlocks(ranks: Architecture, id: string) {
  const largest = Math.max(0, ...Object.values(ranks));
  return rankGrids(ranks).map((grid, at) => ({
    title: grid.title,
    svg: picture(ranksChart(grid, largest), {
      id: `${id}-${at}`,
      title: `Ranks of ${grid.title}`,
      description: gridText(grid),
    }),
  }));
}

/** Which kinds of modules carry rank, and where: the picture in words; the numbers are in the table. */
function gridText({ rows, layers, rank }: RankGrid): string {
  const kinds = rows.map((row) => {
    const ranks = layers.map((layer) => rank(row, layer)).filter((value) => value !== null);
    return `${row} ${ranks.filter((value) => value > 0).length} of ${ranks.length} adapted, largest rank ${Math.max(0, ...ranks)}`;
  });
  return `${kinds.join("; ")}.`;
}
