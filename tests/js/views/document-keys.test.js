import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyTarget } from '../../../site_templates/src/views/document/keys.js';

const PANEL = { text: { vertical: (token, down) => token + 10 * down } };

/** Tokens of places: null for what is no patch. */
function tokensOf(places) {
  return {
    texts: places.map(() => 'x'),
    special: places.map((place) => place === null),
    row: Int16Array.from(places, (place) => place?.[0] ?? -1),
    column: Int16Array.from(places, (place) => place?.[1] ?? -1),
  };
}
/** [CLS], then 2 × 4 patches window by window, each window 2 × 2. */
const WINDOWS = tokensOf([null, [0, 0], [0, 1], [1, 0], [1, 1], [0, 2], [0, 3], [1, 2], [1, 3]]);
const TEXT = tokensOf([null, null, null]);

const go = (key, from, tokens, hide = false) => keyTarget(key, from, tokens, PANEL, hide);

test('in a text, arrows go to the next token and to other lines', () => {
  assert.deepEqual(['ArrowLeft', 'ArrowRight', 'Home', 'End'].map((key) => go(key, 1, TEXT)), [0, 2, 0, 2]);
  assert.equal(go('ArrowRight', 2, TEXT), 2);
  assert.equal(go('x', 1, TEXT), undefined);
  assert.equal(go('ArrowRight', 0, tokensOf([])), undefined);
});

test('in an image, arrows go where they point, whatever the order of the patches', () => {
  const steps = [
    ['ArrowRight', 2, 5], ['ArrowLeft', 5, 2], ['ArrowDown', 2, 4], ['ArrowUp', 8, 6], ['ArrowRight', 4, 7],
  ];
  for (const [key, from, to] of steps) assert.equal(go(key, from, WINDOWS), to, `${key} from ${from}`);
});

test('at an image’s edge arrows stay, but for what stands beside it', () => {
  assert.equal(go('ArrowLeft', 1, WINDOWS), 0);
  assert.equal(go('ArrowLeft', 1, WINDOWS, true), 1, 'hidden tokens are no place to go');
  assert.equal(go('ArrowRight', 6, WINDOWS), 7, 'on to the next row');
  assert.equal(go('ArrowRight', 8, WINDOWS), 8);
});
