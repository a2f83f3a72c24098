// The gallery: any number of images, of which only those in sight are elements.

import { h, heading, empty, icon, select, button, attempt } from './dom.js';
import { call, here } from './api.js';
import { deliverable, thumbnail } from './thumbs.js';

const pageSize = 500;
const gap = 14;

export async function gallery(body, _, signal) {
  const grid = new Grid(signal);
  const count = h('span', { class: 'quiet', id: 'count' });
  const input = h('input', { type: 'search', id: 'filter', autocomplete: 'off', spellcheck: 'false', 'aria-describedby': 'filter-error filter-help',
    placeholder: 'meta.album[eq]=cats&meta.rating[gte:number]=3', value: sessionStorage.getItem('filter') ?? '' });
  const order = select([['desc', 'Newest first'], ['asc', 'Oldest first']], 'desc', { 'aria-label': 'Order', onchange: () => load() });
  const error = h('p', { class: 'error', id: 'filter-error', role: 'alert', hidden: true });
  const form = h('form', { class: 'filter', role: 'search', onsubmit: (e) => { e.preventDefault(); load(); } },
    h('label', { class: 'label', for: 'filter' }, 'Filter'), input, h('button', { class: 'primary' }, 'Apply'), order);
  body.append(
    heading('Images', undefined, count, h('a', { class: 'button primary', href: '#uploads' }, 'Upload')), form,
    h('p', { class: 'remark', id: 'filter-help' }, 'As in the API: ', h('code', {}, 'meta.<path>[<operator>:<type>]=<value>'),
      ' with eq, in, gt, gte, lt or lte; ', h('code', {}, 'creator=<name>'), '; up to five, joined by ', h('code', {}, '&'), '.'),
    error, grid.el);
  input.addEventListener('search', () => { if (!input.value) load(); });

  async function load() {
    sessionStorage.setItem('filter', input.value);
    error.hidden = true;
    input.removeAttribute('aria-invalid');
    const query = new URLSearchParams(input.value.trim().replace(/^\?/, ''));
    query.set('per_page', pageSize);
    query.set('sort_order', order.value);
    try {
      await grid.fill(query, (n, more) => { count.textContent = `${n.toLocaleString('en')}${more ? '+' : ''} image${n === 1 && !more ? '' : 's'}`; });
    } catch (err) {
      if (err.name === 'AbortError') return;
      error.textContent = err.message;
      error.hidden = false;
      input.setAttribute('aria-invalid', 'true');
      return;
    }
    if (!grid.items.length) grid.el.append(nothing(input, load));
  }
  await deliverable(signal);
  await load();
}

function nothing(input, load) {
  if (input.value) {
    return empty('images', 'No image matches', 'Every term must hold, and a typed term matches values of its type only.',
      button('Show all', async () => { input.value = ''; await load(); }));
  }
  return empty('images', 'No images yet', 'Upload some here, or with the client of your program: they appear as they are delivered.',
    h('a', { class: 'button primary', href: '#uploads' }, 'Upload images'));
}

// Grid holds what the API told of images, and elements for those in sight.
class Grid {
  constructor(signal) {
    this.items = [];
    this.signal = signal;
    this.cells = new Map();
    this.current = 0;
    this.list = h('ul', { class: 'grid', 'aria-label': 'Images', onkeydown: (e) => this.key(e) });
    this.el = h('div', { class: 'gridbox' }, this.list);
    const draw = () => { if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = 0; this.draw(); }); };
    addEventListener('scroll', draw, { signal, passive: true });
    const seen = new ResizeObserver(() => {
      if (this.el.clientWidth === this.measured) return; // more images make it higher, which changes nothing
      this.clear();
      draw();
    });
    seen.observe(this.el);
    signal.addEventListener('abort', () => seen.disconnect());
  }

  // fill asks for the first page; more are asked for as they come near.
  async fill(query, told) {
    const { images, continuation_token: token } = await this.page(query);
    this.query = query;
    this.told = told;
    this.items = images;
    this.token = token;
    this.current = 0;
    this.el.replaceChildren(this.list);
    this.clear();
    this.draw();
    told(this.items.length, Boolean(token));
  }

  page(query) { return call('GET', `/images/v2?${query}`, { signal: this.signal }); }

  async more() {
    if (!this.token || this.loading) return;
    this.loading = true;
    const { query } = this;
    await attempt(async () => {
      const next = new URLSearchParams(query);
      next.set('continuation_token', this.token);
      const { images, continuation_token: token } = await this.page(next);
      if (query !== this.query) return;
      this.items.push(...images);
      this.token = token;
      this.told(this.items.length, Boolean(token));
    });
    this.loading = false;
    this.draw();
  }

  clear() {
    this.list.replaceChildren();
    this.cells.clear();
    this.measured = this.el.clientWidth;
    const width = this.measured || 800;
    this.columns = Math.max(2, Math.floor((width + gap) / (188 + gap)));
    this.width = (width - gap * (this.columns - 1)) / this.columns;
    this.height = Math.round(this.width * 0.75) + 46;
  }

  // draw makes the elements of the rows in sight and of one screen around them.
  draw() {
    const step = this.height + gap;
    const rows = Math.ceil(this.items.length / this.columns);
    this.list.style.height = `${Math.max(0, rows * step - gap)}px`;
    const above = -this.list.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor((above - innerHeight) / step)) * this.columns;
    const last = Math.min(this.items.length, Math.ceil((above + 2 * innerHeight) / step) * this.columns);
    for (const [i, cell] of this.cells) {
      if ((i < first || i >= last) && !cell.contains(document.activeElement)) {
        cell.remove();
        this.cells.delete(i);
      }
    }
    for (let i = first; i < last; i++) if (!this.cells.has(i)) this.place(i, step);
    if (last >= this.items.length - 2 * this.columns) this.more();
  }

  place(i, step) {
    const cell = tile(this.items[i], i, this.token ? -1 : this.items.length, i === this.current);
    const style = cell.style;
    style.width = `${this.width}px`;
    style.height = `${this.height}px`;
    style.transform = `translate(${(i % this.columns) * (this.width + gap)}px, ${Math.floor(i / this.columns) * step}px)`;
    this.cells.set(i, cell);
    const next = [...this.cells.keys()].filter((k) => k > i).sort((a, b) => a - b)[0]; // elements stay in order, for readers
    this.list.insertBefore(cell, next === undefined ? null : this.cells.get(next));
  }

  key(e) {
    const at = Number(e.target.closest('li')?.dataset.index ?? -1);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + this.columns, ArrowUp: at - this.columns, Home: 0, End: this.items.length - 1,
      PageDown: at + 3 * this.columns, PageUp: at - 3 * this.columns }[e.key];
    if (at < 0 || to === undefined) return;
    e.preventDefault();
    this.focus(Math.min(Math.max(to, 0), this.items.length - 1));
  }

  focus(i) {
    this.cells.get(this.current)?.querySelector('a').setAttribute('tabindex', '-1');
    this.current = i;
    const top = this.list.getBoundingClientRect().top + scrollY + Math.floor(i / this.columns) * (this.height + gap);
    if (top < scrollY + 120 || top + this.height > scrollY + innerHeight) scrollTo(0, top - innerHeight / 3);
    this.draw();
    const link = this.cells.get(i)?.querySelector('a');
    link?.setAttribute('tabindex', '0');
    link?.focus({ preventScroll: true });
  }
}

// tile is one image of the gallery.
function tile(item, i, total, current) {
  const name = item.filename || item.id;
  return h('li', { 'data-index': i, 'aria-posinset': i + 1, 'aria-setsize': total },
    h('a', { href: `#image/${encodeURIComponent(item.id)}`, tabindex: current ? '0' : '-1', title: item.id },
      h('span', { class: 'thumb' }, thumbnail(item.variants.map(here), item.requireSignedURLs, '')),
      h('span', { class: 'name' }, item.requireSignedURLs && h('span', { class: 'lock', title: 'Private' }, icon('lock'), h('span', { class: 'offscreen' }, 'private ')), name),
      h('span', { class: 'when' }, item.uploaded.slice(0, 16).replace('T', ' '))));
}
