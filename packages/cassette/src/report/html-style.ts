/** The style sheet of the HTML report: light and dark, from 320 px on. */
export const STYLE = `
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1b1f24; --dim: #5b6470; --line: #d9dee4;
  --track: #e7ebef; --good: #12703a; --good-soft: #dcf3e4; --bad: #b3261e; --bad-soft: #fbe4e2; --warn: #8a5300;
  --warn-soft: #fdeecb; --accent: #2f5fd0; --other: #8c96a3; --code: #f1f3f5; }
@media (prefers-color-scheme: dark) { :root { --page: #101317; --card: #181c22; --text: #e5e9ee; --dim: #9aa5b1;
  --line: #2c333c; --track: #2a313a; --good: #5cc98a; --good-soft: #12321f; --bad: #ff8a80; --bad-soft: #421b19;
  --warn: #f0b95a; --warn-soft: #3a2a0c; --accent: #7fa4ff; --other: #6f7a87; --code: #11151a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 6px; overflow-wrap: anywhere; }
h1 small { display: block; font-size: .8rem; font-weight: 600; letter-spacing: .06em; text-transform: uppercase; color: var(--dim); }
h2 { font-size: 1.15rem; margin: 36px 0 12px; }
h4 { margin: 14px 0 6px; font-size: .95rem; overflow-wrap: anywhere; }
h4 small { font-weight: 400; color: var(--dim); }
.meta, .ids, .note, .none { color: var(--dim); overflow-wrap: anywhere; }
.meta { margin: 0 0 14px; } .ids, .note, .none { font-size: .85rem; margin: 4px 0 10px; }
.warning { margin: 10px 0; padding: 8px 12px; border-radius: 8px; background: var(--warn-soft); color: var(--warn); }
.gate { display: inline-block; padding: 3px 10px; border-radius: 99px; font-weight: 600; }
.gate.passed, .tag.passed { background: var(--good-soft); color: var(--good); }
.gate.failed, .tag.failed { background: var(--bad-soft); color: var(--bad); }
.tag.error { background: var(--warn-soft); color: var(--warn); }
.card, .table, .row { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.cards { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); }
.card { padding: 14px 16px; min-width: 0; }
.card h3 { margin: 0; font-size: .9rem; font-weight: 600; color: var(--dim); overflow-wrap: anywhere; }
.card .big { font-size: 1.9rem; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; }
.card p { margin: 8px 0 0; font-size: .85rem; color: var(--dim); }
svg { display: block; width: 100%; }
.rate { height: 12px; border-radius: 3px; } .rate .track { fill: var(--track); } .rate .fill { fill: var(--accent); }
.rate .whisker { fill: none; stroke: var(--text); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.stack { height: 14px; border-radius: 4px; overflow: hidden; margin-bottom: 8px; }
.stack .passed { fill: var(--good); } .stack .failed { fill: var(--bad); } .stack .errored { fill: var(--warn); } .stack .skipped { fill: var(--other); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: .85rem; color: var(--dim); margin: 0 0 14px; padding: 0; list-style: none; }
.legend b { color: var(--text); }
.dot { display: inline-block; width: 9px; height: 9px; border-radius: 2px; margin-right: 6px; }
.dot.passed { background: var(--good); } .dot.failed { background: var(--bad); } .dot.errored { background: var(--warn); } .dot.skipped, .dot.baseline { background: var(--other); } .dot.target { background: var(--accent); }
.table { overflow-x: auto; margin: 12px 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 12px; text-align: left; border-top: 1px solid var(--line); }
thead th { border-top: 0; font-size: .8rem; font-weight: 600; color: var(--dim); white-space: nowrap; }
th.right, td.right { text-align: right; white-space: nowrap; }
td.wide { overflow-wrap: anywhere; min-width: 7.5em; } td.chart { width: 26%; min-width: 90px; }
.pair { height: 12px; } .pair .baseline { fill: var(--other); } .pair .target { fill: var(--accent); }
.tools { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: 8px; align-items: center; padding: 10px 0;
  background: var(--page); }
.tools[hidden], .row[hidden] { display: none; }
.tools input, .tools select, .tools button { font: inherit; font-size: .9rem; color: inherit; background: var(--card);
  border: 1px solid var(--line); border-radius: 8px; padding: 6px 10px; min-width: 0; max-width: 100%; }
.tools input { flex: 1 1 180px; } .tools button { cursor: pointer; } .tools output { font-size: .85rem; color: var(--dim); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.row { margin: 6px 0; } .row[open] { border-color: var(--other); }
.row > summary, .line { display: grid; grid-template-columns: auto auto minmax(0, 1fr) auto auto; gap: 4px 10px;
  align-items: baseline; padding: 9px 14px; }
.row > summary { cursor: pointer; list-style: none; } .row > summary::-webkit-details-marker { display: none; }
.row > summary:hover .prompt { text-decoration: underline; text-decoration-color: var(--other); }
.number { color: var(--dim); font-size: .85rem; min-width: 2.2em; text-align: right; font-variant-numeric: tabular-nums; }
.mark { font-weight: 700; min-width: 1em; text-align: center; }
.mark.passed { color: var(--good); } .mark.failed { color: var(--bad); } .mark.errored { color: var(--warn); } .mark.skipped { color: var(--dim); }
.prompt { overflow-wrap: anywhere; } .reason { display: block; font-size: .85rem; color: var(--dim); }
.tags { display: flex; flex-wrap: wrap; gap: 4px; justify-content: flex-end; }
.tag { font-size: .8rem; padding: 1px 8px; border-radius: 99px; background: var(--track); color: var(--dim); overflow-wrap: anywhere; }
.tag b { font-weight: 650; font-variant-numeric: tabular-nums; }
.figures { display: flex; flex-direction: column; align-items: flex-end; font-size: .8rem; line-height: 1.35; color: var(--dim); min-width: 8.5em; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.body { padding: 0 14px 14px; border-top: 1px solid var(--line); }
.body ul { padding: 0; list-style: none; } .body li { margin: 4px 0; overflow-wrap: anywhere; }
.sides { display: grid; gap: 0 16px; grid-template-columns: repeat(2, minmax(0, 1fr)); }
.text > summary { cursor: pointer; font-weight: 600; font-size: .95rem; margin: 10px 0 6px; }
pre, code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { margin: 0 0 8px; padding: 10px 12px; max-height: 26em; overflow: auto; background: var(--code); border: 1px solid var(--line); border-radius: 8px;
  white-space: pre-wrap; overflow-wrap: anywhere; }
ins { background: var(--good-soft); color: var(--good); } del { background: var(--bad-soft); color: var(--bad); }
@media (max-width: 820px) { .row > summary, .line { grid-template-columns: auto auto minmax(0, 1fr); }
  .tags, .figures { grid-column: 3; justify-content: flex-start; align-items: flex-start; } .figures { flex-flow: row wrap; gap: 0 12px; } }
@media (max-width: 600px) { main { padding: 16px 12px 48px; } h1 { font-size: 1.3rem; } .sides { grid-template-columns: minmax(0, 1fr); }
  th, td { padding: 6px 8px; } .row > summary, .line { padding: 9px 10px; } .number { min-width: 1.6em; } td.chart, th.chart { display: none; } }
@media print { .tools { display: none; } body { background: none; } pre { max-height: none; } }
`
