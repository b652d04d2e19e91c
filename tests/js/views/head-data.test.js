import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadFocus, loadMap } from '../../../site_templates/src/views/head/data.js';

/** Two documents of 2 and 3 tokens; the map holds the second document, shuffled. */
const report = {
  model: () => ({}),
  head: () => ({ id: 'L0H0', stackInfo: { query_axis: 'text', key_axis: 'text' } }),
  map: async () => ({
    dimensions: 2,
    queries: Uint16Array.of(1, 1, 2, 2, 3, 3),
    keys: Uint16Array.of(4, 4, 5, 5, 6, 6),
    lo: [0, 0],
    hi: [1, 1],
    viewLo: [0, 0],
    viewHi: [1, 1],
  }),
  axis: async () => ({
    lengths: Uint32Array.of(2, 3),
    offsets: Uint32Array.of(0, 2, 5),
    locate: (i) => (i < 2 ? { document: 0, token: i } : { document: 1, token: i - 2 }),
  }),
  sample: async () => Uint32Array.of(4, 2, 3),
  tokens: async () => ({ texts: ['a', 'b', 'c'] }),
  keeps: async () => true,
  attention: async () => ({ queries: 3, keys: 3, row: () => [0.7, 0.01, 0.29], column: () => [0.2, 0.3, 0.4] }),
};
const selection = { model: 'm', head: 'L0H0', map: 'pca-2d', doc: 1, token: 2, side: 'query', ties: 6, least: 0.02 };

test('tokens of a document are found in the map', async () => {
  const data = await loadMap({ report }, selection);
  const focus = await loadFocus({ report }, selection, data);
  const place = (kind, token) => data.cloud.positions[2 * focus.vertices[kind].get(token)];
  assert.deepEqual([0, 1, 2].map((token) => place(0, token)), [2, 3, 1]);
  assert.deepEqual([0, 1, 2].map((token) => place(1, token)), [5, 6, 4]);
  assert.deepEqual(focus.partners.map(({ index }) => index), [0, 2]);
});

test('a selected key has the queries that look at it', async () => {
  const data = await loadMap({ report }, selection);
  const { partners } = await loadFocus({ report }, { ...selection, side: 'key' }, data);
  assert.deepEqual(partners.map(({ index }) => index), [2, 1, 0]);
});

test('a document outside the sample has no points', async () => {
  const data = await loadMap({ report }, selection);
  const focus = await loadFocus({ report }, { ...selection, doc: 0, token: null }, data);
  assert.equal(focus.vertices[0].size + focus.vertices[1].size, 0);
  assert.equal(focus.attention, undefined);
});

test('lines are as many as are asked for, and none below the least share', async () => {
  const data = await loadMap({ report }, selection);
  const partnersOf = async (patch) => (
    await loadFocus({ report }, { ...selection, ...patch }, data)).partners.map(({ index }) => index);
  assert.deepEqual(await partnersOf({ ties: 1 }), [0]);
  assert.deepEqual(await partnersOf({ least: 0 }), [0, 2, 1]);
  assert.deepEqual(await partnersOf({ least: 0.5 }), [0]);
});

test('a document that is not stored has its places, and no attention', async () => {
  const unkept = { ...report, keeps: async () => false, attention: () => assert.fail('asked for what is not stored') };
  const data = await loadMap({ report }, selection);
  const focus = await loadFocus({ report: unkept }, selection, data);
  assert.equal(focus.kept, false);
  assert.equal(focus.attention, undefined);
  assert.deepEqual(focus.partners, []);
  assert.ok(focus.vertices[0].size > 0);
});
