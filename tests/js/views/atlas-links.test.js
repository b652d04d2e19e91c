import assert from 'node:assert/strict';
import { test } from 'node:test';
import { curveBetween, widthOf } from '../../../site_templates/src/views/atlas/link-curves.js';

const cell = (column, row) => ({ x: 100 * column, y: 100 * row, width: 80, height: 80 });
const room = { gap: 20, middle: 200 };
/** The numbers of a cubic, as pairs. */
const points = (d) => {
  const numbers = d.slice(1).split(/[C ]/).map(Number);
  return [0, 2, 4, 6].map((i) => numbers.slice(i, i + 2));
};
/** Where a cubic is half way. */
const halfWay = (d) => points(d).reduce(([x, y], point, i) => [x + [1, 3, 3, 1][i] * point[0] / 8,
  y + [1, 3, 3, 1][i] * point[1] / 8], [0, 0]);

test('a link leads from the foot of the earlier head to the top of the later one', () => {
  const curve = points(curveBetween(cell(0, 0), cell(2, 3), room));
  assert.deepEqual([curve[0], curve[3]], [[40, 80], [240, 300]]);
});

test('in one column it passes beside the cells between, towards the middle', () => {
  assert.deepEqual(halfWay(curveBetween(cell(1, 0), cell(1, 4), room)), [190, 240], 'in the gap from 180 to 200');
  assert.deepEqual(halfWay(curveBetween(cell(3, 0), cell(3, 4), room)), [290, 240]);
  assert.deepEqual(halfWay(curveBetween(cell(1, 0), cell(1, 1), room)), [140, 90], 'straight where none is between');
});

test('width tells how far above chance a link is, up to a bound', () => {
  const [chance, twice, strongest, beyond] = [0.125, 0.25, 0.75, 0.9].map((value) => widthOf(value, 0.125));
  assert.deepEqual([chance, strongest, beyond], [1.75, 5, 5]);
  assert.ok(chance < twice && twice < strongest);
});
