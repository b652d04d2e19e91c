import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPassage, PAIR, PROMPT } from '../../../site_templates/src/parts/passages.js';

/** Tokens as [start, end, segment]; −1 for no text. */
const spans = (list) => ({
  start: Int32Array.from(list, ([start]) => start), end: Int32Array.from(list, ([, end]) => end),
  segment: Uint8Array.from(list, ([, , segment]) => segment ?? 0),
});

test('all of a text alone is read', () => {
  const all = { from: 0, to: Infinity, second: -1, names: null };
  assert.deepEqual(findPassage('The cat.', spans([[-1, -1], [0, 3], [4, 8]]), []), all);
  assert.deepEqual(findPassage('', spans([]), []), all);
});

test('source and target are parted at their line break', () => {
  const text = 'The cat.\nDie Katze.';
  const source = spans([[0, 3], [4, 8], [-1, -1]]);
  const target = spans([[-1, -1], [9, 12], [13, 19]]);
  assert.deepEqual(findPassage(text, source, [target]), { from: 0, to: 8, second: -1, names: null });
  assert.deepEqual(findPassage(text, target, [source]), { from: 9, to: Infinity, second: -1, names: null });
});

test('an axis without text, as of an image, takes nothing away', () => {
  const text = spans([[0, 3]]);
  assert.equal(findPassage('cat', text, [spans([[-1, -1]])]).to, Infinity);
  assert.equal(findPassage('cat', spans([[-1, -1]]), [text]).from, Infinity, 'nor does it repeat the text');
});

test('a pair has a line break between its texts, a completion goes on from its prompt', () => {
  const pair = findPassage(
    'A b.\nC d.', spans([[-1, -1], [0, 1], [2, 4], [-1, -1], [5, 6, 1], [7, 9, 1], [-1, -1]]), [],
  );
  assert.deepEqual([pair.second, pair.names], [4, PAIR]);
  const prompt = findPassage('A b.\n\nC d.', spans([[0, 1], [2, 4], [4, 6], [6, 7, 1], [8, 10, 1]]), []);
  assert.deepEqual([prompt.second, prompt.names], [3, PROMPT]);
});
