import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cap, logSumExp, maskIntervals, normalise } from '../../../site_templates/src/data/score.js';

test('masks give the intervals of the format', () => {
  const cases = [
    [{ kind: 'full' }, 3, 3, [[0, 3], [0, 3], [0, 3]]],
    [{ kind: 'causal' }, 3, 3, [[0, 1], [0, 2], [0, 3]]],
    [{ kind: 'causal' }, 4, 2, [[0, 1], [0, 2], [0, 2], [0, 2]]],
    [{ kind: 'band', before: 1, after: 0 }, 4, 4, [[0, 1], [0, 2], [1, 3], [2, 4]]],
    [{ kind: 'band', before: 1, after: 1 }, 4, 4, [[0, 2], [0, 3], [1, 4], [2, 4]]],
    [{ kind: 'band', before: 0, after: 0 }, 4, 2, [[0, 1], [1, 2], [2, 2], [3, 2]]],
    [{ kind: 'full' }, 2, 0, [[0, 0], [0, 0]]],
  ];
  for (const [mask, queries, keys, expected] of cases) {
    const { lo, hi } = maskIntervals(mask, queries, keys);
    assert.deepEqual(Array.from(lo, (from, i) => [from, hi[i]]), expected, JSON.stringify(mask));
  }
});

test('the soft cap bounds a score and leaves small ones nearly alone', () => {
  assert.equal(cap(12.5, null), 12.5);
  assert.ok(cap(1e6, 30) <= 30 && cap(-1e6, 30) >= -30);
  assert.ok(Math.abs(cap(0.1, 30) - 0.1) < 1e-6);
  assert.equal(cap(15, 30), 30 * Math.tanh(0.5));
});

test('log-sum-exp takes the allowed scores and the sink, and does not overflow', () => {
  const scores = Float64Array.of(99, 0, Math.log(3), 99);
  assert.ok(Math.abs(logSumExp(scores, 1, 3, null) - Math.log(4)) < 1e-15);
  assert.ok(Math.abs(logSumExp(scores, 1, 3, Math.log(4)) - Math.log(8)) < 1e-15);
  assert.ok(Math.abs(logSumExp(Float64Array.of(1000, 1000), 0, 2, null) - (1000 + Math.log(2))) < 1e-12);
  assert.equal(logSumExp(scores, 2, 2, null), -Infinity);
  assert.equal(logSumExp(scores, 2, 2, 5), 5);
});

test('a row sums to 1 without a sink and to the mass that is left with one', () => {
  const row = normalise(Float64Array.of(7, 1, 2, 7), 1, 3, logSumExp(Float64Array.of(7, 1, 2, 7), 1, 3, null));
  assert.equal(row[0], 0);
  assert.equal(row[3], 0);
  assert.ok(Math.abs(row[1] + row[2] - 1) < 1e-15);
  const sinking = Float64Array.of(0, 0);
  normalise(sinking, 0, 2, logSumExp(sinking, 0, 2, Math.log(2)));
  assert.ok(Math.abs(sinking[0] - 0.25) < 1e-15 && Math.abs(sinking[1] - 0.25) < 1e-15);
});

test('a row that may see nothing is NaN all over', () => {
  assert.ok(normalise(Float64Array.of(1, 2), 2, 2, 0).every(Number.isNaN));
});
