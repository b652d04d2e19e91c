import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ByteCache } from '../../../site_templates/src/data/cache.js';
import { float32, list, uint16, uint32, uint8 } from './arrow.js';
import { COMPRESSED } from './compressed.js';
import { encodeShard } from './fixture.js';
import { openMemory } from './memory.js';

/** Spoils the bytes of one shard. */
const damage = (id, change) => ({ manifest, files }) => {
  const { path } = manifest.shards[id];
  files.set(path, change(new Uint8Array(files.get(path))));
};

/** Puts other contents under a shard's name, with a hash that fits them. */
const replace = (id, bytes, keys = {}) => ({ manifest, files }) => {
  const entry = manifest.shards[id];
  files.set(entry.path, bytes);
  Object.assign(entry, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), ...keys });
};

const fails = (promise, kind, message) => assert.rejects(promise, (error) => {
  assert.equal(error.name, 'DataError');
  assert.equal(error.kind, kind);
  assert.match(error.message, message);
  assert.ok(error.message.includes(error.path), 'the message names the file');
  return true;
});

const flip = (bytes) => bytes.with(bytes.length >> 1, bytes[bytes.length >> 1] ^ 1);

test('a flipped bit is found, after a second try past every cache', async () => {
  const { report, requests, events, pathOf } = openMemory({ spoil: damage('dense-0', flip) });
  await fails(report.attention('toy', 'L0H0', 0), 'damaged', /SHA-256/);
  assert.deepEqual(requests.filter((path) => path.startsWith(pathOf('dense-0'))), [
    pathOf('dense-0'), `${pathOf('dense-0')} fresh`,
  ]);
  assert.equal(events.at(-1).type, 'fail');
  assert.equal(events.at(-1).error.kind, 'damaged');
  await fails(report.attention('toy', 'L0H0', 0), 'damaged', /SHA-256/);
  assert.equal(
    requests.filter((path) => path.startsWith(pathOf('dense-0'))).length, 2,
    'what came and is wrong is not fetched again',
  );
});

test('a truncated shard is found by its length', async () => {
  const { report } = openMemory({ spoil: damage('dense-0', (bytes) => bytes.subarray(0, bytes.length - 8)) });
  await fails(report.attention('toy', 'L0H0', 0), 'damaged', /has \d+ bytes where the manifest says \d+/);
});

test('damage that the second try mends goes unnoticed', async () => {
  const { files, report, manifest } = openMemory();
  const { path } = manifest.shards.overview;
  const intact = files.get(path);
  files.set(path, flip(new Uint8Array(intact)));
  const overview = report.overview('toy');
  await Promise.resolve();
  files.set(path, intact);
  assert.equal((await overview).length, 8);
});

test('one bad shard affects only what needs it', async () => {
  const { report } = openMemory({ spoil: (built) => {
    damage('dense-0', flip)(built);
    built.files.delete(built.manifest.shards['documents-1'].path);
    built.files.delete(built.manifest.shards['map-0'].path);
  } });
  await fails(report.attention('toy', 'L0H0', 0), 'damaged', /SHA-256/);
  await report.attention('toy', 'L0H1', 0);
  await fails(report.map('toy', 'L0H0', 'pca-2d'), 'missing', /map-0/);
  await report.map('toy', 'L1H0', 'pca-2d');
  const documents = await report.documents();
  assert.equal(documents.title(0), 'Title 0');
  assert.equal(documents.error(0), undefined);
  assert.match(documents.title(2), /Document 2 \(cannot be read\)/);
  assert.equal(documents.error(2).kind, 'missing');
  assert.throws(() => documents.text(2), /is not there/);
  await fails(report.tokens('toy', 'text', 2), 'missing', /documents-1/);
  assert.equal((await report.tokens('toy', 'text', 0)).surface(1), 'One');
});

test('a shard that came back is read when asked for again', async () => {
  const { files, report, pathOf } = openMemory();
  const intact = files.get(pathOf('overview'));
  files.delete(pathOf('overview'));
  await fails(report.overview('toy'), 'missing', /overview/);
  files.set(pathOf('overview'), intact);
  assert.equal((await report.overview('toy')).length, 8);
});

test('shards against the format are refused by name', async () => {
  const rows = [{ length: 3 }, { length: 0 }, { length: 5 }];
  const cases = [
    [encodeShard('lengths', rows, { metadata: { format_version: '2' } }), {}, 'version', /format 2;/],
    [encodeShard('lengths', rows, { metadata: { format: 'other' } }), {}, 'format', /"other"/],
    [
      encodeShard('lengths', rows, { metadata: { kind: 'sample' } }), {}, 'format',
      /holds sample, the manifest says lengths/,
    ],
    [
      encodeShard('lengths', rows, { types: { length: uint16() } }), {}, 'format',
      /column length is uint16, not uint32/,
    ],
    [encodeShard('lengths', rows, { types: { size: uint32() } }), {}, 'format', /column length is missing, not uint32/],
    [encodeShard('lengths', rows), { rows: 4 }, 'format', /has 3 rows, the manifest says 4/],
    [encodeShard('lengths', rows), { kind: 'neurons' }, 'version', /holds neurons, which this viewer does not know/],
    [new TextEncoder().encode('<!doctype html><title>Not found</title>'), {}, 'format', /not an Arrow file/],
  ];
  for (const [bytes, keys, kind, message] of cases) {
    await fails(openMemory({ spoil: replace('lengths', bytes, keys) }).report.axis('toy', 'text'), kind, message);
  }
});

test('an unknown encoding is refused by name', async () => {
  const types = {
    head: uint16(), document: uint32(), start: uint32(), rows: uint32(), codes: list(uint8()), mass: list(float32()),
  };
  const bytes = encodeShard('dense-uint8', [], { types });
  const { report } = openMemory({ spoil: (built) => {
    replace('dense-0', bytes, { rows: 0, encoding: 'dense-uint4' })(built);
    built.manifest.models[0].heads[0].encodings = ['dense-uint4'];
  } });
  await fails(report.attention('toy', 'L0H0', 0), 'version', /holds dense-uint4, which this viewer does not know/);
  await report.attention('toy', 'L0H1', 0);
});

test('several record batches are refused: many could point to the same bytes', async () => {
  const rows = [{ length: 3 }, { length: 0 }, { length: 5 }];
  const { report } = openMemory({ spoil: replace('lengths', encodeShard('lengths', rows, { batch: 1 })) });
  await assert.rejects(report.axis('toy', 'text'), /it has 3 record batches, not 1/);
});

test('a shard that many ask for is fetched once, and again only after it was dropped', async () => {
  const { report, requests, events } = openMemory();
  await Promise.all([report.overview('toy'), report.overview('toy'), report.overview('toy')]);
  await report.overview('toy');
  assert.equal(requests.length, 1);
  assert.deepEqual(events.map((event) => event.type), ['start', 'end']);
  assert.deepEqual({ ...report.loaded, bytes: report.loaded.bytes > 0 }, { bytes: true, files: 1, pending: 0 });
});

test('the least recently used shards go first', async () => {
  const bytes = (id) => openMemory().manifest.shards[id].bytes;
  const { report, requests, pathOf } = openMemory({
    budget: bytes('overview') + Math.max(bytes('sample'), bytes('lengths')),
  });
  await report.overview('toy');
  await report.sample('toy', 'text');
  await report.overview('toy'); // now the sample is the older one
  await report.axis('toy', 'text');
  await report.overview('toy');
  await report.sample('toy', 'text');
  assert.deepEqual(requests, ['overview', 'sample', 'lengths', 'sample'].map(pathOf));
});

test('what is larger than the limit is kept alone', () => {
  const cache = new ByteCache(10);
  cache.set('a', 1, 6);
  cache.set('b', 2, 4);
  cache.set('c', 3, 30);
  assert.deepEqual([cache.get('a'), cache.get('b'), cache.get('c'), cache.bytes], [undefined, undefined, 3, 30]);
  cache.set('c', 4, 5);
  assert.deepEqual([cache.get('c'), cache.bytes], [4, 5]);
});

test('listeners hear of loading until they leave', async () => {
  const { report } = openMemory();
  const pending = [];
  const leave = report.onChange(() => pending.push(report.loaded.pending));
  const both = Promise.all([report.overview('toy'), report.sample('toy', 'text')]);
  assert.deepEqual(pending, [1, 2]);
  await both;
  assert.deepEqual(pending.slice(2), [1, 0]);
  leave();
  await report.axis('toy', 'text');
  assert.equal(pending.length, 4);
});

test('a missing shard and another manifest mean that the site was built anew', async () => {
  for (const [changed, stale] of [[true, true], [false, false]]) {
    const { report, events, requests } = openMemory({ spoil: ({ manifest, files }) => {
      files.delete(manifest.shards.overview.path);
      files.set(
        'manifest.json',
        new TextEncoder().encode(JSON.stringify(changed ? { ...manifest, title: 'Newer' } : manifest)),
      );
    } });
    await fails(report.overview('toy'), 'missing', /overview/);
    await fails(report.overview('toy'), 'missing', /overview/);
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal(report.stale, stale);
    assert.equal(events.filter((event) => event.type === 'stale').length, stale ? 1 : 0);
    assert.equal(requests.filter((path) => path === 'manifest.json fresh').length, 1, 'looked once');
  }
});

test('a compressed file is refused, as it may unpack to more than the memory', async () => {
  const { report } = openMemory({ spoil: replace('lengths', COMPRESSED) });
  await assert.rejects(report.axis('toy', 'text'), /not an Arrow file that can be read here \(it is compressed\)/);
});
