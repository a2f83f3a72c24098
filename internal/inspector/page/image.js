// One image: how it is delivered, what is known of it, and its signed links.

import { h, heading, icon, button, copier, field, select, confirmed, note, attempt, bytes } from './dom.js';
import { call, send, imagePath, here, now } from './api.js';
import { deliverable, address } from './thumbs.js';
import { signed } from './sign.js';
import { advance } from './clock.js';

export async function image(body, id, signal) {
  const [item, known] = await Promise.all([call('GET', imagePath(id), { signal }), deliverable(signal)]);
  const again = () => { body.replaceChildren(); return image(body, id, signal); };
  body.append(
    h('a', { class: 'back', href: '#images' }, icon('back'), 'Images'),
    heading(item.filename || item.id, undefined, button('Download', () => download(item)), button('Delete', () => remove(item), { class: 'danger' })),
    h('div', { class: 'columns' }, h('div', {}, facts(item), metadata(item, again)), h('div', {}, item.draft ? waiting() : [variants(item, signal), links(item, known)])));
}

function waiting() {
  return h('div', { class: 'card' }, h('h2', {}, 'Draft'), h('p', {}, 'The file has not been uploaded yet, so there is nothing to deliver.'));
}

function facts(item) {
  const privacy = h('input', { type: 'checkbox', checked: item.requireSignedURLs, id: 'private', onchange: async () => {
    const ok = await attempt(async () => {
      const next = await call('PATCH', imagePath(item.id), { json: { requireSignedURLs: privacy.checked } });
      note(next.id === item.id ? 'Saved' : 'Saved. The image has a new id.');
      location.hash = `image/${encodeURIComponent(next.id)}`;
    });
    if (!ok) privacy.checked = item.requireSignedURLs;
  } });
  const rows = [['Id', h('code', {}, item.id)], ['File', item.filename ?? '–'], ['Uploaded', `${item.uploaded.slice(0, 19).replace('T', ' ')} UTC`], ['Creator', item.creator ?? '–']];
  return h('div', { class: 'card' }, h('h2', {}, 'Facts'),
    h('dl', {}, rows.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])),
    field('Requires signed URLs', privacy));
}

function metadata(item, again) {
  const text = h('textarea', { id: 'metadata', rows: 6, spellcheck: 'false' });
  text.value = JSON.stringify(item.meta ?? {}, null, 2);
  const creator = h('input', { value: item.creator ?? '', id: 'creator', autocomplete: 'off' });
  const save = button('Save', async () => {
    const json = { metadata: parse(text.value) };
    if (creator.value !== (item.creator ?? '')) json.creator = creator.value;
    await call('PATCH', imagePath(item.id), { json });
    note('Saved');
    await again();
  }, { class: 'primary' });
  return h('div', { class: 'card' }, h('h2', {}, 'Metadata'), field('JSON object', text, 'Up to 1024 bytes; it replaces what is there.'), field('Creator', creator), save);
}

export function parse(text) {
  if (!text.trim()) return {};
  try {
    return JSON.parse(text);
  } catch (err) {
    throw new Error(`The metadata is not JSON: ${err.message}`);
  }
}

async function download(item) {
  const blob = await (await send('GET', `${imagePath(item.id)}/blob`)).blob();
  const url = URL.createObjectURL(blob);
  h('a', { href: url, download: item.filename || 'image' }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

async function remove(item) {
  if (!await confirmed(`Delete ${item.filename || item.id}? It cannot be taken back.`, 'Delete')) return;
  await call('DELETE', imagePath(item.id));
  note('Deleted');
  location.hash = 'images';
}

// variants shows the image in each, with what was really delivered.
function variants(item, signal) {
  const shown = item.variants.map((url) => {
    const path = here(url);
    const box = h('span', { class: 'thumb' });
    const told = h('span', { class: 'remark' }, '…');
    deliver(box, told, address(path, item.requireSignedURLs), signal);
    const name = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
    return h('figure', {}, box, h('figcaption', {}, h('b', {}, name), told, copier('Copy URL', () => url)));
  });
  return h('div', { class: 'card' }, h('h2', {}, 'Variants'), h('div', { class: 'figures' }, shown));
}

async function deliver(box, told, path, signal) {
  try {
    const answer = await fetch(path, { signal });
    if (!answer.ok) {
      told.textContent = await answer.text();
      told.classList.add('error');
      return;
    }
    const blob = await answer.blob();
    const img = h('img', { alt: '', src: URL.createObjectURL(blob), onload: () => {
      told.textContent = `${img.naturalWidth} × ${img.naturalHeight} · ${blob.type.replace('image/', '')} · ${bytes(blob.size)}`;
      img.classList.add('shown');
    } });
    signal.addEventListener('abort', () => URL.revokeObjectURL(img.src));
    box.replaceChildren(img);
  } catch (err) {
    if (err.name === 'AbortError') return;
    told.textContent = 'The connection failed';
    told.classList.add('error');
  }
}

// links builds signed links and tries them.
function links(item, known) {
  const variant = select(item.variants.map((v) => [v, v.slice(v.lastIndexOf('/') + 1)]), item.variants[0], { id: 'link-variant' });
  const key = select(known.keys.map((k) => [k.value, k.name]), known.keys[0]?.value, { id: 'link-key' });
  const expiry = select([['0', 'never'], ['60', 'in a minute'], ['3600', 'in an hour'], ['86400', 'in a day'], ['604800', 'in a week']], '3600', { id: 'link-expiry' });
  const url = h('textarea', { readonly: true, rows: 4, id: 'link', 'aria-label': 'Signed link', spellcheck: 'false' });
  const tried = h('p', { class: 'tried', id: 'tried', role: 'status' });
  let exp = 0;
  const build = () => {
    const seconds = Number(expiry.value);
    exp = seconds ? Math.floor(now() / 1000) + seconds : 0;
    const at = new URL(variant.value);
    url.value = at.origin + signed(at.pathname, key.value, exp);
    tried.textContent = '';
  };
  for (const control of [variant, key, expiry]) control.addEventListener('change', build);
  build();
  const tryIt = async () => {
    const answer = await fetch(here(url.value), { cache: 'no-store' });
    tried.className = answer.ok ? 'tried good' : 'tried bad';
    tried.textContent = answer.ok ? `${answer.status} · ${answer.headers.get('Content-Type')} · ${answer.headers.get('Cache-Control')}` : `${answer.status} · ${await answer.text()}`;
  };
  const expire = async () => {
    const left = exp - Math.floor(now() / 1000);
    if (!exp) throw new Error('This link never expires.');
    if (left >= 0) await advance(`${left + 1}s`);
    await tryIt();
  };
  return h('div', { class: 'card' }, h('h2', {}, 'Signed link'),
    h('p', { class: 'quiet' }, item.requireSignedURLs ? 'This image is only delivered with a signature, or by a variant that never needs one.' : 'This image is public, so a signature is not needed; a wrong one does no harm.'),
    h('div', { class: 'fields' }, field('Variant', variant), field('Key', key), field('Expires', expiry)), url,
    h('div', { class: 'row' }, button('Try it', tryIt, { class: 'primary' }), copier('Copy', () => url.value, {}), button('Move the clock past its end', expire)), tried);
}
