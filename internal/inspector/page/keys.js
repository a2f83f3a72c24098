// The signing keys of the account.

import { h, heading, button, copier, field, confirmed, note } from './dom.js';
import { call } from './api.js';

export async function keys(body, _, signal) {
  const show = (list) => body.replaceChildren(
    heading('Keys', 'Each key signs delivery URLs. A new value makes the links of the old one stop at once.'),
    h('div', { class: 'cards' }, list.map((k) => card(k, show)), maker(show)));
  show((await call('GET', '/images/v1/keys', { signal })).keys);
}

const path = (name) => `/images/v1/keys/${encodeURIComponent(name)}`;

function card(k, show) {
  const hidden = '•'.repeat(24);
  const value = h('input', { readonly: true, value: hidden, 'aria-label': `Value of ${k.name}`, autocomplete: 'off' });
  const reveal = h('button', { type: 'button', class: 'small', onclick: () => {
    value.value = value.value === hidden ? k.value : hidden;
    reveal.textContent = value.value === hidden ? 'Show' : 'Hide';
  } }, 'Show');
  const rotate = button('New value', async () => {
    if (!await confirmed(`Give ${k.name} a new value? Links that it signed stop working.`, 'New value')) return;
    show((await call('PUT', path(k.name))).keys);
    note(`${k.name} has a new value`);
  });
  const remove = button('Delete', async () => {
    if (!await confirmed(`Delete the key ${k.name}? Links that it signed stop working.`, 'Delete')) return;
    show((await call('DELETE', path(k.name))).keys);
  }, { class: 'danger' });
  return h('section', { class: 'card', 'aria-label': `Key ${k.name}` }, h('h2', {}, k.name),
    h('div', { class: 'row secret' }, value, reveal, copier('Copy', () => k.value)), h('div', { class: 'row' }, rotate, remove));
}

function maker(show) {
  const name = h('input', { id: 'key-name', maxlength: 20, placeholder: 'second', autocomplete: 'off' });
  return h('section', { class: 'card new', 'aria-label': 'New key' }, h('h2', {}, 'New key'), field('Name', name, 'Up to 20 letters, digits, - and _.'),
    h('div', { class: 'row' }, button('Create', async () => {
      if (!name.value.trim()) throw new Error('The key needs a name.');
      show((await call('PUT', path(name.value.trim()))).keys);
    }, { class: 'primary' })));
}
