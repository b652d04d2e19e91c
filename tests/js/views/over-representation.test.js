import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excesses, score } from '../../../site_templates/src/views/head/over-representation.js';

/** Ten points of types 0 (five), 1 (three) and 2 (two). */
const TYPES = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2];

test('ratio is the share inside by the share among all; the score is worked out by hand', () => {
  const [first, second] = excesses(TYPES, [8, 9, 0, 1], 3);
  // Two of four inside, two of ten in all.
  assert.deepEqual([first.type, first.inside, first.all], [2, 2, 2]);
  assert.equal(first.ratio, (2 / 4) / (2 / 10));
  // 2 ln(2 / 0.8) + 2 ln(2 / 3.2) = 1.832581 − 0.940007 = 0.892574; the root of twice it is 1.336095.
  assert.ok(Math.abs(first.score - 1.336095) < 1e-6);
  // As many as to be expected: neither over- nor under-represented.
  assert.deepEqual([second.type, second.ratio, second.score], [0, 1, 0]);
});

test('what is rarer than expected has a negative score, and what is absent no row', () => {
  const rows = excesses(TYPES, [0, 1, 2, 5], 3);
  assert.deepEqual(rows.map(({ type }) => type), [0, 1]);
  assert.ok(rows[0].score > 0 && rows[1].score < 0);
});

test('all points together are what all points are', () => {
  const rows = excesses(TYPES, [...TYPES.keys()], 3);
  assert.deepEqual(rows.map(({ ratio, score: z }) => [ratio, z]), [[1, 0], [1, 0], [1, 0]]);
});

test('a score is near the normal deviate of a large sample', () => {
  // 60 of 100 where half is expected: (60 − 50) / 5 = 2.
  assert.ok(Math.abs(score(60, 100, 0.5) - 2) < 0.02);
});
