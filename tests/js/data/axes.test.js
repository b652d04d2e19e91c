/** Queries and keys on two axes, documents that a model does not take, and heads of which only attention is known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { denseCodes, Folder, seeded, textbookAttention, vectors } from './fixture.js';
import { openMemory } from './memory.js';
import { assertAttention, openSingle } from './single.js';

const [QUERIES, KEYS] = [3, 5];
const random = seeded(3);
const full = () => [0, KEYS];
const rows = textbookAttention(
  vectors(random, QUERIES, 2, 3), vectors(random, KEYS, 2, 3), { scaling: 1, interval: full },
).map(({ row }) => row);
const stored = { head: 0, document: 0, start: 0, rows: QUERIES, codes: denseCodes(rows, full, 65535), mass: null };

test('cross-attention has as many rows as queries and as many columns as keys', async () => {
  const report = openSingle({ tokens: QUERIES, keys: KEYS, encoding: 'dense-uint16', shards: [[stored]] });
  const attention = await report.attention('toy', 'L0H0', 0);
  assert.deepEqual([attention.queryAxis, attention.keyAxis], ['text', 'source']);
  assert.deepEqual([attention.queries, attention.keys], [QUERIES, KEYS]);
  assert.deepEqual([attention.row(0).length, attention.column(4).length], [KEYS, QUERIES]);
  assertAttention(assert, attention, rows, 1e-4);
});

test('self-attention has one axis twice', async () => {
  const attention = await openMemory().report.attention('toy', 'L1H0', 2);
  assert.deepEqual([attention.queryAxis, attention.keyAxis], ['text', 'text']);
});

test('codes for another number of keys are refused by name', async () => {
  const report = openSingle({ tokens: QUERIES, keys: KEYS + 1, encoding: 'dense-uint16', shards: [[stored]] });
  await assert.rejects(report.attention('toy', 'L0H0', 0), /15 values in codes, not 18/);
});

test('a document without tokens has empty attention, whatever the head', async () => {
  const table = openSingle({
    tokens: 0,
    encoding: 'query-key-int8',
    shards: [[]],
    heads: [{ bias: 0 }],
    biases: [{ kind: 'table', size: 2, shard: 'bias' }],
    add: (folder) => folder.add('bias', 'bias', [{ head: 0, values: [1, 2, 3, 4] }]),
  });
  const irregular = openSingle({
    tokens: 0, encoding: 'dense-uint8', shards: [[]], rule: { mask: { kind: 'intervals', shards: ['mask'] } },
    add: (folder) => folder.add('mask', 'mask', [{ lo: [], hi: [] }], { documents: [0, 1] }),
  });
  for (const report of [table, irregular]) {
    const attention = await report.attention('toy', 'L0H0', 0);
    assert.deepEqual([attention.queries, attention.keys], [0, 0]);
  }
});

test('a head of which only attention is known has an empty cell and no map', async () => {
  const { report } = openMemory({ spoil: ({ manifest }) => {
    manifest.shards['map-1'].heads = [0, 3];
    manifest.models[0].heads[7].maps = {};
  } });
  await assert.rejects(report.map('toy', 'L1H3', 'pca-2d'), /no map pca-2d of L1H3/);
  assert.equal((await report.attention('toy', 'L1H3', 0)).queries, 3);
});

test('tokens say their segment and, for patches, their place', async () => {
  const tokens = await openMemory().report.tokens('toy', 'text', 2);
  assert.deepEqual([...tokens.segment], [1, 0, 1, 0, 1]);
  assert.ok(tokens.row instanceof Int16Array && tokens.column instanceof Int16Array);
  assert.deepEqual([tokens.row[0], tokens.column[4]], [-1, -1]);
});

test('labels of documents and of tokens are what the corpus says, or null', async () => {
  const { report } = openMemory();
  const documents = await report.documents();
  assert.deepEqual([0, 1, 2].map((document) => documents.label(document, 'mood')), ['calm', null, '']);
  const { labels } = await report.tokens('toy', 'text', 2);
  assert.deepEqual([...labels.keys()], ['part']);
  assert.deepEqual(labels.get('part'), [null, 'part 4', 'part 5', null, 'part 7']);
});

/** The fixture with crops of some documents. */
function openCropped(crops) {
  return openMemory({ spoil: ({ manifest, files }) => {
    const folder = Object.assign(new Folder(), { files, shards: manifest.shards });
    manifest.models[0].axes[0].crops = folder.add('crops', 'crop', crops);
  } }).report;
}

test('a patch grid covers all of its image unless a crop says otherwise', async () => {
  const report = openCropped([{ document: 2, left: -0.25, top: 0, right: 1.25, bottom: 0.5 }]);
  assert.equal((await report.tokens('toy', 'text', 0)).crop, null);
  assert.deepEqual((await report.tokens('toy', 'text', 2)).crop, { left: -0.25, top: 0, right: 1.25, bottom: 0.5 });
  assert.equal((await openMemory().report.tokens('toy', 'text', 2)).crop, null);
});

test('a crop without size is refused by name', async () => {
  for (const edges of [{ left: 1, right: 1 }, { top: 0.5, bottom: 0.2 }, { right: NaN }]) {
    const report = openCropped([{ document: 2, left: 0, top: 0, right: 1, bottom: 1, ...edges }]);
    await assert.rejects(report.tokens('toy', 'text', 2), /grid of document 2 has no size/);
  }
});
