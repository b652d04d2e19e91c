import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawStrokes, strokesFrom, strokesTo } from '../../../site_templates/src/views/lines/strokes.js';

const WEIGHTS = [[0.5, 0.495, 0.005], [0.009, 0.2, 0.791]];

test('a line for each weight of a query in sight that reaches one per cent', () => {
  const keys = new Map([[0, 10], [1, 30], [2, 50]]);
  const strokes = strokesFrom([{ token: 0, y: 12 }, { token: 1, y: 32 }], keys, (query) => WEIGHTS[query]);
  assert.deepEqual(strokes, [
    { from: 12, to: 10, weight: 0.5 }, { from: 12, to: 30, weight: 0.495 },
    { from: 32, to: 30, weight: 0.2 }, { from: 32, to: 50, weight: 0.791 },
  ]);
  const hidden = strokesFrom([{ token: 0, y: 12 }], new Map([[2, 50]]), () => WEIGHTS[0]);
  assert.equal(hidden.length, 0, 'hidden keys have none');
});

test('what comes in at a key, from queries out of sight too', () => {
  const column = WEIGHTS.map((row) => row[1]);
  assert.deepEqual(strokesTo(30, new Map([[0, -500], [1, 32]]), column), [
    { from: -500, to: 30, weight: 0.495 }, { from: 32, to: 30, weight: 0.2 },
  ]);
});

test('the more attention, the stronger the line', () => {
  const alphas = [];
  const ink = {
    globalAlpha: 1, beginPath() {}, moveTo() {}, lineTo() {},
    stroke() { alphas.push(this.globalAlpha); },
  };
  const strokes = [0.01, 0.3, 1].map((weight) => ({ from: 0, to: 0, weight }));
  drawStrokes(ink, strokes, [0, 0, 0], { left: 0, right: 100 });
  assert.equal(alphas.length, 3);
  assert.ok(alphas[0] >= 0.04 && alphas[0] < alphas[1] && alphas[1] < alphas[2]);
  assert.equal(alphas[2], 1);
});
