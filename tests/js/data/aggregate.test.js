import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ComputedAttention, HeadSum } from '../../../site_templates/src/data/aggregate.js';
import { reach, rollout } from '../../../site_templates/src/data/rollout.js';

/** Attention from its rows; what a query may see is what is not null. */
function attentionOf(rows) {
  const interval = (i) => {
    const allowed = rows[i].flatMap((p, j) => (p === null ? [] : [j]));
    return allowed.length === 0 ? [0, 0] : [allowed[0], allowed[allowed.length - 1] + 1];
  };
  return {
    queries: rows.length, keys: rows[0].length, interval,
    row: (i) => Float64Array.from(rows[i], (p) => (interval(i)[1] === 0 ? NaN : p ?? 0)),
  };
}

async function sumOf(...heads) {
  const sum = new HeadSum(heads[0].length, heads[0][0].length);
  for (const rows of heads) await sum.add(attentionOf(rows));
  return sum;
}

const close = (values, expected) => {
  assert.equal(values.length, expected.length);
  expected.forEach((value, i) => {
    const equal = Number.isNaN(value) ? Number.isNaN(values[i]) : Math.abs(values[i] - value) < 1e-12;
    assert.ok(equal, `${i}: ${values[i]}, not ${value}`);
  });
};

test('the mean over heads, on two axes', async () => {
  const sum = await sumOf([[1, 0, 0], [0.5, 0.5, 0]], [[0, 0, 1], [0.25, 0.25, 0.5]]);
  close(sum.mean(), [0.5, 0, 0.5, 0.375, 0.375, 0.25]);
});

test('a row that any head may not see has no mean', async () => {
  const sum = await sumOf([[null, null], [1, 0]], [[0.5, 0.5], [0, 1]]);
  close(sum.mean(), [NaN, NaN, 0.5, 0.5]);
  assert.deepEqual([...sum.intervals.lo, ...sum.intervals.hi], [0, 0, 0, 2]);
});

test('means of layers make the mean of all heads, though layers differ in heads and masks', async () => {
  const first = await sumOf([[1, null], [0.5, 0.5]], [[1, null], [0, 1]]);
  const second = await sumOf([[0.25, 0.75], [1, 0]]);
  const all = new HeadSum(2, 2);
  all.addSum(first);
  all.addSum(second);
  close(all.mean(), [2.25 / 3, 0.25, 0.5, 0.5]);
  assert.deepEqual([...all.intervals.lo, ...all.intervals.hi], [0, 0, 2, 2]);
});

// Abnar & Zuidema: each layer's weights plus the identity, halved, later layers on the left.
const FIRST = [[1, null], [0.2, 0.8]];
const SECOND = [[1, null], [0.6, 0.4]];

test('rollout by hand', async () => {
  const layers = [await sumOf(FIRST), await sumOf(SECOND)];
  // A1 = [[1, 0], [0.1, 0.9]], A2 = [[1, 0], [0.3, 0.7]]; A2 · A1 = [[1, 0], [0.3 + 0.07, 0.63]].
  close(await rollout(layers, { residual: 0.5, discard: 0 }), [1, 0, 0.37, 0.63]);
  // Without residual: [[1, 0], [0.6 + 0.4 · 0.2, 0.32]].
  close(await rollout(layers, { residual: 0, discard: 0 }), [1, 0, 0.68, 0.32]);
});

test('the least weights are left out, of equal ones the earlier, and rows sum to one again', async () => {
  const layer = await sumOf([[0.5, 0.3, 0.2], [0.25, 0.5, 0.25], [0.1, null, null]]);
  close(await rollout([layer], { residual: 0, discard: 0.34 }), [0.625, 0.375, 0, 0, 2 / 3, 1 / 3, 1, 0, 0]);
  // A share of a row's own keys: one of one is never left out.
  close(await rollout([layer], { residual: 0, discard: 0.99 }), [1, 0, 0, 0, 1, 0, 1, 0, 0]);
});

test('a sink’s share is left out, and a row that sees nothing looks at itself', async () => {
  const layer = await sumOf([[null, null], [0.1, 0.3]]);
  close(await rollout([layer], { residual: 0, discard: 0 }), [1, 0, 0.25, 0.75]);
});

test('rollout reaches through windows, layer by layer', async () => {
  const window = [[1, null, null], [0.5, 0.5, null], [null, 0.5, 0.5]];
  const layers = [await sumOf(window), await sumOf(window)];
  assert.deepEqual([...reach(layers.slice(1)).lo], [0, 0, 1]);
  const { lo, hi } = reach(layers);
  assert.deepEqual([[...lo], [...hi]], [[0, 0, 0], [1, 2, 3]]);
  assert.ok((await rollout(layers, { residual: 0.5, discard: 0 }))[6] > 0);
});

test('long work breathes, and stops when it is no longer wanted', async () => {
  const layers = [await sumOf(FIRST), await sumOf(SECOND)];
  let breaths = 0;
  await rollout(layers, { residual: 0.5, discard: 0 }, () => void breaths++);
  assert.equal(breaths, 4);
  const leave = () => Promise.reject(new Error('no longer'));
  await assert.rejects(rollout(layers, { residual: 0.5, discard: 0 }, leave), /no longer/);
});

test('what was computed reads like any attention', () => {
  const attention = new ComputedAttention(
    Float64Array.of(1, 0, 0.25, 0.75),
    { lo: Uint32Array.of(0, 0), hi: Uint32Array.of(1, 2) },
    { queryAxis: 'text', keyAxis: 'text', keys: 2 },
  );
  assert.deepEqual([...attention.row(1)], [0.25, 0.75]);
  assert.deepEqual([...attention.column(1)], [0, 0.75]);
  assert.deepEqual(attention.interval(0), [0, 1]);
  assert.equal(attention.queries, 2);
});
