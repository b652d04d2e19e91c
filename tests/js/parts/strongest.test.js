import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strongest } from '../../../site_templates/src/parts/strongest.js';

test('the strongest come first, no more than asked for, none too weak', () => {
  assert.deepEqual(strongest([0.1, 0.5, 0.01, 0.3, NaN, 0.09], 0.05, 3), [
    { index: 1, weight: 0.5 }, { index: 3, weight: 0.3 }, { index: 0, weight: 0.1 },
  ]);
  assert.deepEqual(strongest([], 0, 3), []);
});
