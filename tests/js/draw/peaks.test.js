import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEAT_STEPS, makeHeat } from '../../../site_templates/src/draw/heat.js';
import { ALL_ROWS, paintPeaks, pool, rowsToTake } from '../../../site_templates/src/draw/peaks.js';

test('every row is taken while that is cheap, then one a pixel', () => {
  assert.equal(rowsToTake(300, 200).rows.length, 300);
  assert.equal(rowsToTake(ALL_ROWS, 200).sampled, false);
  const { rows, sampled } = rowsToTake(8192, 256);
  assert.ok(sampled);
  assert.equal(rows.length, 256);
  assert.ok(rows[0] >= 0 && rows[255] < 8192 && rows.every((row, i) => i === 0 || row > rows[i - 1]));
});

test('fewer pixels than tokens: the peak of each pixel survives', () => {
  const peaks = new Float32Array(4);
  const matrix = Array.from({ length: 6 }, () => Array(6).fill(0.1));
  matrix[4][1] = 0.9;
  matrix.forEach((row, query) => pool(peaks, 2, 2, query, 6, row));
  assert.deepEqual([...peaks].map((value) => Math.round(10 * value)), [1, 1, 9, 1]);
});

test('as many pixels as tokens: the matrix itself', () => {
  const peaks = new Float32Array(9);
  [[1, 0, 0], [0.5, 0.5, 0], [NaN, NaN, NaN]].forEach((row, query) => pool(peaks, 3, 3, query, 3, row));
  assert.deepEqual([...peaks], [1, 0, 0, 0.5, 0.5, 0, 0, 0, 0]);
});

test('more pixels than keys: each key fills its stretch', () => {
  const peaks = new Float32Array(4);
  pool(peaks, 4, 1, 0, 1, [0.25, 0.75]);
  assert.deepEqual([...peaks], [0.25, 0.25, 0.75, 0.75]);
});

test('peaks are coloured on the ladder of the text', () => {
  const heat = makeHeat([255, 255, 255], [0, 0, 200], [0, 0, 0]);
  const data = new Uint8ClampedArray(8);
  paintPeaks(Float32Array.of(0, 0.5), 0.5, data, heat);
  assert.deepEqual([...data], [255, 255, 255, 255, ...heat.colors[HEAT_STEPS], 255]);
});
