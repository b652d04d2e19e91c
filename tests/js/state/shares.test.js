import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hiddenMass, lookedAtBy, looksAt } from '../../../site_templates/src/state/shares.js';

const ROWS = [[0.5, 0.3, 0.2], [0.1, 0.6, 0.3], [0.9, 0.1, 0]];
const attention = {
  queries: 3, keys: 3,
  row: (i) => Float64Array.from(ROWS[i]),
  column: (j) => Float64Array.from(ROWS, (row) => row[j]),
};
const special = [true, false, false];

/** @param {ArrayLike<number>} values @param {number[]} expected NaN where values must be */
function close(values, expected) {
  assert.equal(values.length, expected.length);
  expected.forEach((value, i) => {
    const equal = Number.isNaN(value) ? Number.isNaN(values[i]) : Math.abs(values[i] - value) < 1e-12;
    assert.ok(equal, `${values[i]} is not ${value}`);
  });
}

test('hidden mass is what each query spends on hidden keys', () => {
  close(hiddenMass(attention, special), [0.5, 0.1, 0.9]);
  close(hiddenMass(attention, [false, false, false]), [0, 0, 0]);
});

test('nothing hidden: rows and columns as they are', () => {
  close(looksAt(attention, 0), ROWS[0]);
  close(lookedAtBy(attention, 1), [0.3, 0.6, 0.1]);
});

test('a row without special tokens sums to one', () => {
  const mass = hiddenMass(attention, special);
  close(looksAt(attention, 0, { keys: special, mass }), [NaN, 0.6, 0.4]);
});

test('a column is re-normalised by each query’s rest', () => {
  const mass = hiddenMass(attention, special);
  close(lookedAtBy(attention, 1, { queries: special, mass }), [NaN, 0.6 / 0.9, 0.1 / 0.1]);
});
