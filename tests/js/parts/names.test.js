import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clip, nameToken, tokenName } from '../../../site_templates/src/parts/names.js';

test('names of tokens are short and never empty', () => {
  assert.equal(tokenName(' the', 'Ġthe'), 'the');
  assert.equal(tokenName('', '[CLS]'), '[CLS]');
  assert.equal(tokenName('\n', 'Ċ'), 'Ċ');
  assert.equal(tokenName('', ''), '∅');
  assert.equal(Array.from(tokenName('x'.repeat(10_000), 'x')).length, 33);
  assert.equal(clip('🙂🙂🙂', 2), '🙂🙂…');
});

test('a patch is called by its place, or by the name that it has', () => {
  const tokens = /** @type {any} */ ({
    row: [1, 1, -1],
    column: [2, 2, -1],
    texts: ['1,2', 'frame 2 r2 c3', '[CLS]'],
    surface: () => '',
  });
  assert.deepEqual([0, 1, 2].map((index) => nameToken(tokens, index)), ['r2 c3', 'frame 2 r2 c3', '[CLS]']);
});
