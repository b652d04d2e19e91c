import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeLabels } from '../../../site_templates/src/draw/labels.js';

const bounds = { x: 0, y: 0, width: 200, height: 100 };
const label = (x, y, text = 'token') => ({ text, x, y, width: 40, height: 16, gap: 5 });

test('a label stands right of its point', () => {
  assert.deepEqual(placeLabels([label(50, 50)], bounds).map(({ x, y }) => [x, y]), [[55, 50]]);
});

test('at the right edge it goes left', () => {
  assert.deepEqual(placeLabels([label(190, 50)], bounds).map(({ x }) => x), [145]);
});

test('labels never overlap nor leave the bounds, and the first wins', () => {
  const many = Array.from({ length: 60 }, (_, i) => label(20 + (i * 37) % 160, 10 + (i * 53) % 80, String(i)));
  const labels = placeLabels(many, bounds);
  assert.ok(labels.length > 5 && labels.length < 60);
  assert.equal(labels[0].label.text, '0');
  labels.forEach((a, i) => {
    assert.ok(a.x >= 0 && a.x + 40 <= 200 && a.y >= 8 && a.y <= 92);
    labels.slice(i + 1).forEach((b) => assert.ok(Math.abs(a.x - b.x) >= 40 || Math.abs(a.y - b.y) >= 16));
  });
});

test('places in use are left alone', () => {
  assert.deepEqual(placeLabels([label(50, 50)], bounds, [bounds]), []);
});
