import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MASKED } from '../../../site_templates/src/parts/shading.js';
import { bothWays, makeShares } from '../../../site_templates/src/parts/token-shares.js';
import { keyTarget } from '../../../site_templates/src/views/document/keys.js';
import { firstToken, shownToken } from '../../../site_templates/src/views/document/tokens.js';

/** Three tokens, causal: a token sees itself and those before. */
const ROWS = [[1, 0, 0], [0.75, 0.25, 0], [0.5, 0.25, 0.25]];
const attention = {
  queries: 3, keys: 3,
  row: (i) => Float64Array.from(ROWS[i]),
  column: (j) => Float64Array.from(ROWS, (row) => row[j]),
  interval: (i) => [0, i + 1],
};
const tokens = (words, special = []) => ({
  texts: words,
  special: words.map((_, i) => special.includes(i)),
  row: words.map(() => -1),
  surface: (i) => words[i],
});
const text = tokens(['<s>', 'Alice', 'sat'], [0]);
const texts = { same: true, queries: text, keys: text };

test('what a mask forbids is marked, in rows and in columns', () => {
  const shares = makeShares(attention, texts);
  assert.deepEqual([...shares.row(1, false).levels].map((level) => level === MASKED), [false, false, true]);
  assert.deepEqual([...shares.column(1, false).levels].map((level) => level === MASKED), [true, false, false]);
});

test('hidden tokens take no part in the scale', () => {
  const shares = makeShares(attention, texts);
  const shade = shares.row(2, true);
  assert.equal(shade.top, 0.5);
  assert.equal(shares.leftOutShare(2), 0.5);
  assert.ok(Number.isNaN(shade.values[0]));
});

test('one axis twice looks both ways, two axes one way', () => {
  assert.deepEqual(bothWays({ side: 'query', token: 4 }, true), { query: 4, key: 4 });
  assert.deepEqual(bothWays({ side: 'key', token: 4 }, false), { query: null, key: 4 });
  assert.deepEqual(bothWays(undefined, true), { query: null, key: null });
});

test('the first token shown is a word', () => {
  assert.equal(firstToken(text), 1);
  assert.equal(firstToken(tokens(['[CLS]', 'x'.repeat(500), 'a', 'whale'], [0])), 3);
  assert.equal(firstToken(tokens(['[CLS]'], [0])), 0);
});

test('hidden tokens are stepped over', () => {
  const words = tokens(['<s>', 'a', '<x>', 'b', '</s>'], [0, 2, 4]);
  assert.equal(shownToken(words, 2, 1, true), 3);
  assert.equal(shownToken(words, 2, 1, false), 2);
  assert.equal(shownToken(words, 4, 1, true), undefined);
});

test('keys move among what is shown and stop at the ends', () => {
  const words = tokens(['<s>', 'a', '<x>', 'b', '</s>'], [0, 2, 4]);
  const panel = { text: { vertical: (from, down) => from + 2 * down } };
  const go = (key, from, hide = true) => keyTarget(key, from, words, panel, hide);
  assert.equal(go('ArrowRight', 1), 3);
  assert.equal(go('ArrowRight', 3), 3);
  assert.equal(go('ArrowLeft', 1), 1);
  assert.equal(go('Home', 3), 1);
  assert.equal(go('End', 1), 3);
  assert.equal(go('ArrowDown', 1), 3);
  assert.equal(go('x', 1), undefined);
});

test('faint shares are never painted as strong ones', () => {
  const faint = { ...attention, row: () => Float64Array.of(0.0004, 0.0002, 0), interval: () => [0, 3] };
  const { top, levels } = makeShares(faint, texts).row(0, false);
  assert.equal(top, 0.05);
  assert.ok(levels.every((level) => level < 8));
});
