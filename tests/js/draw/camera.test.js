import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cameraWindow, fitCamera, pan, zoomAt } from '../../../site_templates/src/draw/camera.js';
import { flatView, fromPixels, toPixels } from '../../../site_templates/src/draw/project.js';

const rect = { x: 10, y: 20, width: 800, height: 400 };
const lo = [-4, -2];
const hi = [4, 6];

/** Pixels of a map coordinate. */
function project(camera, x, y) {
  const view = flatView(cameraWindow(camera, rect, lo, hi));
  return toPixels({ rect, view }, (x - lo[0]) / (hi[0] - lo[0]), (y - lo[1]) / (hi[1] - lo[1]));
}

/** @param {{x: number, y: number}} a @param {{x: number, y: number}} b */
function close(a, b) {
  assert.ok(Math.hypot(a.x - b.x, a.y - b.y) < 1e-9, `${JSON.stringify(a)} is not ${JSON.stringify(b)}`);
}

test('a fitted frame fills the shorter side, its middle in the middle', () => {
  const camera = fitCamera([-1, 0], [1, 2]);
  close(project(camera, 0, 1), { x: 410, y: 220 });
  close(project(camera, 0, 2), { x: 410, y: 20 });
  close(project(camera, 1, 1), { x: 610, y: 220 });
});

test('y runs up in the map and down on the screen', () => {
  const camera = fitCamera([-1, 0], [1, 2]);
  assert.ok(project(camera, 0, 2).y < project(camera, 0, 0).y);
});

test('zooming keeps the pixel under the pointer', () => {
  const camera = fitCamera([-1, 0], [1, 2]);
  const before = project(camera, 0.3, 0.4);
  const zoomed = zoomAt(camera, rect, 3, before.x, before.y, 2);
  close(project(zoomed, 0.3, 0.4), before);
  assert.ok(Math.abs(zoomed.span - 2 / 3) < 1e-12);
});

test('zoom has limits', () => {
  let camera = fitCamera([-1, 0], [1, 2]);
  for (let i = 0; i < 100; i++) camera = zoomAt(camera, rect, 2, 410, 220, 2);
  assert.ok(camera.span > 1e-3);
  for (let i = 0; i < 100; i++) camera = zoomAt(camera, rect, 0.5, 410, 220, 2);
  assert.ok(camera.span < 100);
});

test('panning moves by pixels', () => {
  const camera = fitCamera([-1, 0], [1, 2]);
  const before = project(camera, 0, 0);
  close(project(pan(camera, rect, 30, -12), 0, 0), { x: before.x + 30, y: before.y - 12 });
});

test('pixels and unit square are inverse', () => {
  const panel = { rect, view: flatView({ x: 0.1, y: -0.2, width: 0.7, height: 0.9 }) };
  const at = fromPixels(panel, 123, 321);
  close(toPixels(panel, at.x, at.y), { x: 123, y: 321 });
});

test('a map without extent can be drawn', () => {
  const window = cameraWindow(fitCamera([1, 1], [1, 1]), rect, [1, 1], [1, 1]);
  assert.ok(Object.values(window).every(Number.isFinite));
});
