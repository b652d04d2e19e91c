import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strongestOffset } from '../../../site_templates/src/shell/inspector/profile.js';

test('the offset with most attention is counted from the token itself', () => {
  assert.deepEqual(strongestOffset([0.1, 0.7, 0.2, null, null]), { offset: -1, share: 0.7 });
  assert.deepEqual(strongestOffset([null, 0, 0.1, 0.2, 0.3]), { offset: 2, share: 0.3 });
  assert.deepEqual(strongestOffset([null, null, 0.5]), { offset: 1, share: 0.5 });
});
