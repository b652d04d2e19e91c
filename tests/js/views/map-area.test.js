import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyCloud, weave } from '../../../site_templates/src/draw/cloud.js';
import { createEye } from '../../../site_templates/src/draw/eye.js';
import {
  contains, cornersInSight, nearestVertices, readArea, simplify, verticesIn, writeArea,
} from '../../../site_templates/src/views/head/area.js';

const rect = { x: 0, y: 0, width: 800, height: 600 };
/** Nine queries on a grid: x and y are 0, half and all of the codes. */
const flat = { dimensions: 2, lo: [-1, -1], hi: [1, 1], viewLo: [-1, -1], viewHi: [1, 1] };
const grid = [0, 32768, 65535].flatMap((y) => [0, 32768, 65535].flatMap((x) => [x, y]));
const cloud = emptyCloud(9, true);
weave(cloud, 0, Uint16Array.from(grid), new Uint16Array(0));

const panelOf = (eye, of = cloud) => (
  { cloud: of, first: 0, count: of.count, rect, view: eye.view(rect), radius: 1, alpha: 1 });

test('a box drawn over a flat map holds the points under it, whatever the eye does later', () => {
  const eye = createEye(flat);
  // The square of the map is the 600 pixels in the middle: from 100 to 700.
  const text = writeArea([{ x: 90, y: 250 }, { x: 420, y: 610 }], panelOf(eye), flat, '');
  const area = readArea(text, false);
  assert.equal(area.kind, 'box');
  assert.deepEqual([...verticesIn(area, cloud, flat)], [0, 1, 3, 4]);
  eye.zoom(rect, 2, 400, 300);
  const [corner] = cornersInSight(area, panelOf(eye), flat, '');
  assert.ok(Math.hypot(corner.x - (400 - 620), corner.y - 200) < 0.2, 'twice as far from the middle');
});

test('a lasso is kept to a tenth of a pixel where the map is much enlarged', () => {
  const eye = createEye(flat);
  eye.zoom(rect, 200, 400, 300);
  const drawn = [{ x: 310.4, y: 200 }, { x: 500, y: 210.7 }, { x: 400, y: 400 }];
  const area = readArea(writeArea(drawn, panelOf(eye), flat, ''), false);
  assert.equal(area.kind, 'lasso');
  cornersInSight(area, panelOf(eye), flat, '').forEach(({ x, y }, i) => {
    assert.ok(Math.hypot(x - drawn[i].x, y - drawn[i].y) < 0.15);
  });
});

test('a solid map is cut as the eye saw it, and the outline is gone from elsewhere', () => {
  const solid = { dimensions: 3, lo: [0, 0, 0], hi: [1, 1, 1], viewLo: [0, 0, 0], viewHi: [1, 1, 1] };
  const corners = emptyCloud(2, true, 3);
  weave(corners, 0, Uint16Array.of(0, 32768, 32768, 65535, 32768, 32768), new Uint16Array(0));
  const eye = createEye(solid);
  eye.turn(0.55, 0);
  const text = writeArea([{ x: 0, y: 0 }, { x: 400, y: 600 }], panelOf(eye, corners), solid, eye.write(true));
  const area = readArea(text, true);
  assert.deepEqual([...verticesIn(area, corners, solid)], [0], 'the left half');
  assert.equal(cornersInSight(area, panelOf(eye, corners), solid, eye.write(true)).length, 4);
  eye.turn(0.5, 0);
  assert.equal(cornersInSight(area, panelOf(eye, corners), solid, eye.write(true)), undefined);
  assert.deepEqual([...verticesIn(area, corners, solid)], [0], 'whatever the eye does later');
});

test('the nearest points come first, by distance in the map and not in codes', () => {
  assert.deepEqual([...nearestVertices(cloud, flat, 4, 5)].sort(), [1, 3, 4, 5, 7]);
  const wide = { ...flat, hi: [9, 1] };
  assert.deepEqual([...nearestVertices(cloud, wide, 4, 3)], [4, 7, 1]);
});

test('the even–odd rule leaves out a bay', () => {
  const bay = [[0, 0], [4, 0], [4, 4], [2, 1], [0, 4]];
  assert.ok(contains(bay, 0.5, 2) && contains(bay, 3.5, 2));
  assert.ok(!contains(bay, 2, 2) && !contains(bay, 5, 2));
});

test('a simpler line keeps its ends and its corners', () => {
  const line = [{ x: 0, y: 0 }, { x: 5, y: 0.4 }, { x: 10, y: 0 }, { x: 10, y: 8 }, { x: 0, y: 0.5 }];
  assert.deepEqual(simplify(line, 1), [line[0], line[2], line[3], line[4]]);
});
