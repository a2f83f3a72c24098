// Thumbnails by real delivery: the smallest variant that is large enough, signed
// where the image is private.

import { h } from './dom.js';
import { call, now } from './api.js';
import { signed } from './sign.js';

const known = { variants: {}, keys: [] };

// deliverable learns the variants and keys of the account.
export async function deliverable(signal) {
  const [{ variants }, { keys }] = await Promise.all([call('GET', '/images/v1/variants', { signal }), call('GET', '/images/v1/keys', { signal })]);
  known.variants = variants;
  known.keys = keys;
  return known;
}

// address is what delivers an image by a variant, given the path of it.
export function address(path, isPrivate) {
  const v = known.variants[path.slice(path.lastIndexOf('/') + 1)];
  if (!isPrivate || v?.neverRequireSignedURLs || !known.keys.length) return path;
  return signed(path, known.keys[0].value, Math.floor(now() / 1000) + 3600);
}

// smallest is the path whose variant has the fewest pixels, but enough.
function smallest(paths) {
  const area = (path) => {
    const o = known.variants[path.slice(path.lastIndexOf('/') + 1)]?.options;
    if (!o) return Infinity;
    return Math.min(o.width, o.height) < 120 ? 1e9 : o.width * o.height;
  };
  return paths.reduce((a, b) => (area(b) < area(a) ? b : a));
}

// thumbnail shows an image once it has been in sight for a moment, so that a fast
// scroll asks for nothing.
export function thumbnail(paths, isPrivate, alt) {
  const img = h('img', { alt, decoding: 'async', loading: 'lazy', onload: () => img.classList.add('shown'),
    onerror: () => img.replaceWith(h('span', { class: 'broken' }, 'not delivered')) });
  setTimeout(() => { if (img.isConnected) img.src = address(smallest(paths), isPrivate); }, 80);
  return img;
}
