import assert from 'node:assert/strict';
import { test } from 'node:test';
import { biasOf } from '../../../site_templates/src/data/score.js';
import { integerCodes, seeded, textbookAttention, vectors } from './fixture.js';
import { assertAttention, openSingle } from './single.js';

const QUERIES = 6;
const SIZE = 3;
const causal = (i) => [0, i + 1];

test('a relative bias counts distances up to its reach', () => {
  const bias = { kind: 'relative', size: 5, values: Float32Array.of(-2, -1, 0, 1, 2) };
  const cases = [[3, 3, 0], [3, 4, 1], [3, 2, -1], [0, 2, 2], [0, 9, 2], [9, 0, -2]];
  for (const [query, key, expected] of cases) assert.equal(biasOf(bias, query, key), expected, `${query}, ${key}`);
  assert.equal(biasOf({ kind: 'relative', size: 1, values: Float32Array.of(7) }, 4, 2), 7);
  assert.equal(biasOf(null, 4, 2), 0);
});

test('a table has a value for each pair of places', () => {
  const bias = { kind: 'table', size: 3, values: Float32Array.from({ length: 9 }, (_, i) => i) };
  assert.deepEqual([[0, 0], [0, 2], [2, 0], [2, 2]].map(([query, key]) => biasOf(bias, query, key)), [0, 2, 6, 8]);
});

test('in windows, a table has a value for each pair of places in a window', () => {
  const bias = { kind: 'table', size: 2, values: Float32Array.of(0, 1, 2, 3), places: Uint16Array.of(1, 0, 1, 0) };
  assert.deepEqual([[0, 0], [0, 3], [3, 2], [1, 1]].map(([query, key]) => biasOf(bias, query, key)), [3, 2, 1, 0]);
});

/** A query–key report of one document under a bias, with the attention that it must give. */
function make(kind, size, options = {}) {
  const { keys = QUERIES, softcap = null, sink = null, interval = () => [0, keys], mask = 'full', places } = options;
  const random = seeded(23);
  const values = vectors(random, 1, kind === 'table' ? size * size : size, 2)[0].map(Math.fround);
  const reach = (size - 1) / 2;
  const at = (i) => places?.[i] ?? i;
  const bias = (i, j) => (
    kind === 'table' ? values[at(i) * size + at(j)] : values[reach + Math.max(-reach, Math.min(reach, j - i))]
  );
  const q = integerCodes(vectors(random, QUERIES, SIZE, 2), 127);
  const k = integerCodes(vectors(random, keys, SIZE, 2), 127);
  const decoded = ({ codes, scale }) => codes.map((row, i) => row.map((code) => code * scale[i]));
  const attention = textbookAttention(decoded(q), decoded(k), { scaling: 0.6, softcap, sink, interval, bias });
  const shared = { head: 0, document: 0, start: 0, balance: [1, 1, 1] };
  const rows = [
    { ...shared, side: 0, rows: QUERIES, codes: q.codes.flat(), scale: q.scale, lse: attention.map(({ lse }) => lse) },
    { ...shared, side: 1, rows: keys, codes: k.codes.flat(), scale: k.scale, mean: [0, 0, 0] },
  ];
  const open = ({
    entry = { kind, size },
    stored = [{ head: 0, values }],
    heads = [{ bias: 0, sink }],
    tokens = QUERIES,
  } = {}) => openSingle({
    tokens, keys: keys === QUERIES ? undefined : keys, encoding: 'query-key-int8', shards: [rows], size: SIZE, heads,
    rule: { scaling: 0.6, softcap, mask: { kind: mask } }, biases: [{ ...entry, shard: 'bias' }], places,
    add: (folder) => folder.add('bias', 'bias', stored),
  });
  return { open, values, truth: attention.map(({ row }) => row) };
}

const cases = [
  ['relative, shorter than the document', make('relative', 5)],
  ['relative, longer than the document', make('relative', 41)],
  ['relative, causal', make('relative', 7, { interval: causal, mask: 'causal' })],
  ['table', make('table', QUERIES)],
  ['table of places in windows', make('table', 3, { places: [0, 1, 2, 1, 0, 2] })],
  ['table larger than the document', make('table', 9)],
  ['after a soft cap, with a sink', make('relative', 9, { softcap: 1.5, sink: 0.3 })],
  ['relative, between two axes', make('relative', 7, { keys: 9 })],
];
for (const [name, { open, truth }] of cases) {
  test(`rows and columns under a bias: ${name}`, async () => {
    assertAttention(assert, await open().attention('toy', 'L0H0', 0), truth, 1e-12);
  });
}

test('each head has its own bias, found by its number', async () => {
  const { open, values, truth } = make('relative', 5);
  const heads = [{ bias: 0, head: 3 }, { bias: null, head: 0, kv_head: 0 }];
  const report = open({ heads, stored: [{ head: 2, values: values.map(() => 9) }, { head: 0, values }] });
  await assert.rejects(report.attention('toy', 'L0H3', 0), /no bias of head 3/);
  const plain = await report.attention('toy', 'L0H0', 0);
  assert.ok(Math.abs(plain.row(0)[0] - truth[0][0]) > 1e-3, 'a head without a bias takes none');
});

test('biases against the format are refused by name', async () => {
  const relative = make('relative', 5);
  const table = make('table', QUERIES);
  const refused = [
    [relative.open({ entry: { kind: 'relative', size: 4 } }), /relative bias has 4 distances/],
    [relative.open({ entry: { kind: 'rotary', size: 5 } }), /no kind of bias called rotary/],
    [relative.open({ entry: { kind: 'relative', size: 7 } }), /5 values in values, not 7/],
    [relative.open({ stored: [] }), /no bias of head 0/],
    [relative.open({ heads: [{ bias: 1 }] }), /toy has no bias 1/],
    [
      table.open({ entry: { kind: 'table', size: 5 }, stored: [{ head: 0, values: Array(25).fill(0) }] }),
      /L0H0 in document 0 has 6 tokens, its table of biases 5/,
    ],
    [make('table', 3, { places: [0, 1, 2] }).open(), /L0H0 in document 0 has 6 tokens, its table of biases 3/],
    [
      make('table', 3, { places: [0, 1, 2, 3, 0, 1] }).open(),
      /L0H0 in document 0 has tokens in places beyond its table of 3/,
    ],
  ];
  for (const [report, message] of refused) {
    const expected = (error) => error.kind === 'format' && message.test(error.message);
    await assert.rejects(report.attention('toy', 'L0H0', 0), expected, String(message));
  }
});
