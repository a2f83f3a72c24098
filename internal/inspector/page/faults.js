// Faults: what the mock is told to do wrong, and how often.

import { h, heading, empty, button, field, select, note } from './dom.js';
import { order } from './api.js';

const operations = ['ListImages', 'CreateDirectUpload', 'ListImagesV1', 'UploadImage', 'GetImage', 'EditImage', 'DeleteImage', 'GetImageBlob',
  'ListSigningKeys', 'PutSigningKey', 'DeleteSigningKey', 'GetStats', 'EditConfig', 'ListVariants', 'CreateVariant', 'GetVariant', 'EditVariant', 'DeleteVariant'];

export async function faults(body, _, signal) {
  const kinds = await order('GET', '/faults/kinds');
  const list = h('div', { class: 'rules' });
  const load = async () => {
    const rules = await order('GET', '/faults');
    if (signal.aborted) return;
    list.replaceChildren(...(rules.length ? rules.map((r) => rule(r, load)) : [empty('faults', 'Everything works', 'Add a fault to see how your program takes it.')]));
  };
  body.append(heading('Faults', 'Answers that a fault has changed carry the header X-Mock-Fault.', button('Remove all', async () => { await order('DELETE', '/faults'); await load(); })),
    h('div', { class: 'columns' }, list, maker(kinds, load)));
  await load();
  const timer = setInterval(() => { if (!document.hidden && !list.contains(document.activeElement)) load().catch(() => {}); }, 3000); // how often they fired
  signal.addEventListener('abort', () => clearInterval(timer));
}

function rule({ rule: r, calls, hits }, load) {
  const { id, kind, description, ...rest } = r;
  const remove = button('Remove', async () => {
    await order('DELETE', `/faults/${encodeURIComponent(id)}`);
    note('Removed');
    await load();
  });
  return h('section', { class: 'card rule', 'aria-label': `Fault ${id}` },
    h('div', { class: 'heading' }, h('div', {}, h('h2', {}, kind), h('p', { class: 'quiet' }, [id, description].filter(Boolean).join(' · '))), remove),
    h('p', {}, h('b', { class: 'hits' }, String(hits)), ` of ${calls} call${calls === 1 ? '' : 's'} that it matches`),
    Object.keys(rest).length > 0 && h('dl', {}, Object.entries(rest).map(([name, value]) => [h('dt', {}, name), h('dd', {}, String(value))])));
}

// kindsOf is a choice of kinds, by their level.
function kindsOf(kinds) {
  const levels = Map.groupBy(kinds, (k) => k.level ?? '');
  return h('select', { id: 'fault-kind' }, [...levels].map(([level, list]) => {
    const options = list.map((k) => h('option', { value: k.name }, k.name));
    return level ? h('optgroup', { label: level }, options) : options;
  }));
}

function maker(kinds, load) {
  const kind = kindsOf(kinds);
  const about = h('p', { class: 'remark' });
  const which = h('input', { id: 'fault-error', placeholder: 'RateLimited', autocomplete: 'off' });
  const error = field('Error', which, 'A name or code of the catalogue, such as ImageNotFound or 10100.');
  const describe = () => {
    const k = kinds.find((one) => one.name === kind.value);
    about.textContent = k?.description ?? '';
    error.hidden = !k?.fields?.includes('error');
  };
  kind.addEventListener('change', describe);
  describe();
  const operation = select([['', 'any'], ...operations], '', { id: 'fault-operation' });
  const times = h('input', { type: 'number', id: 'fault-times', min: 1, placeholder: 'always' });
  const more = h('textarea', { rows: 3, id: 'fault-more', placeholder: '{"delay": "2s", "probability": 0.5}', spellcheck: 'false' });
  const add = button('Add', async () => {
    const rule = { kind: kind.value, ...given({ operation: operation.value, error: error.hidden ? '' : which.value.trim(), times: Number(times.value) }), ...others(more.value) };
    await order('POST', '/faults', rule);
    note('Added');
    await load();
  }, { class: 'primary' });
  return h('section', { class: 'card', 'aria-label': 'New fault' }, h('h2', {}, 'New fault'), field('Kind', kind), about, error, field('Operation', operation),
    field('How often', times, 'Empty for always.'), field('More fields', more, 'Other fields of a rule, as a JSON object.'), h('div', { class: 'row' }, add));
}

// given are the fields that are not empty.
const given = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value));

function others(text) {
  if (!text.trim()) return {};
  try {
    return JSON.parse(text);
  } catch (err) {
    throw new Error(`The other fields are not JSON: ${err.message}`);
  }
}
