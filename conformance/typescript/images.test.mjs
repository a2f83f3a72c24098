// Every image call of the SDK, with the content of the answers checked. What the
// SDK is known to get wrong is in the tests whose name begins with "defect"; one
// that fails says that the SDK was repaired.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import Cloudflare, { toFile } from 'cloudflare';
import { account, start } from './mock.mjs';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let mock;
before(async () => (mock = await start()));
after(() => mock.stop());

// picture is a file to upload.
const picture = () => toFile(png, 'cat.png', { type: 'image/png' });

// add uploads a picture.
const add = async (a, more = {}) => a.v1.create({ account_id: a.id, file: await picture(), ...more });

// refused wants an answer of the API with a status and a code.
async function refused(call, status, code) {
  await assert.rejects(call, (err) => {
    assert.ok(err instanceof Cloudflare.APIError, String(err));
    assert.equal(err.status, status);
    assert.deepEqual(err.errors.map((e) => e.code), [code]);
    assert.notEqual(err.errors[0].message, '');
    return true;
  });
}

// stored wants an account to hold n images.
const stored = async (a, n) => assert.equal((await a.v1.stats.get(a)).count.current, n);

test('v1.create, v1.get and v1.blobs.get', async () => {
  const a = account(mock.url);
  const began = Date.now() - 1000;
  const image = await add(a, { metadata: '{"album":"hats","region":{"name":"eu"}}', creator: 'user-42' });
  assert.match(image.id, uuid);
  assert.equal(image.filename, 'cat.png');
  assert.equal(image.creator, 'user-42');
  assert.equal(image.requireSignedURLs, false);
  assert.deepEqual(image.meta, { album: 'hats', region: { name: 'eu' } });
  assert.ok(Date.parse(image.uploaded) >= began && Date.parse(image.uploaded) <= Date.now() + 1000);
  assert.equal(image.variants.length, 1);
  assert.ok(image.variants[0].endsWith(`/${image.id}/public`));
  assert.deepEqual(await a.v1.get(image.id, a), image);
  const blob = await a.v1.blobs.get(image.id, a);
  assert.equal(blob.headers.get('content-type'), 'image/png');
  assert.deepEqual(Buffer.from(await blob.arrayBuffer()), png);
  await stored(a, 1);
});

test('v1.create by URL', async () => {
  const a = account(mock.url);
  const origin = createServer((_, res) => res.end(png)).listen(0, '127.0.0.1');
  await new Promise((listening) => origin.on('listening', listening));
  try {
    const url = `http://127.0.0.1:${origin.address().port}/logo.png`;
    const image = await a.v1.create({ account_id: a.id, url });
    assert.equal(image.filename, 'logo.png');
    assert.deepEqual(Buffer.from(await (await a.v1.blobs.get(image.id, a)).arrayBuffer()), png);
  } finally {
    origin.close();
  }
});

test('v1.create with an id of one’s own, and private', async () => {
  const a = account(mock.url);
  for (const id of ['shop/2026/hat.png', 'a?b#c', '100%', 'héllo/🎩']) {
    assert.equal((await add(a, { id })).id, id);
    assert.equal((await a.v1.get(id, a)).id, id);
    assert.deepEqual(Buffer.from(await (await a.v1.blobs.get(id, a)).arrayBuffer()), png);
    assert.deepEqual(await a.v1.delete(id, a), {});
  }
  await stored(a, 0);
  assert.equal((await add(a, { requireSignedURLs: true })).requireSignedURLs, true);
  await refused(add(a, { requireSignedURLs: true, id: 'hat' }), 400, 5410);
});

test('v1.edit and v1.delete', async () => {
  const a = account(mock.url);
  const [image, other] = [await add(a), await add(a)];
  const edited = await a.v1.edit(image.id, { account_id: a.id, metadata: { album: 'caps', n: 4 }, creator: 'me' });
  assert.deepEqual(edited, { ...image, meta: { album: 'caps', n: 4 }, creator: 'me' });
  const moved = await a.v1.edit(image.id, { account_id: a.id, requireSignedURLs: true });
  assert.notEqual(moved.id, image.id);
  assert.equal(moved.requireSignedURLs, true);
  assert.deepEqual(moved.meta, edited.meta);
  await refused(a.v1.get(image.id, a), 404, 5404);
  assert.deepEqual(await a.v1.delete(moved.id, a), {});
  await refused(a.v1.get(moved.id, a), 404, 5404);
  await refused(a.v1.delete(moved.id, a), 404, 5404);
  assert.deepEqual(await a.v1.get(other.id, a), other);
  await stored(a, 1);
});

test('v1.stats.get', async () => {
  const a = account(mock.url);
  for (let n = 0; n < 3; n++) {
    assert.deepEqual(await a.v1.stats.get(a), { count: { current: n, allowed: 100_000 } });
    await add(a);
  }
});

test('v1.keys.list, update and delete', async () => {
  const a = account(mock.url);
  const { keys: first } = await a.v1.keys.list(a);
  assert.deepEqual(first.map((k) => k.name), ['default']);
  assert.match(first[0].value, /^[0-9a-f]{32}$/);
  const { keys: two } = await a.v1.keys.update('second', a);
  assert.deepEqual(two.map((k) => k.name), ['default', 'second']);
  assert.deepEqual(two[0], first[0]);
  const { keys: renewed } = await a.v1.keys.update('second', a);
  assert.notEqual(renewed[1].value, two[1].value);
  assert.deepEqual((await a.v1.keys.delete('second', a)).keys, first);
  assert.deepEqual((await a.v1.keys.list(a)).keys, first);
  await refused(a.v1.keys.delete('second', a), 404, 5404);
});

test('v1.variants.create, get, list, edit and delete', async () => {
  const a = account(mock.url);
  const options = { fit: 'cover', metadata: 'none', width: 160, height: 120 };
  const variant = { id: 'thumb', neverRequireSignedURLs: true, options };
  assert.deepEqual((await a.v1.variants.create({ account_id: a.id, ...variant })).variant, variant);
  assert.deepEqual((await a.v1.variants.get('thumb', a)).variant, variant);
  const { variants } = await a.v1.variants.list(a);
  assert.deepEqual(Object.keys(variants).sort(), ['public', 'thumb']);
  assert.deepEqual(variants.thumb, variant);
  const wide = { fit: 'pad', metadata: 'copyright', width: 320, height: 240 };
  const edited = await a.v1.variants.edit('thumb', { account_id: a.id, options: wide });
  assert.deepEqual(edited.variant, { ...variant, options: wide });
  assert.equal((await add(a)).variants.length, 2);
  assert.deepEqual(await a.v1.variants.delete('thumb', a), {});
  await refused(a.v1.variants.get('thumb', a), 404, 5401);
  await refused(a.v1.variants.delete('thumb', a), 404, 5401);
  await refused(a.v1.variants.get('a-b', a), 400, 5400);
});

test('v2.list', async () => {
  const a = account(mock.url);
  const images = [];
  for (let i = 0; i < 5; i++) {
    images.unshift(await add(a, { metadata: `{"rating":${i}}`, ...(i % 2 ? {} : { creator: 'even' }) }));
  }
  assert.deepEqual((await a.v2.list({ account_id: a.id })).images, images);
  const walked = [];
  for (let continuation_token; ; ) {
    const page = await a.v2.list({ account_id: a.id, per_page: 2, sort_order: 'asc', continuation_token });
    walked.unshift(...page.images.reverse());
    continuation_token = page.continuation_token;
    if (!continuation_token) break;
    assert.equal(page.images.length, 2);
  }
  assert.deepEqual(walked, images);
  const even = await a.v2.list({ account_id: a.id, creator: 'even' });
  assert.deepEqual(even.images, [images[0], images[2], images[4]]);
  // The type knows no filter but the documentation's placeholder; any other
  // parameter is sent as it is.
  const good = await a.v2.list({ account_id: a.id, 'meta.rating[gte:number]': '3' });
  assert.deepEqual(good.images, images.slice(0, 2));
});

test('v2.directUploads.create', async () => {
  const a = account(mock.url);
  const expiry = new Date(Date.now() + 3_600_000).toISOString();
  const target = await a.v2.directUploads.create({ account_id: a.id, expiry, metadata: '{"album":"hats"}', creator: 'me' });
  assert.match(target.id, uuid);
  assert.ok(target.uploadURL.endsWith(`/${target.id}`));
  const draft = await a.v1.get(target.id, a);
  assert.equal(draft.draft, true);
  assert.equal(draft.creator, 'me');
  await stored(a, 0);
  const form = new FormData();
  form.set('file', new Blob([png], { type: 'image/png' }), 'hat.png');
  const answer = await fetch(target.uploadURL, { method: 'POST', body: form });
  assert.equal(answer.status, 200);
  const image = await a.v1.get(target.id, a);
  assert.equal('draft' in image, false);
  assert.equal(image.filename, 'hat.png');
  assert.deepEqual(image.meta, { album: 'hats' });
  assert.deepEqual(Buffer.from(await (await a.v1.blobs.get(target.id, a)).arrayBuffer()), png);
  await stored(a, 1);
  const soon = new Date(Date.now() + 60_000).toISOString();
  await refused(a.v2.directUploads.create({ account_id: a.id, expiry: soon }), 400, 5400);
});

test('errors', async () => {
  const a = account(mock.url);
  await add(a, { id: 'taken' });
  await refused(add(a, { id: 'taken' }), 409, 5409);
  await refused(add(a, { file: await toFile(Buffer.from('no image'), 'a.png', { type: 'image/png' }) }), 415, 5455);
  await refused(add(a, { file: await toFile(Buffer.alloc(11 << 20), 'a.png', { type: 'image/png' }) }), 413, 5413);
  await refused(add(a, { metadata: JSON.stringify({ k: 'x'.repeat(1017) }) }), 400, 5400);
  await refused(a.v1.blobs.get('missing', a), 404, 5404);
  await refused(a.v2.list({ account_id: a.id, continuation_token: 'none' }), 400, 5400);
  await stored(a, 1);
});

test('v1.list, and defect: its pages have no items', async () => {
  const a = account(mock.url);
  const images = [await add(a), await add(a), await add(a)].reverse();
  const page = await a.v1.list({ account_id: a.id, per_page: 2 });
  assert.deepEqual(page.result.images, images.slice(0, 2));
  const items = [];
  for await (const item of a.v1.list({ account_id: a.id })) items.push(item);
  assert.deepEqual(items, []);
});

test('defect: an object of metadata becomes several parts', async () => {
  const a = account(mock.url);
  await refused(add(a, { metadata: { album: 'hats', region: { name: 'eu' } } }), 400, 5400);
  const parts = [...a.sent.at(-1).init.body.keys()];
  assert.deepEqual(parts.sort(), ['file', 'metadata[album]', 'metadata[region][name]']);
  await refused(a.v2.directUploads.create({ account_id: a.id, metadata: { album: 'hats' } }), 400, 5400);
  await stored(a, 0);
});

test('defect: the filter is the documentation’s placeholder', async () => {
  const a = account(mock.url);
  await refused(a.v2.list({ account_id: a.id, meta: { '<field>[<operator>]': 'active' } }), 400, 5400);
  assert.ok(new URL(a.sent.at(-1).url).searchParams.has('meta.<field>[<operator>]'), a.sent.at(-1).url);
});
