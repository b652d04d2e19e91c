import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evenly, measurePositions, PARTS, PositionMeans } from '../../../site_templates/src/parts/position-means.js';

/** Attention from rows. */
const attentionOf = (rows) => ({ queries: rows.length, keys: rows[0].length, row: (i) => Float64Array.from(rows[i]) });
const near = (value, expected) => assert.ok(Math.abs(value - expected) < 1e-12, `${value} is not ${expected}`);

test('two tokens cover half of the parts each', () => {
  const means = new PositionMeans();
  const attention = attentionOf([[1, 0], [0.25, 0.75]]);
  [0, 1].forEach((query) => means.add(attention, query));
  const values = means.values();
  near(values[0], 1 / 8);
  near(values[PARTS - 1], 0);
  near(values[PARTS * (PARTS - 1)], 0.25 / 8);
  near(values[PARTS * PARTS - 1], 0.75 / 8);
});

test('a token that lies in two parts shares out what it has, and rows weigh alike over documents', () => {
  // Of 24 tokens, two thirds of a part each: token 1 lies in parts 0 and 1, half in each.
  const rows = Array.from({ length: 24 }, (_, i) => Array.from({ length: 24 }, (__, j) => (i === j ? 1 : 0)));
  const means = new PositionMeans();
  means.add(attentionOf(rows), 1);
  const values = means.values();
  near(values[0], 0.5);
  near(values[1], 0.5);
  near(values[PARTS], 0.5);
  assert.ok(Number.isNaN(values[2 * PARTS]), 'no query in the third part');
});

test('rows that a mask leaves empty are left out, and each mean row sums to one', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => Array.from({ length: 40 }, (__, j) => (j <= i ? 1 / (i + 1) : 0)));
  rows[0] = rows[0].map(() => NaN);
  const values = await measurePositions(async () => attentionOf(rows), [0, 1], () => true);
  for (let part = 0; part < PARTS; part++) {
    near(values.slice(part * PARTS, (part + 1) * PARTS).reduce((sum, value) => sum + value), 1);
  }
  assert.equal(await measurePositions(async () => attentionOf(rows), [0], () => false), undefined);
});

test('many documents are read at even steps', () => {
  assert.deepEqual(evenly(3, 5), [0, 1, 2]);
  assert.deepEqual(evenly(10, 4), [0, 2, 5, 7]);
});
