import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyCloud, weave } from '../../../site_templates/src/draw/cloud.js';
import { contourOf, densityOf } from '../../../site_templates/src/draw/density.js';
import { flatView, makePlacer } from '../../../site_templates/src/draw/project.js';

const rect = { x: 40, y: 20, width: 600, height: 600 };

/** A panel of so many queries, normally spread about the middle, a tenth of the picture far; and one key. */
function makePanel(count) {
  let seed = 3;
  const noise = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed + 1) / (2 ** 32 + 1);
  };
  const codes = Array.from({ length: count }, () => {
    const [far, turn] = [0.1 * Math.sqrt(-2 * Math.log(noise())), 2 * Math.PI * noise()];
    return [0.5 + far * Math.cos(turn), 0.5 + far * Math.sin(turn)].map((x) => Math.round(65535 * x));
  }).flat();
  const cloud = emptyCloud(count + 1, true);
  weave(cloud, 0, Uint16Array.from(codes), Uint16Array.of(0, 0));
  return { cloud, first: 0, count: cloud.count, rect, view: flatView({ x: 0, y: 0, width: 1, height: 1 }) };
}

/** Whether a place is inside closed lines, by the even–odd rule. */
function surrounded(paths, x, y) {
  let inside = false;
  for (const path of paths) {
    for (let i = 0; i + 3 < path.length; i += 2) {
      const [x1, y1, x2, y2] = path.slice(i, i + 4);
      if (y1 > y !== y2 > y && x < x1 + ((x2 - x1) * (y - y1)) / (y2 - y1)) inside = !inside;
    }
  }
  return inside;
}

test('lines surround the shares of the points that they say', () => {
  const panel = makePanel(4000);
  const density = densityOf(panel, 0);
  assert.equal(density.points, 4000);
  const place = makePlacer(panel);
  for (const share of [0.5, 0.9]) {
    const { paths } = contourOf(density, share);
    let inside = 0;
    for (let v = 0; v < panel.count; v++) {
      const { x, y } = place(v);
      if (panel.cloud.kinds[v] === 0 && surrounded(paths, x - rect.x, y - rect.y)) inside++;
    }
    assert.ok(Math.abs(inside / 4000 - share) < 0.03, `${inside / 4000} for ${share}`);
  }
});

test('lines are closed, and few', () => {
  const { paths, area } = contourOf(densityOf(makePanel(4000), 0), 0.5);
  assert.equal(paths.length, 1);
  const [path] = paths;
  assert.ok(Math.hypot(path[0] - path.at(-2), path[1] - path.at(-1)) < 0.1);
  // Half of a normal spread lies within 1.177 deviations, of 60 pixels each; spreading counts widens it a little.
  const radius = Math.sqrt(area / Math.PI);
  assert.ok(radius > 68 && radius < 76, `${radius}`);
});

test('no points have no lines', () => {
  const panel = makePanel(3);
  assert.deepEqual(contourOf(densityOf({ ...panel, count: 0 }, 0), 0.5).paths, []);
});
