// How the pages look: one sheet, no fonts or pictures from anywhere, light or dark as the reader's system has it.

export const style = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --paper: #ffffff; --ink: #1b2430; --soft: #55606f; --line: #d9dee6; --tint: #eef2f8;
  --accent: #14508c; --accent-ink: #ffffff; --ok: #1d6b3a; --ok-ground: #e4f4ea; --bad: #9c1c1c; --bad-ground: #fde8e6;
  --mark: #7a4b00; --mark-ground: #fff3d6; --radius: .5rem;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161c; --paper: #1a2029; --ink: #e6eaf0; --soft: #a5b0bf; --line: #313a47; --tint: #222a35;
    --accent: #8fc1ff; --accent-ink: #0d1a29; --ok: #8fdcaa; --ok-ground: #17301f; --bad: #ffb0a8; --bad-ground: #3b1a19;
    --mark: #ffd58a; --mark-ground: #362a12;
  }
}
*, *::before { box-sizing: border-box; }
html { scroll-padding-top: 4rem; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, 'Segoe UI', Roboto, sans-serif; }
a { color: var(--accent); text-underline-offset: .15em; }
a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible, summary:focus-visible, [tabindex]:focus-visible {
  outline: 3px solid var(--accent); outline-offset: 2px;
}
.skip { position: absolute; left: -99rem; top: 0; background: var(--paper); padding: .75rem 1rem; z-index: 2; }
.skip:focus { left: 0; }
.bar { background: var(--paper); border-bottom: 1px solid var(--line); }
.bar > div { max-width: 78rem; margin: 0 auto; padding: .6rem 1.25rem; display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; }
.brand { font-weight: 700; letter-spacing: .01em; text-decoration: none; color: var(--ink); display: flex; gap: .5rem; align-items: center; }
.brand::before { content: ''; width: .9rem; height: .9rem; border-radius: .25rem; background: var(--accent); box-shadow: .3rem .3rem 0 -0.05rem color-mix(in srgb, var(--accent) 45%, transparent); }
.bar nav ul { list-style: none; display: flex; gap: .25rem; margin: 0; padding: 0; flex-wrap: wrap; }
.bar nav a { display: block; padding: .35rem .75rem; border-radius: var(--radius); text-decoration: none; color: var(--ink); }
.bar nav a:hover { background: var(--tint); }
.bar nav a[aria-current] { background: var(--accent); color: var(--accent-ink); }
.bar .languages a { padding: .25rem .5rem; font-size: .875rem; color: var(--soft); }
.bar .languages a[aria-current] { background: none; color: var(--ink); font-weight: 700; text-decoration: underline; }
.bar .who { margin-left: auto; display: flex; gap: .75rem; align-items: center; font-size: .875rem; color: var(--soft); flex-wrap: wrap; }
main { max-width: 78rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; }
p { margin: .5rem 0; max-width: 70ch; }
.soft, .hint { color: var(--soft); }
.hint { font-size: .875rem; }
.paper { background: var(--paper); border: 1px solid var(--line); border-radius: var(--radius); padding: 1rem 1.25rem; }
.paper > :first-child { margin-top: 0; }
.paper > :last-child { margin-bottom: 0; }
.paper + .paper { margin-top: 1rem; }
.narrow { max-width: 34rem; margin: 2rem auto; }
label, .label { display: block; font-size: .875rem; font-weight: 600; margin-bottom: .25rem; }
input:not([type=checkbox]), select {
  width: 100%; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: calc(var(--radius) - .1rem);
  padding: .45rem .6rem; min-height: 2.5rem;
}
button, .button {
  font: inherit; font-weight: 600; border: 1px solid var(--accent); background: var(--accent); color: var(--accent-ink); border-radius: calc(var(--radius) - .1rem);
  padding: .45rem 1rem; min-height: 2.5rem; cursor: pointer; text-decoration: none; display: inline-block; overflow-wrap: normal;
}
button.quiet, .button.quiet { background: none; color: var(--accent); }
button.small { min-height: 1.75rem; padding: .1rem .6rem; font-size: .875rem; }
.searchline { display: flex; flex-wrap: wrap; gap: .5rem; }
.searchline input { font-size: 1.1rem; }
.searchline > :first-child { flex: 1 1 16rem; }
details { margin-top: .75rem; }
summary { cursor: pointer; font-weight: 600; padding: .25rem 0; }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .75rem 1rem; margin: .75rem 0; }
.check { display: flex; gap: .5rem; align-items: center; font-weight: 400; }
.check input { width: 1.15rem; height: 1.15rem; }
.row { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; background: var(--paper); }
.records { border: 1px solid var(--line); border-radius: var(--radius); }
caption { text-align: left; white-space: nowrap; font-weight: 700; font-size: 1.15rem; padding: 1rem 0 .5rem; background: var(--ground); }
th, td { text-align: left; vertical-align: top; padding: .6rem .75rem; border-bottom: 1px solid var(--line); }
thead th { font-size: .8125rem; color: var(--soft); font-weight: 600; background: var(--tint); }
tbody tr:hover { background: var(--tint); }
td, dd, .says { overflow-wrap: anywhere; }
/* A name that is written from the right turns round neither the date nor the id beside it. */
bdi, code, mark, strong, time, .soft { unicode-bidi: isolate; }
.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.records .time { width: 13.5rem; }
.records .outcome { width: 11rem; }
.records .writer { width: 13rem; color: var(--soft); font-size: .875rem; }
.chip { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; font-size: .8125rem; font-weight: 600; border: 1px solid currentColor; white-space: nowrap; }
.chip.ok { color: var(--ok); background: var(--ok-ground); }
.chip.bad { color: var(--bad); background: var(--bad-ground); }
.chip.warn { color: var(--mark); background: var(--mark-ground); }
.chip.kind { color: var(--soft); border-color: var(--line); font-weight: 500; }
.mark { background: var(--mark-ground); color: var(--mark); border-left: .3rem solid currentColor; padding: .5rem .75rem; border-radius: .25rem; margin: .5rem 0; }
.mark.fine { background: var(--ok-ground); color: var(--ok); }
.mark.wrong { background: var(--bad-ground); color: var(--bad); }
.why { font-size: .875rem; color: var(--mark); margin-top: .25rem; }
.reason { font-size: .875rem; color: var(--bad); margin-top: .25rem; }
.ending { background: var(--paper); border: 1px solid var(--line); border-radius: var(--radius); padding: .75rem 1rem; margin: 1rem 0; display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; }
.two { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1rem; align-items: start; }
.step { margin: 1rem 0; }
.step > h2 { margin: 0 0 .75rem; display: flex; gap: .75rem; align-items: center; flex-wrap: wrap; }
.side { background: var(--tint); border-radius: var(--radius); padding: .75rem 1rem; min-height: 100%; }
.side h3 { margin: 0 0 .5rem; font-size: .8125rem; color: var(--soft); }
.side.missing { background: none; border: 2px dashed var(--mark); }
dl.facts { display: grid; grid-template-columns: minmax(9rem, max-content) minmax(0, 1fr); gap: .4rem 1.25rem; margin: 0; }
dl.facts dt { color: var(--soft); font-size: .875rem; padding-top: .1rem; }
dl.facts dd { margin: 0; }
pre { font: .8125rem/1.5 ui-monospace, 'Cascadia Mono', Menlo, monospace; background: var(--tint); border-radius: var(--radius); padding: .75rem 1rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 44rem; margin: 0; }
code { font: .875em ui-monospace, 'Cascadia Mono', Menlo, monospace; overflow-wrap: anywhere; }
.line { list-style: none; margin: 0; padding: 0 0 0 1.25rem; border-left: 2px solid var(--line); }
.line > li { position: relative; padding: .4rem 0 .6rem; }
.line > li::before { content: ''; position: absolute; left: -1.6rem; top: .85rem; width: .65rem; height: .65rem; border-radius: 50%; background: var(--ok); border: 2px solid var(--ground); }
.line > li.bad::before { background: var(--bad); }
.line > li.urgent::before { background: var(--mark); }
.compared tbody th { color: var(--soft); font-size: .875rem; font-weight: 600; width: 8rem; }
.compared mark { background: var(--mark-ground); color: var(--mark); padding: 0 .2rem; border-radius: .2rem; text-decoration: underline; text-decoration-thickness: .1rem; text-underline-offset: .2rem; }
.compared .differs { color: var(--mark); font-weight: 600; }
.compared .weighs { font-variant-numeric: tabular-nums; white-space: nowrap; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: 1rem; padding: 0; margin: 1rem 0; list-style: none; }
.cards h2 { margin: 0 0 .25rem; font-size: 1.05rem; }
.searches { list-style: none; padding: 0; margin: .5rem 0; display: flex; flex-wrap: wrap; gap: .5rem 1rem; }
.searches li { display: flex; gap: .5rem; align-items: center; }
@media (max-width: 52rem) {
  .two { grid-template-columns: minmax(0, 1fr); }
  .records, .records tbody, .records tr, .records td { display: block; width: auto !important; }
  caption { display: block; white-space: normal; }
  .records thead { position: absolute; left: -99rem; }
  .records tr { border-bottom: 1px solid var(--line); padding: .5rem 0; }
  .records td { border: 0; padding: .15rem .75rem; }
  .compared tbody th, .compared tfoot th, .compared tfoot td { display: block; width: auto; border: 0; padding: .15rem .75rem; }
  .bar .who { margin-left: 0; }
  dl.facts { grid-template-columns: minmax(0, 1fr); gap: 0 0; }
  dl.facts dd { margin-bottom: .5rem; }
}
@media (prefers-reduced-motion: no-preference) { a, button { transition: background .1s; } }
@media print { .bar, form, .ending a { display: none; } body { background: none; } }
`
