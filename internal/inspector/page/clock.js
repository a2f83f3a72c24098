// The mock's clock: what time it is there, and how to move it forward.

import { h, button, note } from './dom.js';
import { now, order, setNow, openSession } from './api.js';

const steps = [['+1 min', '1m'], ['+31 min', '31m'], ['+6 h', '6h'], ['+1 day', '24h']];

export function clock(el) {
  const time = h('time', {});
  const by = h('input', { id: 'advance-by', placeholder: '90s, 31m, 6h', 'aria-label': 'Advance by', size: 10, autocomplete: 'off' });
  const form = h('form', { class: 'row', onsubmit: (e) => { e.preventDefault(); go.click(); } }, by);
  const go = button('Advance', async () => { await advance(by.value.trim()); by.value = ''; }, { class: 'primary' });
  form.append(go);
  const panel = h('div', { class: 'popover' },
    h('p', { class: 'quiet' }, 'Drafts, signed links and rate limits go by this clock. It only moves forward.'),
    h('div', { class: 'row' }, steps.map(([text, d]) => button(text, () => advance(d), { class: 'small' }))), form);
  const details = h('details', {}, h('summary', { 'aria-label': 'Clock of the mock' }, time), panel);
  details.addEventListener('keydown', (e) => { if (e.key === 'Escape') { details.open = false; details.querySelector('summary').focus(); } });
  document.addEventListener('click', (e) => { if (!details.contains(e.target)) details.open = false; });
  el.append(details);
  const tick = () => {
    const at = new Date(now());
    time.dateTime = at.toISOString();
    time.textContent = `${at.toISOString().slice(0, 10)} ${at.toISOString().slice(11, 19)}`;
  };
  tick();
  setInterval(tick, 1000);
  document.addEventListener('clockmoved', tick);
}

// advance moves the mock's clock.
export async function advance(by) {
  const told = await order('POST', '/clock', { advance: by });
  if (told.now) setNow(told.now);
  else await openSession();
  document.dispatchEvent(new Event('clockmoved'));
  note(`The clock is ahead by ${told.ahead ?? by}`);
}
