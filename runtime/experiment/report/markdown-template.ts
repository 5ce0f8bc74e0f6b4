/** The Markdown of report.md (Handlebars; values arrive formatted). */
export const REPORT_TEMPLATE = `# {{name}}

{{#if summary}}
{{summary}}

{{/if}}
**{{headline}}**
{{#each remarks}}

{{this}}
{{/each}}

## Arms

Losses are means over answer tokens; ± is the standard deviation over {{seeds}}. Test figures come from the test split alone, which nothing was
chosen on. Exact match: the whole answer right, its end included. Token accuracy: of the answer's tokens before the end. {{rates.sentence}}

| arm | parameters | validation loss | test loss | exact match | token accuracy |{{#if rates.column}} learning rate |{{/if}}
|---|---:|---:|---:|---:|---:|{{#if rates.column}}---:|{{/if}}
{{#each arms}}
| {{name}} | {{parameters}} | {{validationLoss}} | {{testLoss}} | {{exactMatch}} | {{tokenAccuracy}} |{{#if ../rates.column}} {{learningRate}} |{{/if}}
{{/each}}
{{#if choosers}}

What chose the ranks; options in braces differ from the controller's defaults.{{#if choosers.several}} Each of those of searched gave finalists, between which validation chose.{{/if}}

{{#each choosers.lines}}
- {{arm}}: {{#each controllers}}{{#unless @first}}, beside it {{/unless}}\`{{this}}\`{{/each}}
{{/each}}
{{/if}}
{{#if differences}}

Differences to uniform in test loss, paired by seed (same initial adapter rows and batch order); below 0 is better than uniform. Errors cover
{{errors}}. The searched ranks against uniform are the one comparison fixed before the run; the p values of the rivals are corrected for their number (Holm), and a gain of the searched ranks for the finalists that validation chose from; intervals are not.

| arm | difference | standard error | 95 % interval | p | told from uniform | pairs |
|---|---:|---:|---:|---:|---|---:|
{{#each differences}}
| {{arm}} | {{difference}} | {{standardError}} | {{interval}} | {{p}} | {{told}} | {{pairs}} |
{{/each}}
{{/if}}

{{#if equalCost}}
## Equal total cost

What each arm took to choose its ranks, in forward passes of an example (a trained example counts as 3). Who chose for less than the most
expensive arm is trained for the steps that the difference buys.

| arm | forward passes to choose | training steps |{{#if equalCost.rates.column}} learning rate |{{/if}} validation loss | test loss | exact match |
|---|---:|---:|{{#if equalCost.rates.column}}---:|{{/if}}---:|---:|---:|
{{#each equalCost.lines}}
| {{name}} | {{choosing}} | {{steps}} |{{#if ../equalCost.rates.column}} {{learningRate}} |{{/if}} {{validationLoss}} | {{testLoss}} | {{exactMatch}} |
{{/each}}

Searched minus each rival in test loss, paired by seed; below 0 the search pays. The p values are corrected for their number (Holm).

| against | difference | standard error | 95 % interval | p | told apart |
|---|---:|---:|---:|---:|---|
{{#each equalCost.differences}}
| {{against}} | {{difference}} | {{standardError}} | {{interval}} | {{p}} | {{told}} |
{{/each}}

{{/if}}
{{#if costs}}
## What the arms cost to use

A forward pass of one example where the adapter is not merged into the weights; merged, every arm costs what the backbone does. FLOPs are those of the graph, the
adapter's as a share of the backbone's; milliseconds are the median (quartiles) of passes on the machine named below, beside whatever else it did.

| arm | parameters | FLOPs | adapter's | ms | of the backbone's |
|---|---:|---:|---:|---:|---:|
{{#each costs}}
| {{name}} | {{parameters}} | {{flops}} | {{adapter}} | {{milliseconds}} | {{ratio}} |
{{/each}}

{{/if}}
## Ranks found

{{budget.used}} adapter parameters of at most {{budget.limit}}{{#if budget.recounted}} ({{budget.recounted}} counted again in the exported file){{/if}}; {{adapted}} of {{modules}} modules carry an adapter. {{moved}}

![ranks](ranks.svg)

{{#each grids}}
**{{title}}**

| | {{#each columns}}{{this}} | {{/each}}
|---|{{#each columns}}---:|{{/each}}
{{#each rows}}
| {{row}} | {{#each ranks}}{{this}} | {{/each}}
{{/each}}

{{/each}}
{{#if search}}
## Search

{{search.told}}{{#if search.drift}} {{search.drift}}{{/if}}

{{#if search.rounds}}
| round | {{search.unit}} |{{#if search.pairs}} pairs scored so far |{{/if}} mean loss | standard error |{{#if search.best}} best architecture |{{/if}}
|---:|---:|{{#if search.pairs}}---:|{{/if}}---:|---:|{{#if search.best}}---:|{{/if}}
{{#each search.rounds}}
| {{round}} | {{told}} |{{#if ../search.pairs}} {{pairs}} |{{/if}} {{loss}} | {{standardError}} |{{#if ../search.best}} {{least}} |{{/if}}
{{/each}}

{{/if}}
{{/if}}
{{#if search.front}}
Pareto front: the best loss at each size.{{#if search.front.text}} {{search.front.text}}{{/if}}

| parameters | {{search.lossName}} |
|---:|---:|
{{#each search.front.points}}
| {{parameters}}{{#if knee}} (knee){{/if}} | {{loss}} |
{{/each}}

{{/if}}
{{#if finalists}}
## Finalists

Retrained from scratch as plain LoRA of exactly their ranks; validation chose, the test loss is only reported.{{#if selection}} {{selection}}{{/if}}

| finalist | parameters |{{#if finalists.searchLoss}} {{finalists.searchLoss}} |{{/if}}{{#if finalists.hasRates}} learning rate |{{/if}} validation loss | test loss |
|---|---:|{{#if finalists.searchLoss}}---:|{{/if}}{{#if finalists.hasRates}}---:|{{/if}}---:|---:|
{{#each finalists.rows}}
| {{name}}{{#if chosen}} (chosen){{/if}} | {{parameters}} |{{#if ../finalists.searchLoss}} {{superNetworkLoss}} |{{/if}}{{#if ../finalists.hasRates}} {{learningRate}} |{{/if}} {{validationLoss}} | {{testLoss}} |
{{/each}}

{{/if}}
{{#if adapter}}
## Adapter

\`{{adapter.folder}}\` (PEFT; largest rank {{adapter.maxRank}})

\`\`\`python
from peft import PeftModel
model = PeftModel.from_pretrained(model, "{{adapter.folder}}")
\`\`\`

vLLM: \`--enable-lora {{adapter.vllmFlags}}\`

{{/if}}
## Time

| what for | time | share |
|---|---:|---:|
{{#each time}}
| {{what}} | {{time}} | {{share}} |
{{/each}}

{{timeNote}}

| stage | time | |
|---|---:|---|
{{#each stages}}
| {{stage}} | {{time}} | {{summary}} |
{{/each}}
| all | {{total}} | |

## How to reproduce

{{#with reproduce}}
{{#if command}}
\`\`\`
{{command}}
\`\`\`

{{/if}}
Seed {{seed}}, IR \`{{irHash}}\`, lnas {{machine.lnas}}, Node {{machine.node}}, {{engine}}{{#each earlierEngines}}, before that {{this}}{{/each}}, {{machine.platform}}, {{machine.cpu}} ({{machine.processors}} processors, {{memory}}).
The program that ran is \`program.ts\`; give \`lnasc run\` the same spec, weights and data{{#if locked}}; \`lnas.lock\` pins them{{/if}}:

| input | SHA-256 |
|---|---|
{{#each hashes}}
| {{name}} | \`{{hash}}\` |
{{/each}}
{{/with}}
{{#if data}}

## Data

{{#unless data.overlaps}}No two splits share an example, by the content of messages and pictures: a run that finds one stops. {{/unless}}The digest is the SHA-256 of the examples' content hashes.

| split | examples | digest |
|---|---:|---|
{{#each data.rows}}
| {{split}} | {{examples}} | \`{{digest}}\` |
{{/each}}
{{#if data.overlaps}}

What splits have in common, counted by content (SHA-256 of messages and decoded pixels). An example in two splits stops a run.{{#if data.hasPictures}} Pictures are also compared alone: examples of two splits may ask about the same one.{{/if}}
{{#each data.shared}}

{{this}}
{{/each}}

| splits | examples in common |{{#if data.hasPictures}} pictures in common | examples that show them |{{/if}}
|---|---:|{{#if data.hasPictures}}---:|---:|{{/if}}
{{#each data.overlaps}}
| {{splits}} | {{examples}} |{{#if ../data.hasPictures}} {{pictures}} | {{showing}} |{{/if}}
{{/each}}
{{/if}}
{{/if}}
`;
