import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyCloud } from '../../../site_templates/src/draw/cloud.js';
import { fitOrbit, orbitView } from '../../../site_templates/src/draw/orbit.js';
import { flatView } from '../../../site_templates/src/draw/project.js';
import { splat } from '../../../site_templates/src/draw/splat.js';
import { makeStamps } from '../../../site_templates/src/draw/stamps.js';

const palette = new Uint8Array(768);
palette.set([200, 10, 20, 30, 40, 250]);

/** Draws points, each [x, y, kind] in the unit square, y up, on 40 × 40 pixels. */
function draw(points, radius = 3, alpha = 1, rim = undefined) {
  const cloud = emptyCloud(points.length, true);
  points.forEach(([x, y, kind], v) => {
    cloud.positions.set([x * 65535, y * 65535], 2 * v);
    cloud.kinds[v] = kind;
    cloud.paint[v] = kind;
  });
  const data = new Uint8ClampedArray(40 * 40 * 4);
  const rect = { x: 0, y: 0, width: 40, height: 40 };
  const view = flatView({ x: 0, y: 0, width: 1, height: 1 });
  splat(
    { data, width: 40, height: 40 },
    [{ cloud, first: 0, count: points.length, rect, view, radius, alpha, rim }],
    palette,
    1,
  );
  return (x, y) => [...data.subarray((y * 40 + x) * 4, (y * 40 + x) * 4 + 4)];
}

test('a point is drawn in its place and colour, y up', () => {
  const at = draw([[0.25, 0.75, 0]]);
  assert.deepEqual(at(10, 10), [200, 10, 20, 255]);
  assert.deepEqual(at(10, 29), [0, 0, 0, 0]);
});

test('keys are diamonds, queries dots', () => {
  const dot = draw([[0.5, 0.5, 0]], 6);
  const diamond = draw([[0.5, 0.5, 1]], 6);
  assert.ok(dot(23, 23)[3] > 200, 'a dot reaches along the diagonal');
  assert.ok(diamond(24, 24)[3] < 60, 'a diamond does not');
  assert.ok(diamond(26, 20)[3] > dot(26, 20)[3], 'but it has points');
});

test('what is drawn last lies on top, and translucent points keep their colour', () => {
  assert.deepEqual(draw([[0.5, 0.5, 0], [0.5, 0.5, 1]])(20, 20), [30, 40, 250, 255]);
  const [r, , b, a] = draw([[0.5, 0.5, 0]], 3, 0.5)(20, 20);
  assert.ok(Math.abs(r - 200) <= 2 && Math.abs(b - 20) <= 2 && Math.abs(a - 128) <= 1);
});

test('layers lie over each other, and what is below shows beside and through them', () => {
  const cloud = emptyCloud(2, true);
  cloud.positions.set([0.25 * 65535, 0.75 * 65535, 0.75 * 65535, 0.75 * 65535]);
  cloud.paint[1] = 1;
  const data = new Uint8ClampedArray(40 * 40 * 4);
  const rect = { x: 0, y: 0, width: 40, height: 40 };
  const layer = { cloud, rect, view: flatView({ x: 0, y: 0, width: 1, height: 1 }), radius: 3, alpha: 1 };
  splat({ data, width: 40, height: 40 },
    [{ ...layer, first: 0, count: 1 }, { ...layer, first: 1, count: 1, alpha: 0.5 }], palette, 1);
  const at = (x, y) => [...data.subarray((y * 40 + x) * 4, (y * 40 + x) * 4 + 4)];
  assert.deepEqual(at(10, 10), [200, 10, 20, 255]);
  assert.ok(Math.abs(at(30, 10)[2] - 250) <= 2 && Math.abs(at(30, 10)[3] - 128) <= 1);
});

test('points at and beyond the rim are cut, not wrapped', () => {
  const at = draw([[0, 0, 0], [1, 1, 1]], 4);
  assert.ok(at(0, 39)[3] > 0 && at(39, 0)[3] > 0);
  assert.equal(at(39, 39)[3] + at(0, 0)[3], 0);
});

test('a stamp covers as much as its shape', () => {
  const { cover } = makeStamps(5, 1);
  const area = (stamp) => stamp.reduce((sum, value) => sum + value / 255, 0);
  assert.ok(Math.abs(area(cover[0]) - Math.PI * 25) < 1.5);
  assert.ok(Math.abs(area(cover[16]) - 2 * 6.5 ** 2) < 1.5);
});

test('in a solid map the near point is drawn over the far one, larger and stronger', () => {
  const cloud = emptyCloud(2, true, 3);
  // The near point comes first in the cloud.
  cloud.positions.set([32768, 32768, 65535, 32768, 32768, 0]);
  cloud.kinds.set([0, 0]);
  cloud.paint.set([0, 1]);
  const rect = { x: 0, y: 0, width: 40, height: 40 };
  const view = orbitView({ ...fitOrbit([0, 0, 0], [1, 1, 1]), yaw: 0, pitch: 0 }, rect, [0, 0, 0], [1, 1, 1]);
  const drawSolid = (count, first = 0) => {
    const data = new Uint8ClampedArray(40 * 40 * 4);
    splat({ data, width: 40, height: 40 }, [{ cloud, first, count, rect, view, radius: 5, alpha: 0.9 }], palette, 1);
    return data;
  };
  const at = (data, x, y) => [...data.subarray((y * 40 + x) * 4, (y * 40 + x) * 4 + 4)];
  const covered = (data) => data.filter((value, i) => i % 4 === 3 && value > 10).length;
  assert.ok(at(drawSolid(2), 20, 20)[0] > 150, 'the near one’s colour');
  assert.ok(covered(drawSolid(1)) > 1.5 * covered(drawSolid(1, 1)));
  assert.ok(at(drawSolid(1), 20, 20)[3] > 1.5 * at(drawSolid(1, 1), 20, 20)[3]);
});

test('a rim is drawn around points of any colour', () => {
  const at = draw([[0.5, 0.5, 0]], 6, 1, [9, 8, 7]);
  assert.deepEqual(at(20, 20), [200, 10, 20, 255]);
  const edge = [25, 26].map((x) => at(x, 20)).find(([r, , , a]) => a > 200 && r < 60);
  assert.ok(edge, 'the last opaque pixels are the rim’s');
});
