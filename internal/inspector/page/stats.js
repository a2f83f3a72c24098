// Statistics: how much is stored, and what was asked lately.

import { h, heading } from './dom.js';
import { call, session } from './api.js';
import { journal } from './journal.js';

const minutes = 30;

export async function stats(body, _, signal) {
  const { count } = await call('GET', '/images/v1/stats', { signal });
  const charts = h('div', { class: 'columns even' });
  const draw = () => charts.replaceChildren(overTime(journal.entries), byOperation(journal.entries));
  body.append(heading('Statistics'), usage(count));
  if (!session.journal) return;
  body.append(charts);
  let frame = 0;
  journal.addEventListener('entry', () => { frame ||= requestAnimationFrame(() => { frame = 0; draw(); }); }, { signal });
  draw();
}

function usage({ current, allowed }) {
  const n = (x) => x.toLocaleString('en');
  return h('section', { class: 'card usage' }, h('h2', {}, 'Images'),
    h('p', { class: 'big' }, n(current), h('span', { class: 'quiet' }, ` of ${n(allowed)}`)),
    h('meter', { min: 0, max: allowed, value: String(current), 'aria-label': 'Images stored' }));
}

// overTime has a bar for each of the last minutes, failures at its foot.
function overTime(entries) {
  const end = Math.floor(Date.now() / 60000);
  const bars = Array.from({ length: minutes }, () => ({ good: 0, bad: 0 }));
  for (const e of entries) {
    const bar = bars[minutes - 1 - (end - Math.floor((e.arrived ?? Date.now()) / 60000))];
    if (bar) bar[e.status >= 400 ? 'bad' : 'good']++;
  }
  const most = Math.max(1, ...bars.map((b) => b.good + b.bad));
  const svg = drawing('svg', { viewBox: `0 0 ${minutes * 10} 120`, preserveAspectRatio: 'none', role: 'img', class: 'bars', 'aria-label': `Requests in each of the last ${minutes} minutes, at most ${most}` });
  bars.forEach((b, i) => {
    const bad = (b.bad / most) * 116, good = (b.good / most) * 116;
    svg.append(drawing('rect', { x: i * 10 + 1, y: 118 - bad, width: 8, height: bad, class: 'bad' }),
      drawing('rect', { x: i * 10 + 1, y: 118 - bad - good, width: 8, height: good, class: 'good' }),
      drawing('rect', { x: i * 10 + 1, y: 118, width: 8, height: 2, class: 'base' }));
  });
  return h('section', { class: 'card' }, h('h2', {}, 'Requests a minute'), svg,
    h('p', { class: 'remark between' }, h('span', {}, `${minutes} minutes ago`), h('span', {}, `at most ${most}`), h('span', {}, 'now')));
}

function drawing(name, attributes) {
  const el = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) el.setAttribute(key, value);
  return el;
}

// byOperation counts what the journal has.
function byOperation(entries) {
  const counts = new Map();
  for (const e of entries) {
    const name = e.operation || { upload: 'to upload URLs', delivery: 'delivery' }[e.kind] || 'no operation';
    const c = counts.get(name) ?? { all: 0, bad: 0 };
    c.all++;
    if (e.status >= 400) c.bad++;
    counts.set(name, c);
  }
  const rows = [...counts].sort((a, b) => b[1].all - a[1].all);
  const most = rows[0]?.[1].all ?? 1;
  return h('section', { class: 'card' }, h('h2', {}, 'By operation'), rows.length === 0 && h('p', { class: 'quiet' }, 'Nothing was asked yet.'),
    h('table', { class: 'counts' }, h('tbody', {}, rows.map(([name, c]) => {
      const bar = h('span', { class: c.bad ? 'bar some' : 'bar' });
      bar.style.width = `${Math.max(1, (c.all / most) * 100)}%`;
      return h('tr', {}, h('th', { scope: 'row' }, name), h('td', { class: 'barcell' }, bar), h('td', { class: 'num' }, String(c.all)), h('td', { class: 'num error' }, c.bad ? `${c.bad} failed` : ''));
    }))));
}
