import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureHead, measurePoints } from '../../../site_templates/src/parts/color/measures.js';

/** Documents of 2 and 3 tokens; the map holds all but token 3, shuffled. */
const layout = {
  lengths: Uint32Array.of(2, 3), offsets: Uint32Array.of(0, 2, 5),
  locate: (i) => (i < 2 ? { document: 0, token: i } : { document: 1, token: i - 2 }),
};
const points = { name: 'text', layout, sample: Uint32Array.of(4, 0, 2, 1) };
const ROWS = [
  [[0.5, 0.5], [NaN, NaN]],
  [[1, 0, 0], [0.25, 0.75, 0], [0.2, 0.2, 0.6]],
];
const open = async (document) => ({
  queries: ROWS[document].length,
  keys: ROWS[document][0].length,
  row: (i) => Float64Array.from(ROWS[document][i]),
});
const entropy = (row) => -row.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
const close = (a, b) => assert.ok(Object.is(a, b) || Math.abs(a - b) < 1e-12, `${a} is not ${b}`);

test('each query’s entropy and what each key receives, at their points', async () => {
  const measures = await measureHead(open, points, points, () => true);
  [entropy(ROWS[1][2]), Math.log(2), 0, NaN].forEach((value, point) => close(measures.entropy[point], value));
  // Document 0 has one row with attention, spread over two keys: each receives an even share.
  [0.6, 1, 1.45, 1].forEach((value, point) => close(measures.received[point], value));
});

test('it stops where it is progress to', async () => {
  let now = 0;
  const real = performance.now;
  performance.now = () => (now += 100);
  try {
    const progress = [];
    assert.equal(await measureHead(open, points, points, (...done) => !progress.push(done)), undefined);
    assert.deepEqual(progress, [[0, 2]]);
  } finally {
    performance.now = real;
  }
});

test('lengths stand at their points, and are missing where vectors are', async () => {
  const lengths = [undefined, { queries: Float64Array.of(1, 2, 3), keys: Float64Array.of(4, 5, 6) }];
  const progress = [];
  const measures = await measurePoints(
    async (document) => lengths[document], points, points, (...done) => Boolean(progress.push(done)),
  );
  assert.deepEqual(measures.map((values) => [...values]), [[3, NaN, 1, NaN], [6, NaN, 4, NaN]]);
  assert.deepEqual(progress, [[0, 2], [1, 2]]);
  assert.equal(await measurePoints(async () => lengths[1], points, points, () => false), undefined);
});
