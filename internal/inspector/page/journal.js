// The mock's journal: what it was asked and answered, live.

import { adminURL, order } from './api.js';

const kept = 1000;

// journal keeps the last requests and tells who listens of each new one.
export const journal = new class extends EventTarget {
  entries = []; // the oldest first
  live = false;

  listen() {
    this.source = new EventSource(adminURL('/calls/stream'));
    this.source.addEventListener('open', () => this.turn(true));
    this.source.addEventListener('error', () => this.turn(false));
    for (const name of ['message', 'call']) this.source.addEventListener(name, (e) => this.add(JSON.parse(e.data)));
  }

  turn(live) {
    this.live = live;
    this.dispatchEvent(new Event('turn'));
  }

  add(told) {
    const entry = { ...told, kind: kind(told), arrived: Date.now() };
    this.entries.push(entry);
    if (this.entries.length > kept) this.entries.shift();
    this.dispatchEvent(new CustomEvent('entry', { detail: entry }));
  }

  async clear() {
    await order('DELETE', '/calls');
    this.entries = [];
  }
}();

// kind is what sort of request it was.
function kind(e) {
  if (e.operation) return 'api';
  if (e.path.startsWith('/upload/')) return 'upload';
  if (e.path.startsWith(document.body.dataset.api)) return 'api';
  return 'delivery';
}
