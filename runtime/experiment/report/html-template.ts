/** Templates of report.html (Handlebars, which escapes every value). Only drawings are put in as they are: charts/svg.ts has escaped their texts. */

/** How every page begins. No script, nothing to load: the policy forbids both. Takes `name` and `style`. */
export const PAGE_HEAD = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{name}}</title>
<style>{{{style}}}</style>
</head>
<body>
<main>`;

/** The page of one run. */
export const HTML_TEMPLATE = `${PAGE_HEAD}
<h1>{{name}}</h1>
{{#if summary}}<p class="summary">{{summary}}</p>{{/if}}
<div class="verdict">
<p class="headline">{{headline}}</p>
{{#if remarks}}<ul>{{#each remarks}}<li>{{this}}</li>{{/each}}</ul>{{/if}}
</div>

<h2>Arms</h2>
<p class="note">Losses are means over answer tokens; ± is the standard deviation over {{seeds}}. Test figures come from the test split alone, which nothing was chosen on. Exact match: the whole answer right, its end included. Token accuracy: of the answer's tokens before the end. {{rates.sentence}}</p>
<div class="scroll" role="region" tabindex="0" aria-label="Table of arms">
<table>
<thead><tr><th scope="col">arm</th><th scope="col">test loss</th><th scope="col">exact match</th><th scope="col">token accuracy</th><th scope="col">validation loss</th><th scope="col">parameters</th>{{#if rates.column}}<th scope="col">learning rate</th>{{/if}}</tr></thead>
<tbody>{{#each arms}}<tr{{#if searched}} class="own"{{/if}}><th scope="row">{{name}}</th><td>{{testLoss}}</td><td>{{exactMatch}}</td><td>{{tokenAccuracy}}</td><td>{{validationLoss}}</td><td>{{parameters}}</td>{{#if ../rates.column}}<td>{{learningRate}}</td>{{/if}}</tr>{{/each}}</tbody>
</table>
</div>
{{#if choosers}}
<p class="note">What chose the ranks; options in braces differ from the controller's defaults.{{#if choosers.several}} Each of those of searched gave finalists, between which validation chose.{{/if}}</p>
<ul class="note">
{{#each choosers.lines}}
<li>{{arm}}: {{#each controllers}}{{#unless @first}}, beside it {{/unless}}<code>{{this}}</code>{{/each}}</li>
{{/each}}
</ul>
{{/if}}
{{#if differences}}
<h3>Against uniform, with 95 % intervals</h3>
<p class="note">Paired by seed (same initial adapter rows and batch order); errors cover {{errors}}. The searched ranks against uniform are the one comparison fixed before the run; the p values of the rivals are corrected for their number (Holm), and a gain of the searched ranks for the finalists that validation chose from; intervals are not.</p>
<div class="figures beside">
<figure><figcaption>Test loss minus uniform's. A filled dot is told from zero.</figcaption>{{{charts.differences}}}</figure>
<div class="scroll" role="region" tabindex="0" aria-label="Table of differences to uniform">
<table>
<thead><tr><th scope="col">arm</th><th scope="col">difference</th><th scope="col">95 % interval</th><th scope="col">p</th><th scope="col">told</th><th scope="col">pairs</th></tr></thead>
<tbody>{{#each differences}}<tr><th scope="row">{{arm}}</th><td>{{difference}} ± {{standardError}}</td><td>{{interval}}</td><td>{{p}}</td><td>{{told}}</td><td>{{pairs}}</td></tr>{{/each}}</tbody>
</table>
</div>
</div>
{{/if}}

{{#if equalCost}}
<h2>Equal total cost</h2>
<p>What each arm took to choose its ranks, in forward passes of an example (a trained example counts as 3). Who chose for less than the most expensive arm is trained for the steps that the difference buys.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Table of arms at equal total cost">
<table>
<thead><tr><th scope="col">arm</th><th scope="col">forward passes to choose</th><th scope="col">training steps</th>{{#if equalCost.rates.column}}<th scope="col">learning rate</th>{{/if}}<th scope="col">validation loss</th><th scope="col">test loss</th><th scope="col">exact match</th></tr></thead>
<tbody>{{#each equalCost.lines}}<tr{{#if searched}} class="own"{{/if}}><th scope="row">{{name}}</th><td>{{choosing}}</td><td>{{steps}}</td>{{#if ../equalCost.rates.column}}<td>{{learningRate}}</td>{{/if}}<td>{{validationLoss}}</td><td>{{testLoss}}</td><td>{{exactMatch}}</td></tr>{{/each}}</tbody>
</table>
</div>
<p class="note">Searched minus each rival in test loss, paired by seed; below 0 the search pays. The p values are corrected for their number (Holm).</p>
<div class="scroll" role="region" tabindex="0" aria-label="Table of differences at equal total cost">
<table>
<thead><tr><th scope="col">against</th><th scope="col">difference ± s.e.</th><th scope="col">95 % interval</th><th scope="col">p</th><th scope="col">told apart</th></tr></thead>
<tbody>{{#each equalCost.differences}}<tr><th scope="row">{{against}}</th><td>{{difference}} ± {{standardError}}</td><td>{{interval}}</td><td>{{p}}</td><td>{{told}}</td></tr>{{/each}}</tbody>
</table>
</div>
{{/if}}

{{#if costs}}
<h2>What the arms cost to use</h2>
<p class="note">A forward pass of one example where the adapter is not merged into the weights; merged, every arm costs what the backbone does. FLOPs are those of the graph, the adapter's as a share of the backbone's; milliseconds are the median (quartiles) of passes on the machine named below, beside whatever else it did.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Table of what the arms cost to use">
<table>
<thead><tr><th scope="col">arm</th><th scope="col">parameters</th><th scope="col">FLOPs</th><th scope="col">adapter's</th><th scope="col">ms</th><th scope="col">of the backbone's</th></tr></thead>
<tbody>{{#each costs}}<tr><th scope="row">{{name}}</th><td>{{parameters}}</td><td>{{flops}}</td><td>{{adapter}}</td><td>{{milliseconds}}</td><td>{{ratio}}</td></tr>{{/each}}</tbody>
</table>
</div>
{{/if}}

<h2>Ranks found</h2>
<p>{{adapted}} of {{modules}} modules carry an adapter. {{moved}}</p>
<div class="blocks">
{{#each blocks}}
<figure><figcaption>{{title}}</figcaption><div class="scroll" role="region" tabindex="0" aria-label="Ranks of {{title}}">{{{svg}}}</div></figure>
{{/each}}
</div>
<details><summary>Ranks as tables</summary>
{{#each grids}}
<div class="scroll" role="region" tabindex="0" aria-label="Table of ranks of {{title}}">
<table><caption>{{title}}, by layer</caption>
<thead><tr><th scope="col">module</th>{{#each columns}}<th scope="col">{{this}}</th>{{/each}}</tr></thead>
<tbody>{{#each rows}}<tr><th scope="row">{{row}}</th>{{#each ranks}}<td>{{this}}</td>{{/each}}</tr>{{/each}}</tbody>
</table>
</div>
{{/each}}
</details>

{{#if search}}
<h2>Search</h2>
<p>{{search.told}}</p>
{{#if figures}}
<div class="figures">
{{#if charts.curve}}
<figure><figcaption>Learning curve with 95 % band.{{#if search.drift}} {{search.drift}}{{/if}}</figcaption>{{{charts.curve}}}
<details><summary>Rounds as a table</summary>
<div class="scroll" role="region" tabindex="0" aria-label="Table of rounds">
<table>
<thead><tr><th scope="col">round</th><th scope="col">{{search.unit}}</th>{{#if search.pairs}}<th scope="col">pairs scored so far</th>{{/if}}<th scope="col">mean loss</th><th scope="col">standard error</th>{{#if search.best}}<th scope="col">best architecture</th>{{/if}}</tr></thead>
<tbody>{{#each search.rounds}}<tr><th scope="row">{{round}}</th><td>{{told}}</td>{{#if ../search.pairs}}<td>{{pairs}}</td>{{/if}}<td>{{loss}}</td><td>{{standardError}}</td>{{#if ../search.best}}<td>{{least}}</td>{{/if}}</tr>{{/each}}</tbody>
</table>
</div></details></figure>
{{/if}}
{{#if charts.front}}
<figure><figcaption>Pareto front: the best loss at each size. The dashed line is the budget{{#if search.front.hasKnee}}, the ring the knee{{/if}}.</figcaption>{{{charts.front}}}
<p class="note">{{frontText}}</p>
<details><summary>Front as a table</summary>
<div class="scroll" role="region" tabindex="0" aria-label="Table of the Pareto front">
<table>
<thead><tr><th scope="col">parameters</th><th scope="col">{{search.lossName}}</th></tr></thead>
<tbody>{{#each search.front.points}}<tr><th scope="row">{{parameters}}{{#if knee}} (knee){{/if}}</th><td>{{loss}}</td></tr>{{/each}}</tbody>
</table>
</div></details></figure>
{{/if}}
</div>
{{/if}}
{{/if}}
{{#if finalists}}
<h3>Finalists</h3>
<p class="note">Retrained from scratch as plain LoRA of exactly their ranks; validation chose, the test loss is only reported.{{#if selection}} {{selection}}{{/if}}</p>
<div class="scroll" role="region" tabindex="0" aria-label="Table of finalists">
<table>
<thead><tr><th scope="col">finalist</th><th scope="col">parameters</th>{{#if finalists.searchLoss}}<th scope="col">{{finalists.searchLoss}}</th>{{/if}}{{#if finalists.hasRates}}<th scope="col">learning rate</th>{{/if}}<th scope="col">validation loss</th><th scope="col">test loss</th></tr></thead>
<tbody>{{#each finalists.rows}}<tr{{#if chosen}} class="own"{{/if}}><th scope="row">{{name}}{{#if chosen}} (chosen){{/if}}</th><td>{{parameters}}</td>{{#if ../finalists.searchLoss}}<td>{{superNetworkLoss}}</td>{{/if}}{{#if ../finalists.hasRates}}<td>{{learningRate}}</td>{{/if}}<td>{{validationLoss}}</td><td>{{testLoss}}</td></tr>{{/each}}</tbody>
</table>
</div>
{{/if}}

<h2>Budget</h2>
<dl>
<dt>limit</dt><dd>{{budget.limit}} adapter parameters</dd>
<dt>used</dt><dd>{{budget.used}}</dd>
{{#if budget.recounted}}<dt>recounted in the exported file</dt><dd>{{budget.recounted}}{{#unless budget.agrees}}, which differs from what the run counted{{/unless}}</dd>{{/if}}
<dt>kept</dt><dd>{{#if budget.kept}}<span class="kept">yes</span>{{else}}no{{/if}}</dd>
</dl>

<h2>Time</h2>
<div class="figures">
<figure><figcaption>{{total}} in all. {{timeNote}}</figcaption>{{{charts.time}}}</figure>
<div class="scroll" role="region" tabindex="0" aria-label="Table of times">
<table>
<thead><tr><th scope="col">what for</th><th scope="col">time</th><th scope="col">share</th></tr></thead>
<tbody>{{#each time}}<tr><th scope="row">{{what}}</th><td>{{time}}</td><td>{{share}}</td></tr>{{/each}}</tbody>
</table>
</div>
</div>
<details><summary>By stage</summary>
<div class="scroll" role="region" tabindex="0" aria-label="Table of stages">
<table>
<thead><tr><th scope="col">stage</th><th scope="col">time</th><th scope="col">what it did</th></tr></thead>
<tbody>{{#each stages}}<tr><th scope="row">{{stage}}</th><td>{{time}}</td><td class="text">{{summary}}</td></tr>{{/each}}</tbody>
</table>
</div></details>

{{#if data}}
<h2>Data</h2>
<p>{{#unless data.overlaps}}No two splits share an example, by the content of messages and pictures: a run that finds one stops. {{/unless}}The digest is the SHA-256 of the examples' content hashes.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Table of splits">
<table>
<thead><tr><th scope="col">split</th><th scope="col">examples</th><th scope="col">digest</th></tr></thead>
<tbody>{{#each data.rows}}<tr><th scope="row">{{split}}</th><td>{{examples}}</td><td><code>{{digest}}</code></td></tr>{{/each}}</tbody>
</table>
</div>
{{#if data.overlaps}}
<h3>What splits have in common</h3>
<p class="note">Counted by content (SHA-256 of messages and decoded pixels). An example in two splits stops a run.{{#if data.hasPictures}} Pictures are also compared alone: examples of two splits may ask about the same one.{{/if}}</p>
{{#each data.shared}}
<p>{{this}}</p>
{{/each}}
<div class="scroll" role="region" tabindex="0" aria-label="Table of what splits have in common">
<table>
<thead><tr><th scope="col">splits</th><th scope="col">examples in common</th>{{#if data.hasPictures}}<th scope="col">pictures in common</th><th scope="col">examples that show them</th>{{/if}}</tr></thead>
<tbody>{{#each data.overlaps}}<tr><th scope="row">{{splits}}</th><td>{{examples}}</td>{{#if ../data.hasPictures}}<td>{{pictures}}</td><td>{{showing}}</td>{{/if}}</tr>{{/each}}</tbody>
</table>
</div>
{{/if}}
{{/if}}

<h2>How to reproduce</h2>
{{#with reproduce}}
{{#if command}}<pre>{{command}}</pre>{{/if}}
<dl>
<dt>seed</dt><dd>{{seed}}</dd>
<dt>spec (IR)</dt><dd><code>{{irHash}}</code></dd>
<dt>inputs pinned</dt><dd>{{#if locked}}by lnas.lock{{else}}no lnas.lock; their hashes are below{{/if}}</dd>
<dt>versions</dt><dd>lnas {{machine.lnas}}, Node {{machine.node}}</dd>
<dt>engine</dt><dd>{{engine}}{{#each earlierEngines}}, before that {{this}}{{/each}}</dd>
<dt>machine</dt><dd>{{machine.platform}}, {{machine.cpu}}, {{machine.processors}} processors, {{memory}}</dd>
</dl>
<details><summary>Hashes of what went in</summary>
<div class="scroll" role="region" tabindex="0" aria-label="Table of hashes">
<table>
<thead><tr><th scope="col">input</th><th scope="col">SHA-256</th></tr></thead>
<tbody>{{#each hashes}}<tr><th scope="row">{{name}}</th><td><code>{{hash}}</code></td></tr>{{/each}}</tbody>
</table>
</div></details>
{{/with}}
{{#if adapter}}
<h3>To use the adapter</h3>
<pre>from peft import PeftModel
model = PeftModel.from_pretrained(model, "{{adapter.folder}}")</pre>
<p class="note">vLLM: <code>--enable-lora {{adapter.vllmFlags}}</code>; largest rank {{adapter.maxRank}}.</p>
{{/if}}
</main>
</body>
</html>
`;
