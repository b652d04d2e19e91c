import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extentOf, layoutOf, nextPoint, placeHeads } from '../../../site_templates/src/state/heads-points.js';
import { heads, model } from './heads-known.js';

const ids = ({ points }) => points.map(({ head }) => head.id);

test('two statistics place heads; those without a value are counted', () => {
  const { points, missing } = placeHeads(model, heads, { show: 'points', head: '', x: 'distance', y: 'entropy' });
  assert.deepEqual(points.map(({ x, y }) => [x, y]), [[4, 2], [1, 0.5], [9, 3], [2, 0.5]]);
  assert.equal(missing, 1);
  const unknown = placeHeads(model, heads, { show: 'points', head: '', x: 'magic', y: 'entropy' });
  assert.deepEqual(unknown, { points: [], missing: 5 });
});

const LAYOUTS = [{ stacks: ['encoder'], rank: 0.9 }, { stacks: ['cross'], rank: null }];
const positioned = heads.map((head, i) => ({ ...head, position: i === 2 ? null : [i, -i] }));

test('likeness shows the heads of one layout alone', () => {
  const withLayouts = { ...model, layouts: LAYOUTS };
  const encoder = placeHeads(withLayouts, positioned, { show: 'likeness', head: 'encoder.L0H0', x: '', y: '' });
  assert.deepEqual(ids(encoder), ['encoder.L0H0', 'encoder.L0H1', 'encoder.L10H0']);
  assert.equal(encoder.missing, 1);
  assert.equal(encoder.layout, LAYOUTS[0]);
  const cross = placeHeads(withLayouts, positioned, { show: 'likeness', head: 'cross.L0H1', x: '', y: '' });
  assert.deepEqual(ids(cross), ['cross.L0H1']);
  assert.equal(layoutOf(model, heads[0]), undefined);
});

test('the extent has room, and equal units where distance counts', () => {
  const points = [{ x: 0, y: 0 }, { x: 10, y: 1 }];
  assert.deepEqual(extentOf(points, false, 2), { x: [-0.5, 10.5], y: [-0.05, 1.05] });
  const { x, y } = extentOf(points, true, 2);
  assert.deepEqual(x, [-0.5, 10.5]);
  assert.ok(Math.abs((x[1] - x[0]) / (y[1] - y[0]) - 2) < 1e-12);
  assert.deepEqual(extentOf([], true, 1), { x: [0, 1], y: [0, 1] });
  assert.deepEqual(extentOf([{ x: 0, y: 2 }], false, 1), { x: [-0.5, 0.5], y: [1.9, 2.1] });
});

test('arrow keys reach every point, across by x and up by y', () => {
  const { points } = placeHeads(model, heads, { show: 'points', head: '', x: 'distance', y: 'entropy' });
  const walk = (id, step) => {
    const visited = [];
    for (let at = nextPoint(points, id, step); at; at = nextPoint(points, at.head.id, step)) visited.push(at.head.id);
    return visited;
  };
  assert.deepEqual(walk('encoder.L0H1', [1, 0]), ['cross.L0H1', 'encoder.L0H0', 'encoder.L10H0']);
  assert.deepEqual(walk('encoder.L10H0', [-1, 0]), ['encoder.L0H0', 'cross.L0H1', 'encoder.L0H1']);
  assert.deepEqual(walk('encoder.L0H1', [0, -1]), ['cross.L0H1', 'encoder.L0H0', 'encoder.L10H0']);
  const entry = nextPoint(points, 'encoder.L0H10', [1, 0]);
  assert.equal(entry?.head.id, 'encoder.L0H1', 'a head without a place enters at the first');
});
