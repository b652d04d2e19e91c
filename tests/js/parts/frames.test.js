import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framesOf, sharesOfFrames } from '../../../site_templates/src/parts/frames.js';

/** A special token, then three frames of 1 × 2 patches on a sheet of 2 × 2. */
const tokens = { row: Int16Array.of(-1, 0, 0, 0, 0, 1, 1), column: Int16Array.of(-1, 0, 1, 2, 3, 0, 1) };

test('patches have their frame, and their place on a strip of frames', () => {
  const { count, rows, columns, frame, row, column } = framesOf(tokens, { down: 2, across: 2 });
  assert.deepEqual([count, rows, columns], [3, 1, 2]);
  assert.deepEqual([...frame], [-1, 0, 0, 1, 1, 2, 2]);
  assert.deepEqual([...row], [-1, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual([...column], [-1, 0, 1, 2, 3, 4, 5]);
});

test('a frame has the sum or the mean of its patches', () => {
  const frames = framesOf(tokens, { down: 2, across: 2 });
  const values = [0.5, 0.125, 0.125, 0.25, NaN, 0, 0.5];
  assert.deepEqual([...sharesOfFrames(frames, values, 'sum')], [0.25, 0.25, 0.5]);
  assert.deepEqual([...sharesOfFrames(frames, values, 'mean')], [0.125, 0.25, 0.25]);
});
