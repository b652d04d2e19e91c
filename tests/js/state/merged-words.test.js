import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findWords, mergeAttention, mergeTokens } from '../../../site_templates/src/state/merged-words.js';

/** Tokens of a text, each [piece, start, end]; a piece without offsets is special. */
function tokensOf(pieces, segment = () => 0) {
  const column = (at, missing) => Int32Array.from(pieces, (piece) => piece[at] ?? missing);
  return {
    texts: pieces.map(([piece]) => piece),
    start: column(1, -1),
    end: column(2, -1),
    special: pieces.map((piece) => piece.length === 1),
    segment: Uint8Array.from(pieces, segment),
    ids: Int32Array.from(pieces, (_, i) => 10 + i),
    kind: 'text',
    crop: null,
    labels: new Map([['part', pieces.map((_, i) => `p${i}`)]]),
    row: new Int16Array(pieces.length).fill(-1),
    column: new Int16Array(pieces.length).fill(-1),
    surface: () => '',
  };
}

const wordsIn = (text, pieces, segment) => Array.from(findWords(text, tokensOf(pieces, segment)).wordOf);

test('subwords of one word are joined, whatever the tokenizer', () => {
  const cases = [
    [
      'a caterpillar.',
      [['[CLS]'], ['a', 0, 1], ['cater', 2, 7], ['##pillar', 7, 13], ['.', 13, 14], ['[SEP]']],
      [0, 1, 2, 2, 3, 4],
    ],
    ['two words', [['Ġtwo', 0, 3], ['Ġwords', 4, 9]], [0, 1]],
    ['two words', [['two', 0, 3], [' words', 3, 9]], [0, 1]], // the space is the token's
    ['don’t', [['don', 0, 3], ['’', 3, 4], ['t', 4, 5]], [0, 1, 2]],
    ['\u{1F600}é', [['x', 0, 1], ['y', 0, 1], ['z', 0, 1], ['e', 1, 2]], [0, 0, 0, 1]],
    ['漢字かな', [['漢', 0, 1], ['字', 1, 2], ['かな', 2, 4]], [0, 1, 2]],
    ['слово', [['сло', 0, 3], ['во', 3, 5]], [0, 0]],
    ['', [], []],
    ['a', [['[CLS]'], ['[SEP]']], [0, 1]],
  ];
  for (const [text, pieces, expected] of cases) assert.deepEqual(wordsIn(text, pieces), expected, text);
});

test('a prompt and its completion are never one word', () => {
  assert.deepEqual(wordsIn('never', [['ne', 0, 2], ['ver', 2, 5]], (_, i) => i), [0, 1]);
});

test('a word has its tokens’ text, and the properties of the first', () => {
  const text = '\u{1F600} caterpillars';
  const tokens = tokensOf([['x', 0, 1], ['y', 0, 1], ['cater', 2, 7], ['pillar', 7, 13], ['s', 13, 14]]);
  const merged = mergeTokens(text, tokens, findWords(text, tokens));
  assert.deepEqual(merged.texts, ['x y', 'cater pillar s']);
  assert.deepEqual([merged.surface(0), merged.surface(1)], ['\u{1F600}', 'caterpillars']);
  assert.deepEqual(merged.labels.get('part'), ['p0', 'p2']);
  assert.deepEqual([[...merged.ids], [...merged.start], [...merged.end]], [[10, 12], [0, 2], [1, 14]]);
});

/** Attention from rows; null rows are those that may see nothing. */
function attentionOf(rows, intervals) {
  return {
    encoding: 'test', queryAxis: 'text', keyAxis: 'text', queries: rows.length, keys: 4, visited: 1, bytes: 0,
    row: (i) => Float64Array.from(rows[i]),
    column: (j) => Float64Array.from(rows, (row) => row[j]),
    interval: (i) => intervals[i],
  };
}

const WORDS = { starts: Uint32Array.of(0, 1, 3, 4), wordOf: Uint32Array.of(0, 1, 1, 2) };

test('to a word the sum, from a word the mean', () => {
  const rows = [[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.2, 0.3, 0.5, 0], [0.1, 0.2, 0.3, 0.4]];
  const merged = mergeAttention(attentionOf(rows, [[0, 1], [0, 2], [0, 3], [0, 4]]), WORDS, WORDS);
  const expected = [[1, 0, 0], [0.35, 0.65, 0], [0.1, 0.5, 0.4]];
  assert.deepEqual([merged.queries, merged.keys], [3, 3]);
  expected.forEach((row, i) => row.forEach((value, j) => {
    assert.ok(Math.abs(merged.row(i)[j] - value) < 1e-15);
    assert.equal(merged.column(j)[i], merged.row(i)[j]);
  }));
  assert.deepEqual([0, 1, 2].map((i) => merged.interval(i)), [[0, 1], [0, 2], [0, 3]]);
});

test('tokens that may see nothing do not count; a word of such tokens is undefined', () => {
  const rows = [Array(4).fill(NaN), Array(4).fill(NaN), [0, 0.5, 0.5, 0], [0, 0, 0, 1]];
  const merged = mergeAttention(attentionOf(rows, [[0, 0], [0, 0], [1, 3], [3, 4]]), WORDS, WORDS);
  assert.ok(merged.row(0).every(Number.isNaN));
  assert.deepEqual([...merged.row(1)], [0, 1, 0]);
  assert.deepEqual([...merged.column(1)], [NaN, 1, 0]);
  assert.deepEqual([merged.interval(0), merged.interval(1)], [[0, 0], [1, 2]]);
});
