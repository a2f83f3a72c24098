// The frame: accounts, sections, the clock, and which view is shown.

import { h, icon, note, attempt } from './dom.js';
import { session, openSession, choose } from './api.js';
import { clock } from './clock.js';
import { gallery } from './gallery.js';
import { image } from './image.js';
import { uploads } from './uploads.js';
import { variants } from './variants.js';
import { keys } from './keys.js';
import { requests } from './requests.js';
import { faults } from './faults.js';
import { stats } from './stats.js';
import { journal } from './journal.js';

// sections are the views with a place in the navigation, in its order.
const sections = [
  ['images', 'Images', gallery], ['uploads', 'Uploads', uploads], ['variants', 'Variants', variants], ['keys', 'Keys', keys],
  ['requests', 'Requests', requests], ['faults', 'Faults', faults], ['stats', 'Statistics', stats],
];

const main = document.getElementById('main');
let shown = false;
let leave = null; // stops what the present view has running

// route is what the address says: a section and what follows it.
function route() {
  const [name, ...rest] = location.hash.slice(1).split('/');
  return { name: name || 'images', rest: decodeURIComponent(rest.join('/')) };
}

async function show() {
  const { name, rest } = route();
  leave?.abort();
  leave = new AbortController();
  const { signal } = leave;
  const view = name === 'image' ? image : sections.find((s) => s[0] === name)?.[2] ?? gallery;
  mark(name === 'image' ? 'images' : name);
  const body = h('section', { class: `view ${name}` });
  main.replaceChildren(body);
  scrollTo(0, 0);
  if (shown) main.focus({ preventScroll: true }); // who goes on by the keyboard begins at the top
  shown = true;
  if (!session.account) {
    body.append(h('p', { class: 'empty' }, 'The mock serves no account yet. Reload the page once it does.'));
    return;
  }
  await attempt(() => view(body, rest, signal));
  const title = body.querySelector('h1')?.textContent;
  document.title = title ? `${title} · Images mock` : 'Images mock';
}

function mark(name) {
  for (const a of document.querySelectorAll('#nav a')) {
    if (a.hash === `#${name}`) {
      a.setAttribute('aria-current', 'page');
      a.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    } else a.removeAttribute('aria-current');
  }
}

function accounts() {
  const el = document.getElementById('account');
  const other = session.open ? [h('option', { value: '' }, 'Another…')] : [];
  const known = session.accounts.some((a) => a.id === session.account?.id) || !session.account ? session.accounts : [...session.accounts, session.account];
  el.replaceChildren(...known.map((a) => h('option', { value: a.id, selected: a.id === session.account?.id }, a.id)), ...other);
}

async function change(event) {
  let id = event.target.value;
  if (!id) id = prompt('Id of the account, up to 32 characters')?.trim().slice(0, 32);
  if (id) {
    choose(id);
    await attempt(openSession);
  }
  accounts();
  await show();
}

async function start() {
  document.getElementById('account').addEventListener('change', change);
  document.querySelector('.skip').addEventListener('click', (e) => { e.preventDefault(); main.focus(); });
  if (!await attempt(openSession)) note('The mock does not answer. Reload the page once it runs.', true);
  const chosen = sessionStorage.getItem('account');
  if (session.open && chosen && session.account?.id !== chosen) choose(chosen);
  accounts();
  const there = sections.filter(([name]) => (name !== 'requests' || session.journal) && (name !== 'faults' || session.faults));
  document.getElementById('nav').append(...there.map(([name, text]) => h('a', { href: `#${name}` }, icon(name), h('span', {}, text))));
  clock(document.getElementById('clock'));
  if (session.journal) journal.listen();
  addEventListener('hashchange', show);
  await show();
}

start();
