import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROMPT, WHOLE } from '../../../site_templates/src/parts/passages.js';
import { cutText, makeBlocks } from '../../../site_templates/src/views/document/segments.js';

/** @param {[string, number, number, boolean?][]} list piece, start, end, special */
const tokens = (list) => ({
  texts: list.map(([text]) => text), start: Int32Array.from(list, ([, start]) => start),
  end: Int32Array.from(list, ([, , end]) => end), special: list.map(([, , , special]) => special ?? false),
  row: Int16Array.from(list, ([, , , , row]) => row ?? -1),
});
const brief = (pieces) => pieces.map(({ kind, text, token }) => (
  `${kind}${token >= 0 ? ` ${token}` : ''}${text ? ` ${text}` : ''}`));

test('tokens show the text itself, not the vocabulary’s pieces', () => {
  const pieces = cutText(
    'Walking dogs',
    tokens([['[CLS]', -1, -1, true], ['walk', 0, 4], ['##ing', 4, 7], ['dogs', 8, 12], ['[SEP]', -1, -1, true]]),
  );
  assert.deepEqual(brief(pieces), [
    'chip 0 [CLS]', 'token 1 Walk', 'token 2 ing', 'gap  ', 'token 3 dogs', 'chip 4 [SEP]',
  ]);
});

test('nothing of the text is lost', () => {
  const text = 'a\tb  c\r\nd\n\n e';
  const at = [0, 2, 5, 8, 12];
  const pieces = cutText(text, tokens(at.map((start) => [text[start], start, start + 1])));
  assert.equal(pieces.filter(({ kind }) => kind === 'token').length, 5);
  assert.deepEqual(pieces.filter(({ kind }) => kind === 'gap').map((piece) => piece.text), ['\t', '  ', ' ']);
  const breaks = pieces.filter(({ kind }) => kind === 'break' || kind === 'blank');
  assert.deepEqual(breaks.map(({ kind }) => kind), ['break', 'break', 'blank']);
});

test('offsets count code points', () => {
  const pieces = cutText('🙂 ok', tokens([['🙂', 0, 1], ['ok', 2, 4]]));
  assert.deepEqual(brief(pieces), ['token 0 🙂', 'gap  ', 'token 1 ok']);
});

test('pieces of one character: the first shows it, the others their names', () => {
  const pieces = cutText('é!', tokens([['Ã', 0, 1], ['©', 0, 1], ['!', 1, 2]]));
  assert.deepEqual(brief(pieces), ['token 0 é', 'chip 1 ©', 'token 2 !']);
});

test('a token that holds a line break breaks the line after it', () => {
  const pieces = cutText('a\nb', tokens([['a', 0, 1], ['Ċ', 1, 2], ['b', 2, 3]]));
  assert.deepEqual(pieces.map(({ kind }) => kind), ['token', 'token', 'break', 'token']);
});

test('what the model did not take is told apart', () => {
  assert.deepEqual(brief(cutText('one two three', tokens([['one', 0, 3]]))), ['token 0 one', 'rest  two three']);
  assert.deepEqual(brief(cutText('one  ', tokens([['one', 0, 3]]))), ['token 0 one', 'gap   ']);
});

test('a document without tokens is its text', () => {
  assert.deepEqual(brief(cutText('all of it', tokens([]))), ['rest all of it']);
});

test('markup stays text', () => {
  const text = '<script>alert(1)</script>';
  assert.deepEqual(cutText(text, tokens([[text, 0, text.length]]))[0].text, text);
});

test('only long documents are cut into blocks, whole and in order', () => {
  const list = Array.from(
    { length: 5000 }, (_, i) => /** @type {[string, number, number]} */ (['w', 2 * i, 2 * i + 1]),
  );
  const text = Array.from({ length: 5000 }, (_, i) => (i % 97 === 96 ? 'w\n' : i % 31 === 30 ? '. ' : 'w ')).join('');
  const pieces = cutText(text, tokens(list));
  const blocks = makeBlocks(pieces, 5000);
  assert.deepEqual(blocks.flat(), pieces);
  assert.ok(blocks.length > 20 && blocks.every((block) => block.filter(({ token }) => token >= 0).length <= 240));
  assert.equal(makeBlocks(pieces.slice(0, 500), 400).length, 1);
});

test('an image’s patches are one piece, wherever they stand', () => {
  const patch = (row) => ['', -1, -1, false, row];
  const pieces = cutText('Look', tokens([['<s>', -1, -1, true], patch(0), patch(0), patch(1), ['Look', 0, 4]]));
  assert.deepEqual(brief(pieces), ['chip 0 <s>', 'patches 1', 'token 4 Look']);
  assert.equal(pieces[1].until, 4);
});

test('a passage leaves out what another axis reads, and names its parts', () => {
  const text = 'The cat.\nDie Katze.';
  const source = tokens([['The', 0, 3], ['cat.', 4, 8], ['</s>', -1, -1, true]]);
  const target = tokens([['<pad>', -1, -1, true], ['Die', 9, 12], ['Katze.', 13, 19]]);
  assert.deepEqual(brief(cutText(text, source, { ...WHOLE, to: 8 })), [
    'token 0 The', 'gap  ', 'token 1 cat.', 'chip 2 </s>',
  ]);
  assert.deepEqual(brief(cutText(text, target, { ...WHOLE, from: 9 })), [
    'chip 0 <pad>', 'token 1 Die', 'gap  ', 'token 2 Katze.',
  ]);
  const pair = tokens([['a', 0, 1], ['b', 1, 2]]);
  const named = brief(cutText('ab', pair, { ...WHOLE, second: 1, names: PROMPT }));
  assert.deepEqual(named, ['mark prompt', 'token 0 a', 'mark completion', 'token 1 b']);
});

test('a character of several tokens is shown once, its other tokens by which part they are', () => {
  const list = /** @type {[string, number, number][]} */ ([['ðŁ', 0, 1], ['ĻĤ', 0, 1], ['!', 1, 2]]);
  const pieces = cutText('🙂!', { ...tokens(list), names: ['🙂 1–2/4', '🙂 3–4/4', null] });
  assert.deepEqual(brief(pieces), ['token 0 🙂', 'chip 1 🙂 3–4/4', 'token 2 !']);
});

test('a special token that is written in the text is a chip where it stands', () => {
  const pieces = cutText('a<s>b', tokens([['a', 0, 1], ['<s>', 1, 4, true], ['b', 4, 5]]));
  assert.deepEqual(brief(pieces), ['token 0 a', 'chip 1 <s>', 'token 2 b']);
});
