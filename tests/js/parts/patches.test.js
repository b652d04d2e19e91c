import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patchEdges } from '../../../site_templates/src/parts/patches.js';

/** A special token, then a grid of 2 rows and 4 columns. */
const grid = (crop) => ({
  crop, row: Int16Array.of(-1, 0, 0, 0, 0, 1, 1, 1, 1), column: Int16Array.of(-1, 0, 1, 2, 3, 0, 1, 2, 3),
});

test('patches part the image evenly', () => {
  assert.deepEqual(patchEdges(grid(null), 1), { left: 0, top: 0, right: 0.25, bottom: 0.5 });
  assert.deepEqual(patchEdges(grid(null), 8), { left: 0.75, top: 0.5, right: 1, bottom: 1 });
});

test('where the model crops or pads, they part what it saw', () => {
  const crop = { left: 0.5, top: -1, right: 1.5, bottom: 1 };
  assert.deepEqual(patchEdges(grid(crop), 1), { left: 0.5, top: -1, right: 0.75, bottom: 0 });
  assert.deepEqual(patchEdges(grid(crop), 8), { left: 1.25, top: 0, right: 1.5, bottom: 1 });
});
