import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ComputedAttention } from '../../../site_templates/src/data/aggregate.js';
import { readValueLengths, rowTotals, WeightedAttention } from '../../../site_templates/src/data/weighted.js';

const ROWS = [[0.5, 0.5, 0], [0.2, 0.3, 0.5], [1, 0, 0]];
const LENGTHS = Float64Array.from([1, 3, 2]);

async function weigh(rows = ROWS, lengths = LENGTHS) {
  const intervals = { lo: new Uint32Array(rows.length), hi: new Uint32Array(rows.length).fill(3) };
  const attention = new ComputedAttention(Float64Array.from(rows.flat()), intervals,
    { queryAxis: 'text', keyAxis: 'text', keys: 3 });
  return new WeightedAttention(attention, lengths, await rowTotals(attention, lengths));
}

test('each share is weighed by the length of its value, and the row divided by its sum', async () => {
  const weighted = await weigh();
  assert.deepEqual([...weighted.row(0)], [0.25, 0.75, 0]);
  const total = 0.2 + 0.9 + 1;
  assert.deepEqual([...weighted.row(1)].map((p) => p.toFixed(9)), [0.2, 0.9, 1].map((p) => (p / total).toFixed(9)));
});

test('a column has the numbers of the rows', async () => {
  const weighted = await weigh();
  for (let key = 0; key < 3; key++) {
    assert.deepEqual([...weighted.column(key)], [0, 1, 2].map((query) => weighted.row(query)[key]));
  }
});

test('a row that brings nothing is not a number', async () => {
  const weighted = await weigh(ROWS, Float64Array.from([0, 1, 1]));
  assert.ok([...weighted.row(2)].every(Number.isNaN));
  assert.ok(Number.isNaN(weighted.column(1)[2]));
});

const shard = (codes, lo = 1, hi = 4) => ({
  numbers: () => Uint16Array.from([0, 2]),
  need: () => Uint8Array.from(codes),
  value: (name) => ({ lo, hi })[name],
  fault: (what) => new Error(what),
});

test('codes are steps of a ratio between the shortest and the longest; 0 is none', () => {
  assert.deepEqual([...readValueLengths(shard([9, 1, 255, 128, 0]), 2, 1, 4)], [1, 4, 2, 0]);
});

test('a shard that does not fit is said', () => {
  assert.throws(() => readValueLengths(shard([1]), 1, 0, 1), /no kv head 1/);
  assert.throws(() => readValueLengths(shard([1]), 0, 0, 2), /has 1 lengths/);
  assert.throws(() => readValueLengths(shard([1], 2, 1), 0, 0, 1), /reach from 2 to 1/);
});
