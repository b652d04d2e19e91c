import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameAt, frameStarts } from '../../../site_templates/src/views/document/frame-times.js';

const tokens = { texts: ['[CLS]', '0.00 s', '0.02 s', '0.04 s', '0.06 s'], row: Int16Array.of(-1, 0, 0, 0, 0) };

test('frames begin where their names say; other tokens do not', () => {
  assert.deepEqual([...frameStarts(tokens)], [NaN, 0, 0.02, 0.04, 0.06]);
  assert.deepEqual([...frameStarts({ texts: ['1,2', '3.5 s'], row: Int16Array.of(0, -1) })], [NaN, NaN]);
});

test('a time is in the frame that began last', () => {
  const starts = frameStarts(tokens);
  const near = ({ token, share }) => [token, Math.round(100 * share)];
  assert.deepEqual(near(frameAt(starts, 0)), [1, 0]);
  assert.deepEqual(near(frameAt(starts, 0.03)), [2, 50]);
  assert.deepEqual(near(frameAt(starts, 0.065)), [4, 25]);
  assert.deepEqual(near(frameAt(starts, 9)), [4, 100]);
  assert.deepEqual(frameAt(Float64Array.of(NaN), 1), { token: -1, share: 0 });
});
