import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyCloud, fullScale, groupVertices, verticesOf, weave } from '../../../site_templates/src/draw/cloud.js';

test('equally many queries and keys alternate', () => {
  const cloud = emptyCloud(6, false);
  assert.equal(weave(cloud, 0, [1, 2, 3, 4, 5, 6], [11, 12, 13, 14, 15, 16]), 6);
  assert.deepEqual([...cloud.kinds], [0, 1, 0, 1, 0, 1]);
  assert.deepEqual([...cloud.points], [0, 0, 1, 1, 2, 2]);
  assert.deepEqual([...cloud.positions], [1, 2, 11, 12, 3, 4, 13, 14, 5, 6, 15, 16]);
});

test('any prefix holds both kinds in their proportion', () => {
  const cloud = emptyCloud(400, true);
  weave(cloud, 0, new Uint16Array(2 * 100), new Uint16Array(2 * 300));
  for (const end of [40, 100, 232]) {
    const keys = cloud.kinds.subarray(0, end).reduce((sum, kind) => sum + kind, 0);
    assert.ok(Math.abs(keys / end - 0.75) < 0.05, `${keys} keys among ${end}`);
  }
});

test('solid clouds have three codes a point', () => {
  const cloud = emptyCloud(2, true, 3);
  assert.equal(weave(cloud, 0, [1, 2, 3], [4, 5, 6]), 2);
  assert.deepEqual([...cloud.positions], [1, 2, 3, 4, 5, 6]);
});

test('one kind may be missing', () => {
  const cloud = emptyCloud(2, true);
  assert.equal(weave(cloud, 0, [], [1, 2, 3, 4]), 2);
  assert.deepEqual([...cloud.kinds], [1, 1]);
});

test('the way back from points to vertices', () => {
  const cloud = emptyCloud(5, false);
  weave(cloud, 0, new Uint8Array(4), new Uint8Array(6));
  for (const kind of [0, 1]) {
    verticesOf(cloud, kind).forEach((vertex, point) => {
      assert.deepEqual([cloud.kinds[vertex], cloud.points[vertex]], [kind, point]);
    });
  }
  assert.equal(verticesOf(cloud, 1).length, 3);
});

test('the vertices of a part are ordered by group, with all that they are', () => {
  const cloud = emptyCloud(6, false);
  weave(cloud, 0, [1, 2], [11, 12]);
  weave(cloud, 2, [255, 4, 5, 6], [0, 14, 15, 16]);
  const isOuter = (vertex) => [0, 255].includes(cloud.positions[2 * vertex]);
  assert.deepEqual(groupVertices(cloud, { first: 2, count: 4 }, 3, (vertex) => (isOuter(vertex) ? 2 : 0)), [2, 0, 2]);
  assert.deepEqual([...cloud.positions], [1, 2, 11, 12, 5, 6, 15, 16, 255, 4, 0, 14]);
  assert.deepEqual([...cloud.kinds], [0, 1, 0, 1, 0, 1]);
  assert.deepEqual([...cloud.points], [0, 0, 1, 1, 0, 0]);
  assert.deepEqual(groupVertices(cloud, { first: 0, count: 2 }, 2, () => 0), [2, 0], 'none');
});

test('the full scale follows the width of the codes', () => {
  assert.equal(fullScale(emptyCloud(1, false)), 255);
  assert.equal(fullScale(emptyCloud(1, true)), 65535);
});
