// Direct uploads: a draft for each file, and the file sent to its one-time URL.

import { h, heading, button, copier, field, select, attempt, bytes, span, icon } from './dom.js';
import { call, here, now } from './api.js';
import { parse } from './image.js';

const atOnce = 3;

// made are the drafts of this page, which the API does not list.
const made = new Map();

export async function uploads(body, _, signal) {
  const options = form();
  const list = h('ul', { class: 'uploads', 'aria-label': 'Uploads of this page' });
  const input = h('input', { type: 'file', multiple: true, id: 'files', accept: 'image/*', class: 'offscreen', onchange: () => { take([...input.files], options, list); input.value = ''; } });
  const zone = h('label', { class: 'zone', htmlFor: 'files' }, icon('uploads'), h('b', {}, 'Drop images here'), h('span', { class: 'quiet' }, 'or choose files'), input);
  zone.addEventListener('dragover', (e) => { e.preventDefault(); zone.classList.add('over'); });
  zone.addEventListener('dragleave', () => zone.classList.remove('over'));
  zone.addEventListener('drop', (e) => {
    e.preventDefault();
    zone.classList.remove('over');
    take([...e.dataTransfer.files], options, list);
  });
  const draft = button('Make a draft only', async () => { list.prepend(row(await create(options))); });
  body.append(heading('Uploads', 'Each file gets a draft and a one-time URL, and is sent to it without credentials, as a browser of your users would.', draft),
    h('div', { class: 'columns' }, h('div', {}, zone, list), options.el));
  for (const d of [...made.values()].reverse()) list.append(row(d));
  const timer = setInterval(() => list.querySelectorAll('[data-expires]').forEach(countdown), 1000);
  signal.addEventListener('abort', () => clearInterval(timer));
}

function form() {
  const meta = h('textarea', { rows: 4, id: 'upload-metadata', placeholder: '{"album": "cats"}', spellcheck: 'false' });
  const creator = h('input', { id: 'upload-creator', autocomplete: 'off' });
  const isPrivate = h('input', { type: 'checkbox', id: 'upload-private' });
  const expiry = select([['', 'default (30 min)'], ['120', '2 minutes'], ['3600', '1 hour'], ['21000', '5 h 50 min']], '', { id: 'upload-expiry' });
  return { meta, creator, isPrivate, expiry, el: h('div', { class: 'card' }, h('h2', {}, 'For the next drafts'),
    field('Metadata', meta, 'A JSON object, up to 1024 bytes.'), field('Creator', creator), field('Upload URL expires after', expiry), field('Requires signed URLs', isPrivate)) };
}

// create makes a draft.
async function create(o) {
  const form = new FormData();
  form.set('requireSignedURLs', String(o.isPrivate.checked));
  if (o.meta.value.trim()) form.set('metadata', JSON.stringify(parse(o.meta.value)));
  if (o.creator.value) form.set('creator', o.creator.value);
  const seconds = Number(o.expiry.value || 1800);
  const expires = now() + 1000 * seconds;
  if (o.expiry.value) form.set('expiry', new Date(expires).toISOString());
  const draft = { ...await call('POST', '/images/v2/direct_upload', { form }), expires, state: 'waiting' };
  made.set(draft.id, draft);
  return draft;
}

async function take(files, options, list) {
  const queue = files.slice();
  const next = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      await attempt(async () => {
        const draft = await create(options);
        draft.name = file.name;
        const el = row(draft);
        list.prepend(el);
        await post(draft, file, el);
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
}

// post sends a file to the draft's URL.
function post(draft, file, el) {
  const bar = el.querySelector('progress');
  const told = el.querySelector('.told');
  bar.hidden = false;
  return new Promise((resolve) => {
    const request = new XMLHttpRequest(); // which tells the progress of an upload
    request.upload.addEventListener('progress', (e) => { bar.value = e.total ? e.loaded / e.total : 0; });
    request.addEventListener('loadend', () => {
      finish(draft, request, file);
      if (draft.state === 'done') bar.value = 1;
      else bar.hidden = true;
      refresh(draft, el, told);
      resolve();
    });
    request.open('POST', here(draft.uploadURL));
    const form = new FormData();
    form.set('file', file, file.name);
    request.send(form);
  });
}

function finish(draft, request, file) {
  draft.name = file.name;
  draft.size = file.size;
  let body = null;
  try { body = JSON.parse(request.responseText); } catch { /* plain text, or nothing */ }
  if (request.status === 200 && body?.success) {
    draft.state = 'done';
    return;
  }
  draft.state = 'failed';
  draft.why = body?.errors?.map((e) => `${e.code}: ${e.message}`).join('; ') || request.responseText.slice(0, 200) || 'the connection broke';
}

// row shows a draft: its state, and what can be done with it.
function row(draft) {
  const told = h('span', { class: 'told' });
  const el = h('li', { 'data-id': draft.id }, h('div', { class: 'line' }, h('b', { class: 'name' }), told),
    h('progress', { max: 1, value: draft.state === 'done' ? 1 : 0, hidden: draft.state !== 'done', 'aria-label': 'Progress' }), h('div', { class: 'row' }));
  refresh(draft, el, told);
  return el;
}

function refresh(draft, el, told) {
  el.className = draft.state;
  el.querySelector('.name').textContent = draft.name ?? draft.id;
  delete told.dataset.expires;
  const row = el.querySelector('.row');
  if (draft.state === 'done') {
    told.textContent = `uploaded · ${bytes(draft.size)}`;
    row.replaceChildren(h('a', { class: 'button small', href: `#image/${encodeURIComponent(draft.id)}` }, 'Open'));
    return;
  }
  if (draft.state === 'failed') told.textContent = draft.why;
  else {
    told.dataset.expires = draft.expires;
    countdown(told);
  }
  const input = h('input', { type: 'file', class: 'offscreen', accept: 'image/*', onchange: () => input.files[0] && post(draft, input.files[0], el) });
  row.replaceChildren(copier('Copy upload URL', () => draft.uploadURL), h('label', { class: 'button small' }, 'Send a file', input), button('Look at it', () => { location.hash = `image/${encodeURIComponent(draft.id)}`; }, { class: 'small' }));
}

function countdown(el) {
  const left = (Number(el.dataset.expires) - now()) / 1000;
  el.textContent = left > 0 ? `waits for its file · ${span(left)} left` : 'the URL has expired';
}
