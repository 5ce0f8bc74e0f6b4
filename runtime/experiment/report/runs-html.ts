/** A comparison of runs as one page of HTML that needs nothing beside itself. */
import Handlebars from "handlebars";
import { differencesChart } from "./charts/differences.js";
import { picture } from "./charts/svg.js";
import { rankBlocks, unbroken } from "./html.js";
import { PAGE_HEAD } from "./html-template.js";
import { runsView } from "./runs-view.js";
import type { RunsReport } from "./several.js";
import { STYLESHEET } from "./stylesheet.js";
import { withInterval } from "./verdict.js";

const TEMPLATE = `${PAGE_HEAD}
<h1>Runs compared</h1>
<div class="verdict">
<p class="headline">{{headline}}</p>
{{#if sentences}}<ul>{{#each sentences}}<li>{{this}}</li>{{/each}}</ul>{{/if}}
</div>

{{#if experiments}}
<h2>Experiments</h2>
<p class="note">Mean test loss ± its standard deviation over {{over}} / exact match.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Table of experiments">
<table>
<thead><tr><th scope="col">experiment</th>{{#if each}}<th scope="col">seeds</th>{{/if}}<th scope="col">at most</th><th scope="col">parameters</th>{{#each arms}}<th scope="col">{{this}}</th>{{/each}}<th scope="col">time</th></tr></thead>
<tbody>{{#each experiments}}<tr><th scope="row">{{label}}</th>{{#if ../each}}<td>{{seeds}}</td>{{/if}}<td>{{limit}}</td><td>{{parameters}}</td>{{#each cells}}<td>{{this}}</td>{{/each}}<td>{{time}}</td></tr>{{/each}}</tbody>
</table>
</div>
{{/if}}
{{#if each}}
<h2>Arms</h2>
<p class="note">Test loss / exact match, means over the retraining seeds of each run.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Table of runs">
<table>
<thead><tr><th scope="col">run</th>{{#each arms}}<th scope="col">{{this}}</th>{{/each}}<th scope="col">parameters</th><th scope="col">time</th></tr></thead>
<tbody>{{#each runs}}<tr><th scope="row">{{label}}</th>{{#each cells}}<td>{{this}}</td>{{/each}}<td>{{parameters}}</td><td>{{time}}</td></tr>{{/each}}
{{#if means}}<tr class="own"><th scope="row">mean</th>{{#each means}}<td>{{this}}</td>{{/each}}<td></td><td></td></tr>{{/if}}</tbody>
</table>
</div>
{{/if}}
{{#if differences}}
<h3>The search against each rival</h3>
<p class="note">Searched minus rival, {{differencesNote}}. A filled dot is told from zero.</p>
<div class="figures beside">
{{#if chart}}<figure><figcaption>Difference in test loss with 95 % intervals.</figcaption>{{{chart}}}</figure>{{/if}}
<div class="scroll" role="region" tabindex="0" aria-label="Table of differences">
<table>
<thead><tr><th scope="col">rival</th><th scope="col">difference</th><th scope="col">95 % interval</th><th scope="col">p</th><th scope="col">told</th><th scope="col">runs</th></tr></thead>
<tbody>{{#each differences}}<tr><th scope="row">{{rival}}</th><td>{{difference}}{{#if standardError}} ± {{standardError}}{{/if}}</td><td>{{interval}}</td><td>{{p}}</td><td>{{told}}</td><td>{{pairs}}</td></tr>{{/each}}</tbody>
</table>
</div>
</div>
{{/if}}

<h2>Ranks found</h2>
{{#each ranks}}
<h3>{{label}}</h3>
<p class="note">{{headline}}</p>
<div class="blocks">
{{#each blocks}}
<figure><figcaption>{{title}}</figcaption><div class="scroll" role="region" tabindex="0" aria-label="{{label}}: ranks of {{title}}">{{{svg}}}</div></figure>
{{/each}}
</div>
{{/each}}
</main>
</body>
</html>
`;

/** Renders the page. */
export function runsHtml(report: RunsReport): string {
  const view = runsView(report);
  // All rows are of the searched ranks; the chart names what each is against.
  const rows = report.differences.map((row) => ({ ...row, arm: row.against }));
  const drawing = differencesChart(rows, "searched minus rival, test loss (left: better)");
  return Handlebars.compile(TEMPLATE)({
    ...view,
    name: "Runs compared",
    style: STYLESHEET,
    headline: unbroken(view.headline),
    chart:
      drawing &&
      picture(drawing, {
        id: "differences",
        title: "The search against each rival over runs, test loss",
        description: rows
          .map((row) => `${row.arm}: ${withInterval(row)}${row.told ? ", told from zero" : ""}`)
          .join("; "),
      }),
    ranks: view.runs.map(({ label, headline, ranks }, at) => ({
      label,
      headline,
      blocks: rankBlocks(ranks, `run-${at}-ranks`).map((block) => ({ ...block, label })),
    })),
  });
}
