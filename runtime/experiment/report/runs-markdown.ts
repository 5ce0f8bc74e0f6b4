/** A comparison of runs as a page in Markdown. */
import Handlebars from "handlebars";
import { literal } from "./markdown.js";
import { runsView } from "./runs-view.js";
import type { RunsReport } from "./several.js";

const TEMPLATE = `# Runs compared

**{{headline}}**
{{#each sentences}}

{{this}}
{{/each}}

{{#if experiments}}
Mean test loss ± its standard deviation over {{over}} / exact match:

| experiment |{{#if each}} seeds |{{/if}} at most | parameters |{{#each arms}} {{this}} |{{/each}} time |
|---|{{#if each}}---:|{{/if}}---:|---:|{{#each arms}}---:|{{/each}}---:|
{{#each experiments}}
| {{label}} |{{#if ../each}} {{seeds}} |{{/if}} {{limit}} | {{parameters}} |{{#each cells}} {{this}} |{{/each}} {{time}} |
{{/each}}

{{/if}}
{{#if each}}
Test loss / exact match, means over the retraining seeds of each run:

| run |{{#each arms}} {{this}} |{{/each}} parameters | time |
|---|{{#each arms}}---:|{{/each}}---:|---:|
{{#each runs}}
| {{label}} |{{#each cells}} {{this}} |{{/each}} {{parameters}} | {{time}} |
{{/each}}
{{#if means}}
| mean |{{#each means}} {{this}} |{{/each}} | |
{{/if}}
{{/if}}
{{#if differences}}

Searched minus rival, test loss, {{differencesNote}}; below 0 the search is better:

| rival | difference | standard error | 95 % interval | p | told | runs |
|---|---:|---:|---:|---:|---|---:|
{{#each differences}}
| {{rival}} | {{difference}} | {{standardError}} | {{interval}} | {{p}} | {{told}} | {{pairs}} |
{{/each}}
{{/if}}

What each run says of itself:

{{#each runs}}
- {{label}}: {{headline}}
{{/each}}
`;

/** Renders the page. */
export function runsMarkdown(report: RunsReport): string {
  const view = runsView(report);
  const runs = view.runs.map((run) => ({ ...run, label: literal(run.label) }));
  const experiments = view.experiments?.map((row) => ({ ...row, label: literal(row.label) }));
  return Handlebars.compile(TEMPLATE, { noEscape: true })({
    ...view,
    headline: literal(view.headline),
    runs,
    experiments,
  });
}
