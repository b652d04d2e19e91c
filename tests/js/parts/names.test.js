import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clip, nameToken, nameType, tokenName } from '../../../site_templates/src/parts/names.js';

test('names of tokens are short and never empty', () => {
  assert.equal(tokenName(' the', 'Ġthe'), 'the');
  assert.equal(tokenName('', '[CLS]'), '[CLS]');
  assert.equal(tokenName('\n', 'Ċ'), '↵');
  assert.equal(tokenName('  ', 'ĠĠ'), '␣␣');
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

/** Tokens of a text, each a piece and its slice. @param {...[string, string]} pairs */
const tokensOf = (...pairs) => ({
  texts: pairs.map(([piece]) => piece), special: pairs.map(() => false), row: pairs.map(() => -1),
  surface: (/** @type {number} */ i) => pairs[i][1],
});

test('a part of a character is called by it and by its bytes', () => {
  const tokens = { ...tokensOf(['ðŁ', '🙂'], ['a', 'a']), names: ['🙂 1–2/4', null] };
  assert.deepEqual([0, 1].map((i) => nameToken(tokens, i)), ['🙂 1–2/4', 'a']);
  assert.deepEqual([0, 1].map((i) => nameType(tokens, i)), ['🙂 1–2/4', 'a']);
});

test('a type of tokens is called by its letters, and a blank before it is shown', () => {
  const tokens =
    tokensOf(['Ġthe', ' the'], ['cafÃ©', 'café'], ['##ly', 'ly'], ['▁Кот', 'Кот'], ['кот', 'Кот'], ['Ċ', '\n']);
  assert.deepEqual(tokens.texts.map((_, i) => nameType(tokens, i)), ['␣the', 'café', '##ly', '␣Кот', 'кот', '↵']);
});
