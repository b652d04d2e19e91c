import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookedAtBy, looksAt } from '../../../site_templates/src/state/shares.js';
import {
  leftOutInWords, leftOutKeys, leftOutShares, NO_SINKS, restOf, sinksOf,
} from '../../../site_templates/src/state/sinks.js';

const ROWS = [[0.5, 0.3, 0.2], [0.1, 0.6, 0.3], [0.9, 0.1, 0]];
const attention = {
  queries: 3, keys: 3,
  row: (i) => Float64Array.from(ROWS[i]),
  column: (j) => Float64Array.from(ROWS, (row) => row[j]),
  interval: () => [0, 3],
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

test('what is left out of a row is what it spends on those keys, and on a learned sink', () => {
  close(leftOutShares(attention, special), [0.5, 0.1, 0.9]);
  close(leftOutShares(attention, [false, false, false]), [0, 0, 0]);
  const half = { ...attention, row: (i) => attention.row(i).map((p) => p / 2),
    column: (j) => attention.column(j).map((p) => p / 2), sinkShare: () => 0.5, interval: (i) => [0, 3 * (i % 2)] };
  close(leftOutShares(half, special), [NaN, 0.55, NaN]);
  const leftOut = { keys: special, queries: special, shares: leftOutShares(half, special) };
  close(looksAt(half, 1, leftOut), [NaN, 0.3 / 0.45, 0.15 / 0.45]);
});

test('the report names sinks: of the stacks of more than half of the heads, and learned sinks', () => {
  const head = (resting, sink = null) => ({ stackInfo: { resting }, sink });
  const [first, other] = [head(['special', 'first']), head(['special', 'separator'], 0.5)];
  assert.deepEqual(sinksOf([first]), { first: true, separator: false, learned: false });
  assert.deepEqual(sinksOf([first, other]), NO_SINKS);
  assert.deepEqual(sinksOf([first, other, other]), { first: false, separator: true, learned: true });
  assert.deepEqual(sinksOf([head(undefined)]), NO_SINKS, 'a report from before');
});

test('the keys that are left out, and their words', () => {
  const tokens = { ids: [5, 9, 3, 9], special: [false, false, true, false] };
  const keys = (sinks, separator = 9) => leftOutKeys({ ...NO_SINKS, ...sinks }, { separator }, tokens);
  assert.deepEqual(keys({}), [false, false, true, false]);
  assert.deepEqual(keys({ first: true }), [true, false, true, false]);
  assert.deepEqual(keys({ separator: true }), [false, true, true, true]);
  assert.deepEqual(keys({ separator: true }, null), [false, false, true, false]);
  const words = (sinks, some) => leftOutInWords({ ...NO_SINKS, ...sinks }, some);
  assert.equal(words({}, true), 'special tokens');
  assert.equal(words({ first: true, learned: true }, true), 'special tokens, the first token and the learned sink');
  assert.equal(words({ learned: true, missing: true }, true), 'special tokens and what is missing');
});

test('what rows lack is a learned sink’s, or missing where attention was given', () => {
  assert.equal(restOf({}, { sink: 0 }), 'learned sink');
  assert.equal(restOf({ attention_by: 'a script' }, { sink: 0 }), 'missing');
  assert.equal(restOf({ attention_by: 'a script' }, { sink: null }), '');
  assert.equal(restOf(undefined, undefined), '');
});

test('nothing hidden: rows and columns as they are', () => {
  close(looksAt(attention, 0), ROWS[0]);
  close(lookedAtBy(attention, 1), [0.3, 0.6, 0.1]);
});

test('a row without special tokens sums to one', () => {
  const shares = leftOutShares(attention, special);
  close(looksAt(attention, 0, { keys: special, shares }), [NaN, 0.6, 0.4]);
  close(looksAt(attention, 0, { keys: special, shares: Float64Array.of(1 - 1e-9) }), [NaN, NaN, NaN]);
});

test('a column is re-normalised by each query’s rest', () => {
  const shares = leftOutShares(attention, special);
  close(lookedAtBy(attention, 1, { queries: special, keys: special, shares }), [NaN, 0.6 / 0.9, 0.1 / 0.1]);
  close(lookedAtBy(attention, 0, { queries: special, keys: special, shares }), [NaN, NaN, NaN]);
});
