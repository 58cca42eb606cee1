"""How the page of families looks, and the little that a script adds to it."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1d2126; --soft: #565d66; --line: #dedbd3; --link: #0b5394;
  --sure: #14532d; --sure-back: #dcf2e3; --likely: #6b4700; --likely-back: #fbecc8; --maybe: #444b54;
  --maybe-back: #e9e9e6; --mark: #2b3f8c; --mark-back: #e4e9fb; --bad: #9b1c1c; --accent: #b4532a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --card: #1c2024; --ink: #e8e6e1; --soft: #a7adb5; --line: #343a40; --link: #8fc1ff;
    --sure: #a7ecc0; --sure-back: #143524; --likely: #f8d588; --likely-back: #3b2e10; --maybe: #c9ced4;
    --maybe-back: #2d3237; --mark: #bccaff; --mark-back: #262f52; --bad: #ff9d94; --accent: #f0a07a;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 3rem 1.5rem 4rem; max-width: 72rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: anywhere;
}
a { color: var(--link); text-underline-offset: 0.15em; }
a:focus-visible, input:focus-visible, select:focus-visible, summary:focus-visible {
  outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px;
}
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: 0.5rem 1rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.organization { margin: 0; color: var(--accent); font-weight: 600; letter-spacing: 0.01em; }
h1 { margin: 0.1rem 0 0.5rem; font-size: clamp(1.75rem, 4.5vw, 2.6rem); line-height: 1.12; letter-spacing: -0.02em;
    text-wrap: balance; }
.lead { margin: 0; font-size: 1.15rem; color: var(--soft); max-width: 46rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 1.75rem 0 1rem; padding: 1.1rem 0;
    border-block: 1px solid var(--line); }
.figures div { display: flex; flex-direction: column-reverse; }
.figures dt { color: var(--soft); font-size: 0.875rem; }
.figures dd { margin: 0; font-size: 1.6rem; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
.date { margin: 0; color: var(--soft); font-size: 0.875rem; }
.how { margin: 1.75rem 0; max-width: 46rem; }
.how summary { cursor: pointer; font-weight: 600; }
.how p { margin: 0.5rem 0 0; }
#controls { display: flex; flex-wrap: wrap; align-items: end; gap: 0.75rem 1.5rem; margin: 0 0 1.5rem; }
#controls[hidden] { display: none; }
#controls label { display: grid; gap: 0.25rem; font-size: 0.875rem; color: var(--soft); }
#controls output { color: var(--soft); padding-bottom: 0.5rem; }
input, select {
  font: inherit; font-size: 1rem; color: var(--ink); background: var(--card); border: 1px solid var(--soft);
      border-radius: 6px;
  padding: 0.45rem 0.7rem; min-height: 2.6rem; max-width: 100%;
}
input { width: 20rem; }
article {
  margin: 0 0 1.5rem; padding: 1.25rem 1.5rem 0.5rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 12px;
}
article[hidden] { display: none; }
article > header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline;
    gap: 0.25rem 1.5rem; }
h2 { margin: 0; font-size: 1.2rem; line-height: 1.3; letter-spacing: -0.01em; }
h2 .number { color: var(--soft); font-weight: 400; font-variant-numeric: tabular-nums; margin-right: 0.35rem; }
.standing { margin: 0; color: var(--soft); font-size: 0.9rem; }
.chip, .mark { display: inline-block; padding: 0.05rem 0.55rem; border-radius: 99px; font-size: 0.8125rem;
    font-weight: 600; white-space: nowrap; }
.sure { color: var(--sure); background: var(--sure-back); }
.likely { color: var(--likely); background: var(--likely-back); }
.maybe { color: var(--maybe); background: var(--maybe-back); }
.mark { color: var(--mark); background: var(--mark-back); }
.why { margin: 0.5rem 0 0.75rem; font-size: 0.9rem; }
.why div { display: flex; gap: 0.6rem; }
.why dt { color: var(--soft); flex: none; min-width: 5.5rem; }
.why dd { margin: 0; }
table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; table-layout: fixed; }
thead th { text-align: left; font-size: 0.8125rem; font-weight: 600; color: var(--soft);
    padding: 0.4rem 1rem 0.4rem 0; }
thead th:first-child { width: 40%; } thead th:nth-child(2) { width: 20%; } thead th:nth-child(3) { width: 11%; }
tbody th, td { text-align: left; vertical-align: top; font-weight: 400; padding: 0.7rem 1rem 0.7rem 0;
    border-top: 1px solid var(--line); }
.name { font-weight: 650; }
.ref { color: var(--soft); font-size: 0.8125rem; margin-right: 0.25rem; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.said { margin: 0.2rem 0 0; color: var(--soft); white-space: pre-line; display: -webkit-box;
    -webkit-box-orient: vertical;  }
td ul { margin: 0.2rem 0 0; padding: 0; list-style: none; font-size: 0.875rem; color: var(--soft); }
td small { display: block; font-size: 0.8125rem; color: var(--soft); }
td small b { color: var(--ink); font-weight: 600; }
.used { font-variant-numeric: tabular-nums; }
.deprecated { color: var(--bad); font-weight: 600; }
.none { color: var(--soft); }
footer { margin-top: 3rem; color: var(--soft); font-size: 0.875rem; }
@media (max-width: 44rem) {
  body { padding: 1.5rem 1rem 3rem; }
  article { padding: 1rem 1rem 0.25rem; }
  .figures { gap: 0.75rem 1.75rem; }
  input, select { width: 100%; } #controls label { flex: 1 1 100%; }
  table, tbody, tr, tbody th, td { display: block; width: auto; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { border-top: 1px solid var(--line); padding: 0.75rem 0; }
  tbody th, td { border: 0; padding: 0 0 0.3rem; }
  td { display: grid; grid-template-columns: 5rem 1fr; gap: 0 0.6rem; }
  td::before { content: attr(data-head); color: var(--soft); font-size: 0.8125rem; grid-row: 1 / span 9;
      line-height: 1.75; }
  td > * { grid-column: 2; }
}
@media print {
  :root {
    --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --link: #000; --sure: #000; --likely: #000;
    --maybe: #000; --mark: #000; --bad: #000; --accent: #000;
  }
  body { padding: 0; max-width: none; font-size: 10pt; }
  #controls, .skip { display: none; }
  article { break-inside: avoid; border-radius: 0; padding: 0.5rem 0; border-width: 1px 0 0; }
  .chip, .mark { border: 1px solid #888; background: none; }
  td a[href]::after { content: " (" attr(href) ")"; font-size: 8pt; }
}
"""

SCRIPT = """
(() => {
  const list = document.getElementById("families"), form = document.getElementById("controls");
  if (!form) return;
  const filter = document.getElementById("filter"), order = document.getElementById("order");
  const count = document.getElementById("count"), nothing = document.getElementById("nothing");
  const families = [...list.children].map(item => ({item, text: item.textContent.toLowerCase()}));
  const show = () => {
    const words = filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const {item, text} of families) {
      item.hidden = !words.every(word => text.includes(word));
      shown += !item.hidden;
    }
    count.textContent = shown + " of " + families.length + " shown";
    nothing.hidden = shown > 0;
  };
  const sort = () => {
    const key = order.value, sign = key === "number" ? 1 : -1;
    families.sort((a, b) => sign * (a.item.dataset[key] - b.item.dataset[key]) ||
        a.item.dataset.number - b.item.dataset.number);
    list.append(...families.map(({item}) => item));
  };
  form.hidden = false;
  form.addEventListener("submit", event => event.preventDefault());
  filter.addEventListener("input", show);
  order.addEventListener("change", sort);
  order.value = "number";
  show();
})();
"""
