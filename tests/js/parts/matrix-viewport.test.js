import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cellAt, fitViewport, inSight, panViewport, revealCell, zoomPoint, zoomViewport,
} from '../../../site_templates/src/parts/matrix/viewport.js';

const extent = { rows: 400, columns: 480 };
const room = { width: 600, height: 500 };

test('all of a matrix is in sight at first, and a handful of tokens makes no large squares', () => {
  const viewport = fitViewport(extent, room);
  assert.equal(viewport.scale, 1.25);
  assert.deepEqual(inSight(viewport, extent, room), { firstRow: 0, endRow: 400, firstColumn: 0, endColumn: 480 });
  assert.equal(fitViewport({ rows: 3, columns: 3 }, room).scale, 26);
});

test('the cell under the pointer stays there while zooming, and limits hold', () => {
  let viewport = fitViewport(extent, room);
  const before = cellAt(viewport, 120, 240, extent);
  for (let i = 0; i < 3; i++) viewport = zoomViewport(viewport, 2, 120, 240, extent, room);
  assert.deepEqual(cellAt(viewport, 120, 240, extent), before);
  for (let i = 0; i < 20; i++) viewport = zoomViewport(viewport, 2, 0, 0, extent, room);
  assert.equal(viewport.scale, 48);
  for (let i = 0; i < 20; i++) viewport = zoomViewport(viewport, 0.5, 0, 0, extent, room);
  assert.deepEqual(viewport, fitViewport(extent, room));
});

test('nothing beyond the matrix comes into sight', () => {
  const near = zoomViewport(fitViewport(extent, room), 8, 0, 0, extent, room);
  const moved = panViewport(near, -1e6, -1e6, extent, room);
  assert.equal(moved.x, 480 - 600 / moved.scale);
  assert.equal(moved.y, 400 - 500 / moved.scale);
  assert.deepEqual(panViewport(moved, 1e6, 1e6, extent, room), near);
  assert.equal(cellAt(near, -3, 5, extent), undefined);
});

test('a cell out of sight comes in by the shortest way', () => {
  const near = zoomViewport(fitViewport(extent, room), 16, 0, 0, extent, room);
  const { x, y, scale } = revealCell(near, { row: 100, column: 3 }, extent, room);
  assert.equal(x, 0);
  assert.ok(Math.abs((101 - y) * scale - 500) < 1e-9, 'at the lower edge');
});

test('keys zoom about the cell that is read, which stays in sight in a narrow matrix too', () => {
  const narrow = { width: 250, height: 330 };
  for (const cell of [{ row: 3, column: 470 }, { row: 399, column: 0 }, { row: 200, column: 240 }]) {
    let viewport = fitViewport(extent, narrow);
    for (let i = 0; i < 12; i++) {
      const { x, y } = zoomPoint(viewport, cell, narrow);
      viewport = zoomViewport(viewport, 1.4, x, y, extent, narrow);
      const middle = zoomPoint(viewport, cell, narrow);
      assert.deepEqual(cellAt(viewport, middle.x, middle.y, extent), cell);
    }
  }
  const far = { x: 100, y: 100, scale: 10 };
  assert.deepEqual(zoomPoint(far, { row: 0, column: 0 }, narrow), { x: 125, y: 165 }, 'a cell out of sight');
});
