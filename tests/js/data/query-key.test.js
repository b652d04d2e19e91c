import assert from 'node:assert/strict';
import { test } from 'node:test';
import { integerCodes, seeded, textbookAttention, vectors } from './fixture.js';
import { pairTerms, withVectors } from '../../../site_templates/src/data/terms.js';
import { assertAttention, openSingle } from './single.js';

const TOKENS = 7;
const SIZE = 3;
const LARGEST = { 'query-key-int8': 127, 'query-key-int16': 32767 };
const causal = (i) => [0, i + 1];

/** Codes of seeded vectors, and the vectors that they decode to. */
function encode(encoding, values, mean) {
  const { codes, scale } = encoding === 'query-key-float32'
    ? { codes: values.map((row) => row.map(Math.fround)), scale: null }
    : integerCodes(values, LARGEST[encoding]);
  const decoded = codes.map((row, i) => row.map((code, c) => code * (scale ? scale[i] : 1) + (mean ? mean[c] : 0)));
  return { codes: codes.flat(), scale, decoded };
}

/** Shard rows of `groups` query heads that share one kv head, and each head's attention. */
function make(encoding, { groups = 1, scaling = 0.7, softcap = null, sink = null, interval = causal } = {}) {
  const random = seeded(5);
  const mean = vectors(random, 1, SIZE, 2)[0].map(Math.fround);
  const balance = mean.map(() => 1);
  const k = encode(encoding, vectors(random, TOKENS, SIZE, 3), mean);
  const shared = { document: 0, start: 0, rows: TOKENS, balance };
  const rows = [{ ...shared, side: 1, head: 0, codes: k.codes, scale: k.scale, mean }];
  const truth = [];
  for (let head = 0; head < groups; head++) {
    const q = encode(encoding, vectors(random, TOKENS, SIZE, 3));
    const attention = textbookAttention(q.decoded, k.decoded, { scaling, softcap, sink, interval });
    truth.push(attention.map(({ row }) => row));
    rows.push({ ...shared, side: 0, head, codes: q.codes, scale: q.scale, lse: attention.map(({ lse }) => lse) });
  }
  return { rows, truth, rule: { scaling, softcap, mask: { kind: 'causal' } } };
}

const open = (encoding, { rows, rule }, options = {}) => openSingle({
  tokens: TOKENS, encoding, shards: [rows], rule, size: SIZE, ...options,
});

for (const encoding of ['query-key-int8', 'query-key-int16', 'query-key-float32']) {
  test(`${encoding}: rows and columns from the decoded vectors`, async () => {
    const head = make(encoding);
    assertAttention(assert, await open(encoding, head).attention('toy', 'L0H0', 0), head.truth[0], 1e-12);
  });
}

test('a soft cap and a sink', async () => {
  const head = make('query-key-int16', { softcap: 2, sink: 0.5 });
  const attention = await open('query-key-int16', head, { heads: [{ sink: 0.5 }] }).attention('toy', 'L0H0', 0);
  assertAttention(assert, attention, head.truth[0], 1e-12);
  assert.ok(attention.row(0)[0] < 0.9, 'the sink takes its share');
});

test('grouped queries share the keys of their kv head', async () => {
  const group = make('query-key-int8', { groups: 3 });
  const report = open('query-key-int8', group, { heads: [0, 1, 2].map(() => ({ kv_head: 0 })) });
  for (const index of [0, 1, 2]) {
    assertAttention(assert, await report.attention('toy', `L0H${index}`, 0), group.truth[index], 1e-12);
  }
});

test('stored intervals with an empty row', async () => {
  const interval = (i) => (i === 3 ? [2, 2] : [Math.max(0, i - 2), i + 1]);
  const head = make('query-key-int8', { interval });
  const rule = { ...head.rule, mask: { kind: 'intervals', shards: ['mask'] } };
  const intervals = Array.from({ length: TOKENS }, (_, i) => interval(i));
  const mask = { lo: intervals.map(([lo]) => lo), hi: intervals.map(([, hi]) => hi) };
  const attention = await open('query-key-int8', { ...head, rule }, {
    add: (folder) => folder.add('mask', 'mask', [mask], { documents: [0, 1] }),
  }).attention('toy', 'L0H0', 0);
  assertAttention(assert, attention, head.truth[0], 1e-12);
  assert.ok(attention.row(3).every(Number.isNaN));
});

test('a column costs one pass over the queries that can see its key', async () => {
  const attention = await open('query-key-int8', make('query-key-int8')).attention('toy', 'L0H0', 0);
  attention.column(0);
  assert.equal(attention.visited, TOKENS);
  attention.column(5);
  assert.equal(attention.visited, TOKENS - 5);
  attention.row(2);
  assert.equal(attention.visited, 3);
});

test('vectors of the wrong size, and queries without lse, are refused by name', async () => {
  const head = make('query-key-int8');
  const [keys, queries] = head.rows;
  const cases = [
    [[keys, { ...queries, lse: null }], /has no lse/],
    [[{ ...keys, mean: keys.mean.slice(1) }, queries], /2 values in mean, not 3/],
    [[keys, { ...queries, codes: queries.codes.slice(1) }], /20 values in codes, not 21/],
    [[keys, { ...queries, scale: queries.scale.slice(1) }], /6 values in scale, not 7/],
    [[queries], /has 0 of 7 rows/],
  ];
  for (const [rows, message] of cases) {
    const expected = (error) => error.kind === 'format' && message.test(error.message);
    await assert.rejects(open('query-key-int8', { ...head, rows }).attention('toy', 'L0H0', 0), expected);
  }
});

test('terms of a pair: the model’s own vectors, whose products end in the row', async () => {
  const head = make('query-key-int16', { softcap: 2, sink: 0.5 });
  const balance = [2, 0.5, 1];
  head.rows.forEach((row) => { row.balance = balance; });
  const stored = await open('query-key-int16', head, { heads: [{ sink: 0.5 }] }).attention('toy', 'L0H0', 0);
  const attention = withVectors(stored);
  const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
  for (let query = 0; query < TOKENS; query++) {
    const q = attention.query(query);
    const codes = head.rows[1].codes.slice(query * SIZE, (query + 1) * SIZE);
    q.forEach((value, c) => near(value, Math.fround(head.rows[1].scale[query]) * codes[c] / balance[c]));
    const row = stored.row(query);
    for (let key = 0; key < TOKENS; key++) {
      const terms = pairTerms(attention, q, query, key);
      near(terms.weight, row[key]);
      near(terms.dot, terms.products.reduce((sum, product) => sum + product));
      near(terms.score, 2 * Math.tanh(terms.dot * 0.7 / 2));
      assert.equal(terms.allowed, key <= query);
    }
  }
});

test('attention alone has no terms', () => {
  assert.equal(withVectors({ encoding: 'dense-uint8' }), undefined);
});
