import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEye } from '../../../site_templates/src/draw/eye.js';
import { emptyCloud } from '../../../site_templates/src/draw/cloud.js';
import { freeze } from '../../../site_templates/src/draw/freeze.js';
import {
  fitOrbit, orbitView, panOrbit, turn, turnByPixels, zoomOrbit,
} from '../../../site_templates/src/draw/orbit.js';
import { depthOrder, flatView, placeOf, toPixels } from '../../../site_templates/src/draw/project.js';

const rect = { x: 10, y: 20, width: 800, height: 600 };
const lo = [-2, -2, -2];
const hi = [2, 2, 2];
const front = { ...fitOrbit([-1, -1, -1], [1, 1, 1]), yaw: 0, pitch: 0 };

/** Pixels of a map coordinate. */
function project(orbit, ...at) {
  const codes = at.map((value, k) => (value - lo[k]) / (hi[k] - lo[k]));
  return toPixels({ rect, view: orbitView(orbit, rect, lo, hi) }, ...codes);
}

function close(a, b, by = 1e-6) {
  assert.ok(Math.hypot(a.x - b.x, a.y - b.y) < by, `${JSON.stringify(a)} is not ${JSON.stringify(b)}`);
}

test('from the front, x runs right, y up, and what is near is larger', () => {
  close(project(front, 0, 0, 0), { x: 410, y: 320 });
  assert.ok(project(front, 1, 0, 0).x > 410);
  assert.ok(project(front, 0, 1, 0).y < 320);
  assert.ok(project(front, 1, 0, 1).x > project(front, 1, 0, 0).x);
  assert.ok(project(front, 1, 0, -1).x < project(front, 1, 0, 0).x);
});

test('the whole frame is seen, however it is turned', () => {
  for (const [yaw, pitch] of [[0, 0], [0.8, 0.6], [-0.55, 0.38], [2, -1.2], [Math.PI / 4, 0]]) {
    const orbit = { ...front, yaw, pitch };
    for (let corner = 0; corner < 8; corner++) {
      const at = project(orbit, corner & 1 ? 0.94 : -0.94, corner & 2 ? 0.94 : -0.94, corner & 4 ? 0.94 : -0.94);
      assert.ok(Math.abs(at.y - 320) < 420 && Math.abs(at.x - 410) < 420, JSON.stringify([yaw, pitch, at]));
    }
  }
});

test('a quarter turn to the right shows the left side', () => {
  const side = turn(front, Math.PI / 2, 0);
  const left = project(side, -1, 0, 0);
  close({ x: left.x, y: left.y }, { x: 410, y: 320 });
  assert.ok(project(side, 0, 0, 1).x > 410, 'the front has gone to the right');
});

test('dragging holds the near points, and nobody falls over the poles', () => {
  const dragged = turnByPixels(front, rect, 50, 30);
  assert.ok(project(dragged, 0, 0, 1).x > project(front, 0, 0, 1).x);
  assert.ok(project(dragged, 0, 0, 1).y > project(front, 0, 0, 1).y);
  assert.equal(turn(front, 0, 9).pitch, Math.PI / 2);
});

test('panning moves what the eye turns about by pixels, from any side', () => {
  for (const orbit of [front, { ...front, yaw: 1.1, pitch: 0.5 }]) {
    const moved = panOrbit(orbit, rect, 30, -12);
    close(project(moved, 0, 0, 0), { x: 440, y: 308 });
  }
});

test('zooming keeps the pixel under the pointer in the plane that the eye turns about', () => {
  const zoomed = zoomOrbit(front, rect, 2, 500, 200, front.span);
  const at = { x: ((500 - 410) * front.span) / 600, y: ((320 - 200) * front.span) / 600 };
  close(project(front, at.x, at.y, 0), { x: 500, y: 200 });
  close(project(zoomed, at.x, at.y, 0), { x: 500, y: 200 });
  let orbit = front;
  for (let i = 0; i < 100; i++) orbit = zoomOrbit(orbit, rect, 2, 0, 0, front.span);
  assert.ok(orbit.span > 0.001);
});

test('far points are drawn first, and none is left out', () => {
  const cloud = emptyCloud(50, true, 3);
  for (let i = 0; i < 150; i++) cloud.positions[i] = (i * 7919) % 65536;
  const view = orbitView({ ...front, yaw: 0.7, pitch: 0.4 }, rect, lo, hi);
  const panel = { cloud, first: 0, count: 50, rect, view, radius: 2, alpha: 1 };
  const order = depthOrder(panel);
  assert.deepEqual([...order].sort((a, b) => a - b), Array.from({ length: 50 }, (_, i) => i));
  const nears = [...order].map((v) => placeOf(panel, v).near);
  nears.slice(1).forEach((near, i) => assert.ok(near >= nears[i] - 1 / 1023));
  assert.equal(depthOrder({ ...panel, view: flatView({ x: 0, y: 0, width: 1, height: 1 }) }), undefined);
});

test('a frozen picture stands where it stood, flat or solid, at rest or on its way', () => {
  const cloud = emptyCloud(20, true, 3);
  for (let i = 0; i < 60; i++) cloud.positions[i] = 20000 + ((i * 7919) % 25000);
  const view = orbitView({ ...front, yaw: 0.7, pitch: 0.4 }, rect, lo, hi);
  const solid = { cloud, first: 0, count: 20, rect, view, radius: 2, alpha: 1 };
  const still = freeze(solid);
  const later = { ...solid, view: orbitView(front, rect, lo, hi), from: { ...still, share: 0 } };
  const half = { ...later, from: { ...still, share: 0.5 } };
  const caught = freeze(half);
  for (let v = 0; v < 20; v++) {
    const [begin, end] = [placeOf(solid, v), placeOf({ ...later, from: undefined }, v)];
    close(placeOf(later, v), begin, 0.1);
    assert.ok(Math.abs(placeOf(later, v).near - begin.near) < 1e-4);
    close(placeOf(half, v), { x: (begin.x + end.x) / 2, y: (begin.y + end.y) / 2 }, 0.1);
    close(placeOf({ ...later, from: { ...caught, share: 0 } }, v), placeOf(half, v), 0.1);
  }
});

test('an eye drags a flat map along and turns a solid one; a reset shows the whole', () => {
  for (const dimensions of [2, 3]) {
    const eye = createEye({ dimensions, lo, hi, viewLo: [-1, -1, -1], viewHi: [1, 1, 1] });
    const at = () => toPixels({ rect, view: eye.view(rect) }, 0.5, 0.5, 0.5);
    const before = [at(), eye.view(rect)];
    eye.drag(rect, 20, 10);
    assert.equal(eye.solid, dimensions === 3);
    if (eye.solid) close(at(), before[0]);
    else close(at(), { x: before[0].x + 20, y: before[0].y + 10 });
    assert.notDeepEqual(eye.view(rect), before[1]);
    eye.shift(rect, 5, 6);
    eye.zoom(rect, 2, 100, 100);
    assert.ok(Math.abs(eye.enlarged() - 2) < 1e-9);
    eye.reset();
    assert.deepEqual(eye.view(rect), before[1]);
  }
});

test('an eye goes to where a link says that it was', () => {
  const map = { lo: [-4, -2, -3], hi: [4, 6, 3], viewLo: [-1, -1, -1], viewHi: [1, 1, 1] };
  for (const dimensions of [2, 3]) {
    const eye = createEye({ ...map, dimensions });
    assert.equal(eye.write(), '', 'nothing to say of the first look');
    eye.drag(rect, 20, 10);
    eye.shift(rect, -7, 3);
    eye.zoom(rect, 2.5, 130, 40);
    const other = createEye({ ...map, dimensions });
    other.read(eye.write());
    assert.ok(eye.view(rect).every((value, i) => Math.abs(value - other.view(rect)[i]) < 1e-3 * (1 + Math.abs(value))));
    assert.equal(other.write(), eye.write());
    other.read('');
    assert.equal(other.write(), '');
  }
});

test('all points come into sight', () => {
  const map = { lo: [-4, -2, -3], hi: [4, 6, 3], viewLo: [-1, -1, -1], viewHi: [1, 1, 1] };
  for (const dimensions of [2, 3]) {
    const eye = createEye({ ...map, dimensions });
    eye.showAll();
    for (const corner of [[0, 0, 0], [1, 1, 1], [0, 1, 0], [1, 0, 1]]) {
      const { x, y } = toPixels({ rect, view: eye.view(rect) }, ...corner);
      assert.ok(x > rect.x && x < rect.x + rect.width && y > rect.y && y < rect.y + rect.height, `${corner}`);
    }
  }
});
