// The variants of the account, and its delivery settings.

import { h, heading, button, field, select, confirmed, note } from './dom.js';
import { call, session } from './api.js';

const fits = ['scale-down', 'contain', 'cover', 'crop', 'pad'];

export async function variants(body, _, signal) {
  const load = async () => {
    const { variants: all } = await call('GET', '/images/v1/variants', { signal });
    const cards = Object.values(all).map((v) => editor(v, load));
    body.replaceChildren(
      heading('Variants', `${cards.length} of up to 100. Images have a URL for each.`),
      h('div', { class: 'cards' }, cards, maker(load)), settings());
  };
  await load();
}

// controls are the inputs for a variant's options.
function controls(v) {
  const o = v.options;
  const number = (value, min, max) => h('input', { type: 'number', inputmode: 'numeric', value: value ?? '', min, max });
  const c = {
    fit: select(fits, o.fit), metadata: select(['keep', 'copyright', 'none'], o.metadata),
    width: number(o.width, 1), height: number(o.height, 1), blur: number(o.blur, 1, 250), ttl: number(o.browser_ttl, 3600, 31536000),
    never: h('input', { type: 'checkbox', checked: v.neverRequireSignedURLs }),
  };
  c.el = h('div', { class: 'fields' }, field('Fit', c.fit), field('Width', c.width), field('Height', c.height), field('Metadata', c.metadata),
    field('Blur', c.blur), field('Browser TTL (s)', c.ttl));
  c.check = field('Never requires signed URLs', c.never);
  return c;
}

function read(c) {
  const options = { fit: c.fit.value, metadata: c.metadata.value, width: Number(c.width.value), height: Number(c.height.value) };
  if (c.blur.value) options.blur = Number(c.blur.value);
  if (c.ttl.value) options.browser_ttl = Number(c.ttl.value);
  return { options, neverRequireSignedURLs: c.never.checked };
}

function editor(v, load) {
  const c = controls(v);
  const path = `/images/v1/variants/${encodeURIComponent(v.id)}`;
  const save = button('Save', async () => {
    await call('PATCH', path, { json: read(c) });
    note(`${v.id} is saved`);
    await load();
  }, { class: 'primary' });
  const remove = button('Delete', async () => {
    if (!await confirmed(`Delete the variant ${v.id}? The URLs of every image lose it.`, 'Delete')) return;
    await call('DELETE', path);
    await load();
  }, { class: 'danger' });
  return h('section', { class: 'card variant', 'aria-label': `Variant ${v.id}` },
    h('div', { class: 'heading' }, h('h2', {}, v.id), shape(v.options)), c.el, c.check,
    h('div', { class: 'row' }, save, v.id === 'public' ? h('span', { class: 'remark' }, 'Built in; it cannot be deleted.') : remove));
}

// shape is the box of a variant in its proportions.
function shape({ width, height }) {
  const box = h('span', { class: 'shape', title: `${width} × ${height}` });
  const k = Math.min(40 / width, 24 / height);
  box.style.width = `${Math.max(3, width * k)}px`;
  box.style.height = `${Math.max(3, height * k)}px`;
  return h('span', { class: 'shapebox' }, box);
}

function maker(load) {
  const id = h('input', { id: 'variant-id', placeholder: 'thumb', autocomplete: 'off', maxlength: 99 });
  const c = controls({ options: { fit: 'cover', metadata: 'none', width: 320, height: 240 } });
  const make = button('Create', async () => {
    await call('POST', '/images/v1/variants', { json: { id: id.value.trim(), ...read(c) } });
    note('Created');
    await load();
  }, { class: 'primary' });
  return h('section', { class: 'card variant new', 'aria-label': 'New variant' }, h('div', { class: 'heading' }, h('h2', {}, 'New variant')),
    field('Name', id, 'Letters and digits.'), c.el, c.check, h('div', { class: 'row' }, make));
}

// settings are those of the account, which the API takes but does not tell.
function settings() {
  const a = session.account;
  const flexible = h('input', { type: 'checkbox', id: 'flexible', checked: a.flexible_variants });
  const ttl = h('input', { type: 'number', id: 'ttl', min: 3600, max: 31536000, value: a.browser_ttl || '', placeholder: '172800' });
  const save = button('Save', async () => {
    const json = { flexible_variants: flexible.checked };
    if (ttl.value) json.browser_ttl = Number(ttl.value);
    await call('PATCH', '/images/v1/config', { json });
    Object.assign(a, { flexible_variants: flexible.checked, browser_ttl: json.browser_ttl ?? a.browser_ttl });
    note('Saved');
  }, { class: 'primary' });
  return h('section', { class: 'card settings' }, h('h2', {}, 'All images'),
    field('Flexible variants', flexible, 'URLs may name options in place of a variant: w=400,fit=cover. Not for private images.'),
    field('Browser TTL (s)', ttl, 'For variants that say nothing else: an hour (3600) to a year (31536000).'), h('div', { class: 'row' }, save));
}
