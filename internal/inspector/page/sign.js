// Signed delivery URLs. The browser's own HMAC is not there for pages without TLS,
// so this one is; it is as fast as a link needs.

const K = [];
const H0 = [];
(function constants() {
  const isPrime = (n) => { for (let d = 2; d * d <= n; d++) if (n % d === 0) return false; return true; };
  const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
  for (let n = 2; K.length < 64; n++) {
    if (!isPrime(n)) continue;
    if (H0.length < 8) H0.push(fraction(Math.sqrt(n)));
    K.push(fraction(Math.cbrt(n)));
  }
})();

const rotate = (x, n) => (x >>> n) | (x << (32 - n));

function sha256(data) {
  const padded = new Uint8Array(((data.length + 8) >> 6 << 6) + 64);
  padded.set(data);
  padded[data.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, data.length * 8);
  const state = [...H0];
  for (let at = 0; at < padded.length; at += 64) block(state, view, at);
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => out.setInt32(4 * i, word));
  return new Uint8Array(out.buffer);
}

function block(state, view, at) {
  const w = [];
  for (let i = 0; i < 64; i++) {
    if (i < 16) { w.push(view.getInt32(at + 4 * i)); continue; }
    const a = w[i - 15], b = w[i - 2];
    const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3), s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
    w.push((w[i - 16] + s0 + w[i - 7] + s1) | 0);
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25), s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [a, b, c, d, e, f, g, h] = [(t1 + t2) | 0, a, b, c, (d + t1) | 0, e, f, g];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] = (state[i] + word) | 0; });
}

// hmac is HMAC-SHA256 of two texts, in hexadecimal.
export function hmac(key, text) {
  const utf8 = new TextEncoder();
  let secret = utf8.encode(key);
  if (secret.length > 64) secret = sha256(secret);
  const pad = (byte) => Uint8Array.from({ length: 64 }, (_, i) => (secret[i] ?? 0) ^ byte);
  const joined = (...parts) => Uint8Array.from(parts.flatMap((p) => [...p]));
  const sum = sha256(joined(pad(0x5c), sha256(joined(pad(0x36), utf8.encode(text)))));
  return [...sum].map((b) => b.toString(16).padStart(2, '0')).join('');
}

// signed returns the path of a delivery URL with its signature; exp is in seconds,
// or 0 for a link that works for ever.
export function signed(path, key, exp) {
  const text = exp ? `${path}?exp=${exp}` : path;
  return `${text}${exp ? '&' : '?'}sig=${hmac(key, text)}`;
}
