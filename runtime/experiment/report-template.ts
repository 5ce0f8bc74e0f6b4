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
chosen on. Exact match: the whole answer right, its end included. Token accuracy: of the answer's tokens before the end.

| arm | parameters | validation loss | test loss | exact match | token accuracy |
|---|---:|---:|---:|---:|---:|
{{#each arms}}
| {{name}} | {{parameters}} | {{validationLoss}} | {{testLoss}} | {{exactMatch}} | {{tokenAccuracy}} |
{{/each}}
{{#if paired}}

Paired differences to uniform (same seeds: same initial adapter rows and batch order):

| arm | test loss, difference | standard error | pairs |
|---|---:|---:|---:|
{{#each paired}}
| {{name}} | {{difference}} | {{standardError}} | {{pairs}} |
{{/each}}
{{/if}}

## Ranks found

{{parametersUsed}} adapter parameters of at most {{maxParameters}}; {{adapted}} of {{modules}} modules carry an adapter. {{moved}}

![ranks](ranks.svg)

{{#each grids}}
**{{title}}**

| | {{#each columns}}{{this}} | {{/each}}
|---|{{#each columns}}---:|{{/each}}
{{#each rows}}
| {{row}} | {{#each ranks}}{{this}} | {{/each}}
{{/each}}

{{/each}}
{{#if finalists}}
## Finalists

Retrained from scratch as plain LoRA of exactly their ranks; validation chose.

| finalist | parameters | loss in the super-network | validation loss |
|---|---:|---:|---:|
{{#each finalists}}
| {{name}} | {{parameters}} | {{superNetworkLoss}} | {{validationLoss}} |
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

| stage | time | |
|---|---:|---|
{{#each stages}}
| {{stage}} | {{time}} | {{summary}} |
{{/each}}
| all | {{total}} | |

## How to reproduce

Seed {{seed}}, IR \`{{irHash}}\`, lnas {{machine.lnas}}, Node {{machine.node}}, {{engine}}{{#each earlierEngines}}, before that {{this}}{{/each}}, {{machine.platform}}, {{machine.cpu}} ({{machine.processors}} processors).
The program that ran is \`program.ts\`; give \`lnasc run\` the same spec, weights and data:

| input | SHA-256 |
|---|---|
{{#each hashes}}
| {{name}} | \`{{hash}}\` |
{{/each}}
{{#if splits}}

Splits, proved disjoint by content: {{splits}}.
{{/if}}
`;
