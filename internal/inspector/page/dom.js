// What all views are made with: elements, icons, dialogs and notes.

// h makes an element. Properties that begin with "on" listen; those that are
// undefined, null or false are left out.
export function h(name, props = {}, ...children) {
  const el = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) el.addEventListener(key.slice(2), value);
    else if (key === 'class') el.className = value;
    else if (key === 'value' || key === 'checked' || key === 'htmlFor') el[key] = value;
    else el.setAttribute(key, value === true ? '' : value);
  }
  el.append(...children.flat(9).filter((c) => c !== undefined && c !== null && c !== false));
  return el;
}

const paths = {
  images: 'M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 5',
  uploads: 'M12 16V4m-5 5 5-5 5 5M4 16v4h16v-4',
  variants: 'M4 4h10v10H4zM10 17v3h10V10h-3',
  keys: 'M14 10a4 4 0 1 0-8 0 4 4 0 0 0 8 0zm-1 3 7 7m-3-3 2-2',
  requests: 'M4 6h16M4 12h16M4 18h10',
  faults: 'M12 3 2 20h20zM12 10v4m0 3v.5',
  stats: 'M5 20V10m7 10V4m7 16v-7',
  lock: 'M6 11h12v9H6zM8 11V8a4 4 0 0 1 8 0v3',
  back: 'M15 5l-7 7 7 7',
};

// icon is a drawing that says nothing to who cannot see it.
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', paths[name]);
  svg.append(path);
  return svg;
}

// note tells something for a few seconds; failures stay until they are closed.
export function note(text, failed = false) {
  const close = h('button', { class: 'plain', 'aria-label': 'Close', onclick: () => el.remove() }, '×');
  const el = h('div', { class: failed ? 'toast failed' : 'toast', role: failed ? 'alert' : undefined }, h('span', {}, text), close);
  document.getElementById('toasts').append(el);
  if (!failed) setTimeout(() => el.remove(), 4000);
}

// attempt runs something and tells how it failed. It returns whether it worked.
export async function attempt(run) {
  try {
    await run();
    return true;
  } catch (err) {
    if (err.name !== 'AbortError') note(err.message, true);
    return false;
  }
}

// button runs its action once at a time.
export function button(text, action, props = {}) {
  const el = h('button', { type: 'button', ...props, onclick: async () => {
    if (el.getAttribute('aria-busy')) return;
    el.setAttribute('aria-busy', 'true');
    await attempt(action);
    el.removeAttribute('aria-busy');
  } }, text);
  return el;
}

// copier is a button that copies a text.
export function copier(text, get, props = { class: 'small' }) {
  return button(text, async () => {
    await copy(get());
    note('Copied');
  }, props);
}

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = h('textarea', { class: 'offscreen' }); // pages without TLS have no clipboard
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

// field is a control with its label, and a remark below.
export function field(label, control, remark) {
  return h('label', { class: control.type === 'checkbox' ? 'field check' : 'field' },
    h('span', { class: 'label' }, label), control, remark && h('span', { class: 'remark' }, remark));
}

// select offers values; each is a text, or a pair of value and text.
export function select(values, chosen, props = {}) {
  return h('select', props, values.map((v) => {
    const [value, text] = Array.isArray(v) ? v : [v, v];
    return h('option', { value, selected: value === chosen }, text);
  }));
}

// confirmed asks before something cannot be taken back.
export function confirmed(question, yes) {
  return new Promise((resolve) => {
    const dialog = h('dialog', { class: 'ask', onclose: () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    } }, h('p', {}, question), h('div', { class: 'row end' },
      h('button', { type: 'button', onclick: () => dialog.close('no') }, 'Keep'),
      h('button', { type: 'button', class: 'danger', onclick: () => dialog.close('yes') }, yes)));
    document.body.append(dialog);
    dialog.showModal();
  });
}

// empty is what stands where there is nothing yet.
export function empty(name, title, text, ...actions) {
  return h('div', { class: 'empty' }, icon(name), h('h2', {}, title), h('p', {}, text), h('div', { class: 'row' }, actions));
}

export function heading(title, remark, ...actions) {
  return h('div', { class: 'heading' }, h('div', {}, h('h1', {}, title), remark && h('p', { class: 'quiet' }, remark)),
    h('div', { class: 'row' }, actions));
}

export function bytes(n) {
  if (n < 1000) return `${n} B`;
  if (n < 1e6) return `${(n / 1e3).toFixed(n < 1e4 ? 1 : 0)} kB`;
  return `${(n / 1e6).toFixed(1)} MB`;
}

// span is a length of time in words, from seconds.
export function span(s) {
  for (const [unit, size] of [['day', 86400], ['hour', 3600], ['minute', 60]]) {
    if (s >= size) {
      const n = Math.floor(s / size);
      return `${n} ${unit}${n === 1 ? '' : 's'}`;
    }
  }
  return `${Math.max(0, Math.floor(s))} s`;
}
