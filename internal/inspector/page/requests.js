// The requests that the mock gets, as they come.

import { h, heading, empty, button, copier, select, icon } from './dom.js';
import { journal } from './journal.js';
import { curl, goCode } from './snippets.js';

const shown = 300;

export async function requests(body, _, signal) {
  const which = select([['', 'All'], ['api', 'API'], ['upload', 'Uploads'], ['delivery', 'Delivery'], ['failed', 'Failures']], 'api', { 'aria-label': 'Which', id: 'which', onchange: () => fill() });
  const search = h('input', { type: 'search', placeholder: 'path or operation', 'aria-label': 'Search', id: 'search', oninput: () => fill() });
  const pause = h('button', { type: 'button', 'aria-pressed': 'false', onclick: () => {
    const paused = pause.getAttribute('aria-pressed') !== 'true';
    pause.setAttribute('aria-pressed', String(paused));
    if (!paused) fill();
  } }, 'Pause');
  const live = h('span', { class: 'live', role: 'status' });
  const list = h('ol', { class: 'log', 'aria-label': 'Requests, the newest first' });
  const nothing = empty('requests', 'No requests', 'What a program asks of this mock appears here at once.');

  const wanted = (e) => (!which.value || e.kind === which.value || which.value === 'failed' && e.status >= 400)
    && `${e.method} ${e.path} ${e.operation ?? ''}`.toLowerCase().includes(search.value.toLowerCase());
  const tell = () => { nothing.hidden = list.children.length > 0; };
  const fill = () => { list.replaceChildren(...journal.entries.filter(wanted).slice(-shown).reverse().map(line)); tell(); };
  const turn = () => { live.textContent = journal.live ? 'live' : 'reconnecting…'; live.classList.toggle('on', journal.live); };

  journal.addEventListener('entry', ({ detail }) => {
    if (pause.getAttribute('aria-pressed') === 'true' || !wanted(detail)) return;
    list.prepend(line(detail));
    if (list.children.length > shown) list.lastChild.remove();
    tell();
  }, { signal });
  journal.addEventListener('turn', turn, { signal });
  body.append(heading('Requests', undefined, live, pause, button('Clear', async () => { await journal.clear(); fill(); })),
    h('div', { class: 'filter' }, which, search), list, nothing);
  fill();
  turn();
}

// line is one request, which opens to its details.
function line(e) {
  const tone = e.status >= 500 ? 'bad' : e.status >= 400 ? 'warn' : 'good';
  const summary = h('summary', {},
    h('span', { class: `status ${tone}` }, String(e.status || '–')), h('span', { class: 'method' }, e.method),
    h('span', { class: 'what' }, e.operation || e.path), e.fault && h('span', { class: 'tag', title: `Fault ${e.fault}` }, icon('faults'), e.fault),
    h('span', { class: 'took' }, took(e)), h('time', { datetime: e.time }, clockOf(e.time)));
  const details = h('details', {}, summary);
  details.addEventListener('toggle', () => { if (details.open && !details.querySelector('.more')) details.append(more(e)); });
  return h('li', {}, details);
}

const clockOf = (time) => new Date(time).toLocaleTimeString('en-GB');

const took = (e) => (e.duration_ms === undefined ? '' : e.duration_ms < 10 ? `${e.duration_ms.toFixed(1)} ms` : `${Math.round(e.duration_ms)} ms`);

function more(e) {
  const rows = [['URL', h('code', {}, e.path + (e.query ? `?${e.query}` : ''))], ['Account', e.account], ['Error codes', e.codes?.join(', ')],
    ['Fault', e.fault], ['The real service', e.notes?.join(' ')]];
  const text = (title, value) => value && [h('h3', {}, title), h('pre', {}, pretty(value))];
  return h('div', { class: 'more' }, h('dl', {}, rows.filter((r) => r[1]).map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])),
    h('div', { class: 'row' }, copier('Copy as curl', () => curl(e)), copier('Copy as Go', () => goCode(e))),
    text('Request', e.request_body), text('Answer', e.response_body));
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
