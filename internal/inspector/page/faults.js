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

function rule(r, load) {
  const { id, kind, hits, description, ...rest } = r;
  const remove = button('Remove', async () => {
    await order('DELETE', `/faults/${encodeURIComponent(id)}`);
    note('Removed');
    await load();
  });
  return h('section', { class: 'card rule', 'aria-label': `Fault ${id}` }, h('div', { class: 'heading' }, h('div', {}, h('h2', {}, kind), h('p', { class: 'quiet' }, description || id)), remove),
    h('p', {}, h('b', {}, String(hits ?? 0)), hits === 1 ? ' time so far' : ' times so far'),
    Object.keys(rest).length > 0 && h('pre', {}, JSON.stringify(rest, null, 2)));
}

function maker(kinds, load) {
  const kind = select(kinds.map((k) => [k.name, k.name]), kinds[0]?.name, { id: 'fault-kind' });
  const about = h('p', { class: 'remark' });
  const describe = () => { about.textContent = kinds.find((k) => k.name === kind.value)?.description ?? ''; };
  kind.addEventListener('change', describe);
  describe();
  const operation = select([['', 'any'], ...operations], '', { id: 'fault-operation' });
  const times = h('input', { type: 'number', id: 'fault-times', min: 1, placeholder: 'always' });
  const more = h('textarea', { rows: 3, id: 'fault-more', placeholder: '{"error": "RateLimited"}', spellcheck: 'false' });
  const add = button('Add', async () => {
    await order('POST', '/faults', rulesOf(kind.value, operation.value, times.value, more.value));
    note('Added');
    await load();
  }, { class: 'primary' });
  return h('section', { class: 'card', 'aria-label': 'New fault' }, h('h2', {}, 'New fault'), field('Kind', kind), about, field('Operation', operation),
    field('How often', times, 'The first calls only; empty for all.'), field('More fields', more, 'A JSON object with other fields of a rule.'), h('div', { class: 'row' }, add));
}

function rulesOf(kind, operation, times, more) {
  const rule = { kind };
  if (operation) rule.operation = operation;
  if (times) rule.times = Number(times);
  if (!more.trim()) return rule;
  try {
    return { ...rule, ...JSON.parse(more) };
  } catch (err) {
    throw new Error(`The other fields are not JSON: ${err.message}`);
  }
}
