import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitCells } from '../../../site_templates/src/views/atlas/fit.js';

/** So many layers of so many heads, in one stack. */
const rowsOf = (layers, heads, stack = 'encoder') => Array.from({ length: layers }, (_, layer) => (
  { stack, layer, heads: Array.from({ length: heads }, (__, head) => ({ stack, layer, head })) }));

test('a model fits into the window, and what height is left over goes to words and between rows', () => {
  const { across, cell, rim, rowGap, lines, dense } = fitCells([rowsOf(6, 12)], { width: 960, height: 760 });
  assert.equal(across, 1);
  assert.equal(dense, false);
  assert.ok(12 * (cell + 6) + 34 <= 960, 'as wide as the window');
  assert.ok(6 * (cell + 7 + 13 * lines + rowGap) + 40 <= 760, 'as high as the window');
  assert.equal(lines, 2, 'with words below each cell');
  assert.ok(rim >= 4 && rim < cell / 10, 'and a rim for points far out');
});

test('cells that would be too small to see are not: the atlas scrolls', () => {
  const { cell } = fitCells([rowsOf(48, 12)], { width: 1200, height: 600 });
  assert.equal(cell, 58);
  assert.equal(fitCells([rowsOf(48, 64)], { width: 390, height: 600 }).cell, 24);
});

test('where columns are narrow, names and gaps are too', () => {
  const { dense, label, gap } = fitCells([rowsOf(6, 32)], { width: 900, height: 700 });
  assert.deepEqual({ dense, label, gap }, { dense: true, label: 25, gap: 3 });
});

test('each of several stacks takes room for its name', () => {
  const one = fitCells([rowsOf(8, 8)], { width: 900, height: 900 });
  const two = fitCells([rowsOf(4, 8), rowsOf(4, 8, 'decoder')], { width: 900, height: 900 });
  assert.ok(two.rowGap + two.cell < one.rowGap + one.cell);
});

test('there are no words where cells are too narrow for them, or rows too close', () => {
  assert.equal(fitCells([rowsOf(6, 32)], { width: 900, height: 700 }).lines, 0);
  assert.equal(fitCells([rowsOf(12, 12)], { width: 960, height: 700 }).lines, 0);
});

test('stacks stand side by side where that shows all of them at once', () => {
  const three = [rowsOf(6, 8), rowsOf(6, 8, 'decoder'), rowsOf(6, 8, 'cross')];
  const wide = fitCells(three, { width: 1300, height: 700 });
  assert.equal(wide.across, 3);
  assert.ok(3 * (8 * (wide.cell + wide.gap) + wide.label) + 2 * 28 <= 1300, 'as wide as the window');
  assert.ok(6 * (wide.cell + 7 + wide.rowGap) + 74 <= 700, 'and no higher');
  assert.equal(fitCells(three, { width: 390, height: 700 }).across, 1, 'a phone scrolls through them');
  assert.equal(fitCells([rowsOf(6, 8)], { width: 1300, height: 700 }).across, 1);
  // Two of two layers fit below one another, larger than they would be side by side.
  const small = fitCells([rowsOf(2, 12), rowsOf(2, 12, 'text')], { width: 900, height: 700 });
  assert.equal(small.across, 1);
});
