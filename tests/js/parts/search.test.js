/** Where a query is found, by tokens; and which hit comes next. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findHits, hitsOf } from '../../../site_templates/src/parts/search/hits.js';
import { placeAmong } from '../../../site_templates/src/parts/search/search.js';
import { PatternError } from '../../../site_templates/src/state/find/pattern.js';
import { headsCalled, readQuery } from '../../../site_templates/src/state/find/query.js';

/** "[CLS] un ##believ ##able , 🙂 🙂 [SEP]": the smile has two tokens on one place. */
const TOKENS = {
  texts: ['[CLS]', 'un', '##believ', '##able', ',', 'ð', 'Ł', '[SEP]'],
  start: [-1, 0, 2, 8, 12, 14, 14, -1],
  end: [-1, 2, 8, 12, 13, 15, 15, -1],
};

test('a match is the tokens that share a character with it', () => {
  const hits = (spans, pieces = []) => hitsOf(TOKENS, spans, new Set(pieces));
  assert.deepEqual(hits([{ start: 0, end: 12 }]), [[1, 3]]);
  assert.deepEqual(hits([{ start: 3, end: 4 }, { start: 5, end: 9 }]), [[2, 3]]);
  assert.deepEqual(hits([{ start: 14, end: 15 }]), [[5, 6]]);
  assert.deepEqual(hits([{ start: 13, end: 14 }]), [], 'a blank between tokens');
  assert.deepEqual(hits([], ['[cls]', '##able']), [[0, 0], [3, 3]]);
});

const TEXTS = ['unbelievable, 🙂', 'no such thing', 'unbelievable, 🙂'];

/** A report of one axis whose documents all have the same tokens. */
function reportOf(texts, log = []) {
  return {
    model: () => ({ axes: [{ name: 'text', kind: 'text' }, { name: 'image', kind: 'image' }] }),
    axis: async () => ({ lengths: texts.map(() => 8), offsets: [...texts.map((_, i) => 8 * i), 8 * texts.length] }),
    documents: async () => ({ count: texts.length, error: () => undefined, text: (document) => texts[document] }),
    tokens: async (_, axis, document) => {
      log.push(`${axis} ${document}`);
      return TOKENS;
    },
  };
}

const WORK = { breathe: () => undefined, progress: () => {} };

test('hits of all documents, their forms, and their tokens in corpus order', async () => {
  const hits = await findHits(reportOf(TEXTS), 'mini', readQuery('Unbelievable'), WORK);
  assert.deepEqual(hits.all, [0, 2].map((document) => ({ document, axis: 'text', first: 1, last: 3 })));
  assert.deepEqual(hits.documents, [{ document: 0, count: 1 }, { document: 2, count: 1 }]);
  assert.deepEqual(hits.forms, [{ text: 'unbelievable', count: 2 }]);
  assert.deepEqual([...hits.lit('text').keys()].filter((token) => hits.lit('text')[token]), [1, 2, 3, 17, 18, 19]);
  assert.equal(hits.lit('image'), undefined);
});

test('a pattern reads the tokens of documents where it is found, and of no others', async () => {
  const log = [];
  await findHits(reportOf(TEXTS, log), 'mini', readQuery('/un\\w+/'), WORK);
  assert.deepEqual(log, ['text 0', 'text 2']);
});

test('what takes too much work is an error in words', async () => {
  // Each "a" is a match, and each search for the next goes on to the end, where a "b" might come.
  const slow = findHits(reportOf(['a'.repeat(30_000)]), 'mini', readQuery('/a(?:.*b)?/'), WORK);
  await assert.rejects(slow, (error) => error instanceof PatternError && /too long/.test(error.message));
});

test('a query is words with pieces, or a pattern', () => {
  assert.deepEqual([...readQuery('##able').pieces], ['##able']);
  assert.ok(readQuery('␣The').pieces.has('ġthe') && readQuery('␣The').pieces.has('▁the'));
  assert.equal(readQuery('/abc').pieces.size, 0);
  assert.throws(() => readQuery('/abc/g'), PatternError);
});

test('heads go by their names and by the beginnings of labels', () => {
  const labels = [{ name: 'first-token', title: 'First token' }, { name: 'self', title: 'Same position' }];
  const heads = [
    { id: 'L0H0', labels: [{ name: 'self' }] }, { id: 'L0H1' },
    { id: 'cross.L0H0', labels: [{ name: 'first-token' }, { name: 'self' }] },
  ];
  const called = (text) => headsCalled(text, { labels }, heads).map(({ id }) => id);
  assert.deepEqual(called('same'), ['L0H0', 'cross.L0H0']);
  assert.deepEqual(called('FIRST token'), ['cross.L0H0']);
  assert.deepEqual(called('l0h1'), ['L0H1']);
  assert.deepEqual(called('token'), []);
});

test('the place of a selection among hits', () => {
  const hits = [[0, 'source', 3], [0, 'source', 7], [0, 'target', 1], [4, 'source', 2]]
    .map(([document, axis, first]) => ({ document, axis, first, last: first }));
  const at = (document, axis, first) => placeAmong(hits, { document, axis, first });
  assert.deepEqual(at(-1, 'source', -1), { index: 0, exact: false });
  assert.deepEqual(at(0, 'source', 3), { index: 0, exact: true });
  assert.deepEqual(at(0, 'source', 5), { index: 1, exact: false });
  assert.deepEqual(at(0, 'source', 8), { index: 2, exact: false });
  assert.deepEqual(at(0, 'target', 1), { index: 2, exact: true });
  assert.deepEqual(at(2, 'source', 0), { index: 3, exact: false });
  assert.deepEqual(at(9, 'source', 0), { index: 4, exact: false });
});
