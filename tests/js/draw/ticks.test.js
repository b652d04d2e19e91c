import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ticks } from '../../../site_templates/src/draw/ticks.js';

const read = (low, high, about) => {
  const { values, digits } = ticks(low, high, about);
  return values.map((value) => value.toFixed(digits));
};

test('ticks are round and lie between the ends', () => {
  assert.deepEqual(read(0, 1, 5), ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']);
  assert.deepEqual(read(-0.3, 3.9, 5), ['0', '1', '2', '3']);
  assert.deepEqual(read(9.3, 42.1, 8), ['10', '15', '20', '25', '30', '35', '40']);
  assert.deepEqual(read(0.012, 0.031, 4), ['0.015', '0.020', '0.025', '0.030']);
  assert.deepEqual(read(-25, 25, 3), ['-20', '0', '20']);
  assert.deepEqual(read(1200, 98000, 4), ['50000']);
});

test('an axis without length has its one value', () => {
  assert.deepEqual(ticks(2, 2, 5).values, [2]);
  assert.equal(ticks(NaN, NaN, 5).values.length, 1);
});
