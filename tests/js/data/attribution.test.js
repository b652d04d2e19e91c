import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributionOf, pairsOf } from '../../../site_templates/src/data/attribution.js';

/** A shard of these columns. @param {Record<string, any[]>} columns */
function shardOf(columns) {
  const list = (/** @type {string} */ name, /** @type {number} */ row) => columns[name][row];
  return {
    path: 'data/some.arrow', list, need: list, needFinite: list, value: list,
    numbers: (/** @type {string} */ name) => columns[name],
    fault: (/** @type {string} */ what) => new Error(what),
  };
}

const HEADS = [{ id: 'L0H0', head: 0 }, { id: 'L0H1', head: 1 }, { id: 'L1H0', head: 0 }]
  .map((head) => ({ ...head, stack: 'decoder', layer: Number(head.id[1]) }));

/** @param {Record<string, any>} shards */
function known(shards) {
  const catalogue = {
    model: () => ({ writes: { attribution: { shards: ['first', 'second'] } } }),
    entry: (/** @type {string} */ id) => ({ documents: id === 'first' ? [0, 6] : [5, 6], heads: [0, 2] }),
    heads: () => HEADS,
    head: (/** @type {string} */ _, /** @type {string} */ id) => HEADS.find((head) => head.id === id),
    ofLayer: () => ['first'],
  };
  const store = { load: async (/** @type {string} */ id) => shards[id] };
  return /** @type {any} */ ([catalogue, store, 'm']);
}

const floats = (/** @type {number[]} */ ...values) => Float32Array.from(values);

/** Two tokens in one file and a third in another; the last head is not known, and nothing else is added. */
const SHARDS = {
  first: shardOf({
    document: [4, 5], start: [0, 0], rows: [1, 2], codes: [null, Int16Array.of(2, -4, -32768, 8, 0, -32768)],
    scales: [null, floats(0.5, 0.25)], logits: [null, floats(3, 4)], embedding: [null, floats(1, 0)],
    last_bias: [null, floats(0, 0.5)], between: [null, null], attention_bias: [null, floats(0, 1, 2, 3)],
    feed_forward: [null, floats(5, 6, 7, 8)], rest: [null, null],
  }),
  second: shardOf({
    document: [5], start: [2], rows: [1], codes: [Int16Array.of(1, 1, -32768)], scales: [floats(2)],
    logits: [floats(9)], embedding: [floats(0)], last_bias: [floats(0)], between: [floats(0.5)],
    attention_bias: [null], feed_forward: [null], rest: [floats(1, 2)],
  }),
};

test('what is added at each token is put together from ranges of tokens and layers', async () => {
  const attribution = await attributionOf(...known(SHARDS), 5);
  assert.equal(attribution?.tokens, 3);
  assert.deepEqual(attribution?.heads(0).map(({ head, by }) => [head, by]),
    [['L0H0', 1], ['L0H1', -2], ['L1H0', NaN]]);
  assert.equal(attribution?.head('L0H0', 1), 2);
  assert.equal(attribution?.head('L0H1', 2), 2);
  assert.deepEqual(attribution?.sums(1),
    { logit: 4, embedding: 0, feedForward: 15, biases: 5.5, rest: 0, heads: 2 });
  assert.deepEqual(attribution?.sums(2), { logit: 9, embedding: 0, feedForward: 0, biases: 0, rest: 3.5, heads: 4 });
  assert.equal(await attributionOf(...known(SHARDS), 3), null);
});

test('ranges that do not follow on are a fault', async () => {
  await assert.rejects(attributionOf(...known({ ...SHARDS, first: shardOf({ document: [], start: [], rows: [] }) }), 5),
    /token 2 follows token 0/);
});

test('pairs stand at the keys that a query may see', async () => {
  const codes = Int8Array.of(1, 2, 3, -4, 5);
  const shard = shardOf({ document: [5, 5], head: [0, 1], start: [0, 0], rows: [1, 3], codes: [null, codes],
    scales: [null, floats(1, 0.5, 2)] });
  const intervals = [[0, 1], [0, 2], [1, 3]];
  const attention = /** @type {any} */ ({ keys: 4, interval: (/** @type {number} */ query) => intervals[query] });
  const pairs = await pairsOf(...known({ first: shard }), 'L0H1', 5, attention);
  assert.deepEqual([0, 1, 2, 3].map((query) => [...pairs?.(query) ?? []]),
    [[1, 0, 0, 0], [1, 1.5, 0, 0], [0, -8, 10, 0], [0, 0, 0, 0]]);
});
