/** The style sheet of report.html: colours by name from the palette, light and dark. No rule refers to anything outside of the page. */
import { LEVELS, PALETTE } from "./palette.js";

const variables = (scheme: keyof typeof PALETTE) =>
  Object.entries(PALETTE[scheme])
    .map(([name, color]) => `--${name}:${color}`)
    .join(";");

const levels = Array.from(
  { length: LEVELS },
  (_, level) => `.level-${level} rect{fill:var(--level-${level});stroke:var(--line)}
.level-${level} text{fill:var(--on-level-${level})}`,
).join("\n");

/** The whole style sheet. Rules stand in the order of their weight: a later one wins. */
export const STYLESHEET = `:root{color-scheme:light dark;${variables("light")}}
@media (prefers-color-scheme:dark){:root{${variables("dark")}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1000px;margin:0 auto;padding:24px 16px 48px}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 4px}
h2{font-size:1.2rem;margin:40px 0 8px;padding-top:12px;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:20px 0 6px}
p{margin:8px 0;max-width:75ch}
ul{margin:8px 0;padding-left:20px}
.summary,.note,figcaption,caption,summary{color:var(--quiet)}
.note,figcaption,caption,summary{font-size:.875rem}
.verdict{background:var(--panel);border-left:4px solid var(--accent);border-radius:4px;padding:12px 16px;margin:20px 0}
.verdict .headline{font-size:1.15rem;font-weight:600;margin:0}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:24px;margin:16px 0;align-items:start}
.beside{grid-template-columns:1fr}
.blocks{display:flex;flex-wrap:wrap;gap:20px 32px;margin:16px 0;align-items:flex-start}
figure{margin:0;min-width:0;max-width:100%}
figcaption{margin-bottom:6px}
.figures svg{display:block;width:100%;max-width:520px;height:auto}
.blocks .scroll{max-width:100%}
.blocks svg{display:block}
.scroll{overflow-x:auto;max-width:100%}
.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
summary{cursor:pointer;padding:4px 0}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;margin:4px 0 8px}
caption{text-align:left;padding:4px 0}
th,td{padding:4px 12px 4px 0;border-bottom:1px solid var(--line);text-align:right;vertical-align:top;white-space:nowrap}
th{font-weight:600}
thead th{white-space:normal;vertical-align:bottom}
th[scope=row],th:first-child{text-align:left}
th[scope=row]{font-weight:400;white-space:normal;overflow-wrap:break-word;min-width:9ch}
td.text{text-align:left;white-space:normal;min-width:16ch}
tr.own th,tr.own td{font-weight:600}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:8px 0;font-size:.9375rem}
dt{color:var(--quiet)}
dd{margin:0;min-width:0;overflow-wrap:anywhere}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.8125rem}
pre{background:var(--panel);padding:10px 12px;border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere}
td code{overflow-wrap:anywhere}
.kept{color:var(--good);font-weight:600}
svg text{font:12px ui-sans-serif,system-ui,sans-serif;fill:var(--ink)}
svg .tick{font-size:11px;fill:var(--quiet)}
svg .strong{font-weight:600}
.grid{stroke:var(--line);stroke-width:1}
.zero{stroke:var(--ink);stroke-width:1.5}
.dashed{stroke-dasharray:5 4}
.whisker{stroke:var(--mark);stroke-width:2}
.whisker.own{stroke:var(--accent)}
.dot{fill:var(--mark);stroke:var(--mark);stroke-width:2}
.dot.own{fill:var(--accent);stroke:var(--accent)}
.dot.open{fill:var(--paper)}
.band{fill:var(--band)}
.curve{fill:none;stroke:var(--accent);stroke-width:2}
.bar{fill:var(--mark)}
.bar.own{fill:var(--accent)}
.cell text{font-size:11px}
${levels}
@media (min-width:860px){.beside{grid-template-columns:minmax(0,2fr) minmax(0,3fr)}}
@media (max-width:480px){.verdict .headline{font-size:1.05rem}main{padding:16px 16px 32px}dl{grid-template-columns:1fr;gap:0 0}dd{margin-bottom:8px}}
@media print{main{max-width:none}}
`;
