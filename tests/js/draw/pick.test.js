import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyCloud } from '../../../site_templates/src/draw/cloud.js';
import { makeGrid, nearest, SCAN_LIMIT } from '../../../site_templates/src/draw/pick.js';
import { flatView, placeOf, toPixels } from '../../../site_templates/src/draw/project.js';
import { fitOrbit, orbitView } from '../../../site_templates/src/draw/orbit.js';

/** A seeded generator, so that the points are the same every time. */
function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** @param {number} count @param {boolean} wide */
function scatter(count, wide) {
  const cloud = emptyCloud(count, wide);
  const next = random(7);
  for (let i = 0; i < 2 * count; i++) cloud.positions[i] = Math.floor(next() * (wide ? 65536 : 256));
  return cloud;
}

/** @param {ReturnType<typeof scatter>} cloud */
function panelOf(cloud, first = 0, count = cloud.count) {
  const rect = { x: 5, y: 8, width: 700, height: 500 };
  const view = flatView({ x: 0.2, y: 0.1, width: 0.5, height: 0.8 });
  return { cloud, first, count, rect, view, radius: 2, alpha: 1 };
}

/** The slow, plain answer. */
function search(panel, px, py, reach) {
  const scale = panel.cloud.positions instanceof Uint8Array ? 255 : 65535;
  let best = { vertex: -1, distance: reach };
  for (let v = panel.first; v < panel.first + panel.count; v++) {
    const at = toPixels(panel, panel.cloud.positions[2 * v] / scale, panel.cloud.positions[2 * v + 1] / scale);
    const distance = Math.hypot(at.x - px, at.y - py);
    if (distance < best.distance || (distance === best.distance && v > best.vertex)) best = { vertex: v, distance };
  }
  return best;
}

for (const count of [2000, SCAN_LIMIT + 5000]) {
  test(`the nearest of ${count} points is found`, () => {
    const panel = panelOf(scatter(count, true));
    const next = random(3);
    for (let i = 0; i < 40; i++) {
      const [px, py] = [5 + next() * 700, 8 + next() * 500];
      const { vertex, distance } = search(panel, px, py, 14);
      const picked = nearest(panel, px, py, 14);
      if (picked === vertex) continue;
      // Distances may tie within rounding.
      const [x, y] = panel.cloud.positions.subarray(2 * picked, 2 * picked + 2);
      const at = toPixels(panel, x / 65535, y / 65535);
      assert.ok(picked >= 0 && Math.abs(Math.hypot(at.x - px, at.y - py) - distance) < 1e-6);
    }
  });
}

test('nothing is near enough', () => {
  const cloud = emptyCloud(1, false);
  cloud.positions.set([0, 0]);
  assert.equal(nearest(panelOf(cloud), 400, 200, 10), -1);
});

test('of points in one place, the one drawn last', () => {
  const cloud = emptyCloud(3, false);
  cloud.positions.fill(128);
  const panel = panelOf(cloud);
  const at = toPixels(panel, 128 / 255, 128 / 255);
  assert.equal(nearest(panel, at.x, at.y, 5), 2);
});

test('only the panel’s own vertices are picked', () => {
  const cloud = emptyCloud(3, false);
  cloud.positions.fill(128);
  const panel = panelOf(cloud, 0, 2);
  const at = toPixels(panel, 128 / 255, 128 / 255);
  assert.equal(nearest(panel, at.x, at.y, 5), 1);
});

test('a grid holds every vertex once, in its cell', () => {
  const cloud = scatter(5000, true);
  const { starts, vertices } = makeGrid(cloud);
  assert.deepEqual([...vertices].sort((a, b) => a - b), Array.from({ length: 5000 }, (_, i) => i));
  const cell = (cloud.positions[2 * 99 + 1] >> 8) * 256 + (cloud.positions[2 * 99] >> 8);
  assert.ok(vertices.subarray(starts[cell], starts[cell + 1]).includes(99));
});

test('in a solid map, of points drawn over each other the one next to the eye', () => {
  const cloud = emptyCloud(3, true, 3);
  const rect = { x: 0, y: 0, width: 600, height: 600 };
  const orbit = { ...fitOrbit([0, 0, 0], [1, 1, 1]), yaw: 0, pitch: 0 };
  // On the axis of the eye: middle, far, near; the last is drawn first.
  cloud.positions.set([32768, 32768, 32768, 32768, 32768, 0, 32768, 32768, 65535]);
  const view = orbitView(orbit, rect, [0, 0, 0], [1, 1, 1]);
  const panel = { cloud, first: 0, count: 3, rect, view, radius: 4, alpha: 1 };
  assert.equal(nearest(panel, 300, 300, 14), 2);
  // Beside them all: the nearest on the screen, which is any of the three.
  assert.ok(nearest(panel, 308, 300, 14) >= 0);
  assert.equal(nearest(panel, 320, 300, 14), -1);
});

test('a point that moves is picked where it is', () => {
  const cloud = emptyCloud(1, true);
  const start = emptyCloud(1, true);
  cloud.positions.set([65535, 32768]);
  start.positions.set([0, 32768]);
  const view = flatView({ x: 0, y: 0, width: 1, height: 1 });
  const rect = { x: 0, y: 0, width: 400, height: 400 };
  const from = { cloud: start, view, share: 0.25 };
  const panel = { cloud, first: 0, count: 1, rect, view, from, radius: 2, alpha: 1 };
  assert.equal(nearest(panel, 100, 200, 5), 0);
  assert.equal(nearest(panel, 399, 200, 5), -1);
  assert.ok(Math.abs(placeOf(panel, 0).x - 100) < 0.01);
});
