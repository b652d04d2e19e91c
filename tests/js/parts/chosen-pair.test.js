import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosenPair, orderOf } from '../../../site_templates/src/parts/chosen-pair.js';

const ROWS = [[0.6, 0.4], [0.1, 0.9]];
const attention = {
  queries: 2, keys: 2,
  row: (query) => Float64Array.from(ROWS[query]),
  column: (key) => Float64Array.from(ROWS, (row) => row[key]),
};

test('what a selection does not name is the strongest', () => {
  const pair = (selection) => chosenPair(attention, { token: null, side: 'query', key: null, ...selection });
  assert.deepEqual(pair({}), { query: 0, key: 0 });
  assert.deepEqual(pair({ token: 1 }), { query: 1, key: 1 });
  assert.deepEqual(pair({ token: 1, key: 0 }), { query: 1, key: 0 });
  assert.deepEqual(pair({ token: 1, side: 'key' }), { query: 1, key: 1 });
  assert.deepEqual(pair({ token: 7, key: 9 }), { query: 0, key: 0 }, 'a token beyond the document is none');
});

test('channels in the model’s order, or the largest product first', () => {
  assert.deepEqual(orderOf([1, -3, 2], 'dimension'), [0, 1, 2]);
  assert.deepEqual(orderOf([1, -3, 2], 'product'), [2, 0, 1]);
});
